//! `DescribeSolutionVersion` shows a solution version.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::solution_versions;
use tastemaker_wire::personalize::{
    DescribeSolutionVersionRequest as Request, DescribeSolutionVersionResponse as Response,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = solution_versions::describe(context.service(), &request.solution_version_arn).await?;
    Ok(Response { solution_version: Some(wire::solution_version(found)) })
}
