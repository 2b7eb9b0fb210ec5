//! `CreateSolutionVersion` starts a training.

use crate::errors::Failure;
use crate::operations::{Answer, Context, wire::read_tags};
use tastemaker_domain::resource::TrainingMode;
use tastemaker_service::solution_versions::{self, NewSolutionVersion};
use tastemaker_wire::personalize::{
    CreateSolutionVersionRequest as Request, CreateSolutionVersionResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let training_mode = match request.training_mode.as_deref() {
        None => TrainingMode::Full,
        Some(word) => TrainingMode::parse(word)
            .ok_or_else(|| Failure::invalid(format!("trainingMode must be FULL or UPDATE, not '{word}'.")))?,
    };
    let new = NewSolutionVersion {
        name: request.name,
        solution_arn: request.solution_arn,
        training_mode,
        tags: read_tags(request.tags)?,
    };
    let version = solution_versions::create(context.service(), context.caller, new).await?;
    Ok(Response { solution_version_arn: Some(version.arn) })
}
