//! `GetSolutionMetrics`.

use super::{Answer, Context};
use tastemaker_service::solution_versions;
use tastemaker_wire::personalize::{GetSolutionMetricsRequest, GetSolutionMetricsResponse};

/// Shows the offline metrics of an ACTIVE solution version.
pub async fn answer(context: &Context<'_>, request: GetSolutionMetricsRequest) -> Answer<GetSolutionMetricsResponse> {
    let metrics = solution_versions::metrics(&context.state.service, &request.solution_version_arn).await?;
    Ok(GetSolutionMetricsResponse { metrics, solution_version_arn: Some(request.solution_version_arn) })
}
