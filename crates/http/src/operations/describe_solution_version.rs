//! `DescribeSolutionVersion`.

use super::{Answer, Context, to_wire};
use tastemaker_service::solution_versions;
use tastemaker_wire::personalize::{DescribeSolutionVersionRequest, DescribeSolutionVersionResponse};

/// Shows a solution version.
pub async fn answer(context: &Context<'_>, request: DescribeSolutionVersionRequest) -> Answer<DescribeSolutionVersionResponse> {
    let found = solution_versions::describe(&context.state.service, &request.solution_version_arn).await?;
    Ok(DescribeSolutionVersionResponse { solution_version: Some(to_wire::solution_version(found)) })
}
