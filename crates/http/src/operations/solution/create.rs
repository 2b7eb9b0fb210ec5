//! `CreateSolution` binds a recipe with its parameters to a dataset group.

use super::config::read_solution_config;
use crate::errors::refuse_choice_of_recipe;
use crate::operations::wire::{read_tags, required};
use crate::operations::{Answer, Context};
use tastemaker_service::solutions::{self, NewSolution};
use tastemaker_wire::personalize::{CreateSolutionRequest as Request, CreateSolutionResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    refuse_choice_of_recipe(&[("performAutoML", request.perform_auto_ml == Some(true))])?;
    let new = NewSolution {
        name: request.name,
        dataset_group_arn: request.dataset_group_arn,
        recipe_arn: required("recipeArn", request.recipe_arn)?,
        perform_tuning: request.perform_hpo.unwrap_or(false),
        perform_auto_training: request.perform_auto_training.unwrap_or(true),
        perform_incremental_update: request.perform_incremental_update,
        event_type: request.event_type,
        config: read_solution_config(request.solution_config.unwrap_or_default())?,
        tags: read_tags(request.tags)?,
    };
    let solution = solutions::create(context.service(), context.caller, new).await?;
    Ok(Response { solution_arn: Some(solution.arn) })
}
