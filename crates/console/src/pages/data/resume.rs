//! Copies before imports that were not over when the server ended, which go on when it starts.

use super::job::describe;
use super::known::dataset_arn;
use super::plan::{Plan, Work, end};
use super::schema_form::SchemaForm;
use super::{import, rest, schema};
use crate::cx::{Cx, CxParts};
use crate::preparations::{Outcome, Preparation};
use crate::session::{Role, Session};
use crate::state::ConsoleState;
use std::sync::Arc;

/// Goes on with what was not over when the server ended. Those that nobody may change anything for any more wait.
pub(crate) async fn resume(console: ConsoleState) {
    if console.config.read_only {
        return;
    }
    for (id, text) in console.ports.planned_copies.left().await {
        let Ok(plan) = serde_json::from_str::<Plan>(&text) else {
            tracing::warn!(id, "the plan of a copy cannot be read and is forgotten");
            console.ports.planned_copies.forget(&id).await;
            continue;
        };
        tracing::info!(location = plan.location, "a copy before an import goes on");
        let preparation = console.preparations.again(&id, &plan.group, &plan.location, plan.form.clone());
        tokio::spawn(go_on(context(&console, &plan), plan, preparation));
    }
}

/// The context of who sent the form.
fn context(console: &ConsoleState, plan: &Plan) -> Cx {
    let parts = CxParts {
        language: plan.language,
        session: Session { key_id: plan.key_id.clone(), role: Role::Edit, expires_s: None },
        base: format!("{}/console", console.config.base_path),
        path: "/".to_owned(),
        theme: None,
        by_script: false,
        client: Default::default(),
        endpoint: String::new(),
    };
    Cx::new(console.clone(), parts)
}

async fn go_on(cx: Cx, plan: Plan, preparation: Arc<Preparation>) {
    let outcome = match plan.work {
        Work::Mapped { fields } => mapped(&cx, &plan.group, &fields, &preparation).await,
        Work::Readable { job, name } => readable(&cx, &job, name, &preparation).await,
    };
    end(&cx, &preparation, outcome).await;
}

async fn mapped(cx: &Cx, group: &str, fields: &[(String, String)], preparation: &Preparation) -> Outcome {
    let form = match SchemaForm::sent(fields) {
        Ok(form) => form,
        Err(wrong) => return Outcome::Refused(wrong),
    };
    // The server ended after the import had begun.
    if describe(cx, &form.job_name).await.is_ok() {
        return Outcome::Begun { job_name: form.job_name, copied: None };
    }
    let is_present = matches!(schema::present(cx, &dataset_arn(cx, group, form.kind)).await, Ok(Some(_)));
    let rewrite = form.rewrite();
    import::copy_and_begin(cx, group, &form, &rewrite, is_present, preparation).await.0
}

async fn readable(cx: &Cx, job: &str, name: String, preparation: &Preparation) -> Outcome {
    if describe(cx, &name).await.is_ok() {
        return Outcome::Begun { job_name: name, copied: None };
    }
    match rest::Rest::of(cx, job).await {
        Ok(rest) => rest.copy_and_begin(cx, name, preparation).await,
        Err(error) => Outcome::Refused(crate::layout::error(cx, &error).0),
    }
}
