//! `CreateSolutionVersion`.

use super::common::tags;
use super::{Answer, Context};
use crate::errors::Failure;
use tastemaker_domain::resource::TrainingMode;
use tastemaker_service::solution_versions::{self, NewSolutionVersion};
use tastemaker_wire::personalize::{CreateSolutionVersionRequest, CreateSolutionVersionResponse};

/// Starts a training.
pub async fn answer(
    context: &Context<'_>,
    request: CreateSolutionVersionRequest,
) -> Answer<CreateSolutionVersionResponse> {
    let training_mode = match request.training_mode.as_deref() {
        None => TrainingMode::Full,
        Some(word) => TrainingMode::parse(word)
            .ok_or_else(|| Failure::invalid(format!("trainingMode must be FULL or UPDATE, not '{word}'.")))?,
    };
    let new = NewSolutionVersion { name: request.name, solution_arn: request.solution_arn, training_mode, tags: tags(request.tags)? };
    let version = solution_versions::create(&context.state.service, context.caller, new).await?;
    Ok(CreateSolutionVersionResponse { solution_version_arn: Some(version.arn) })
}
