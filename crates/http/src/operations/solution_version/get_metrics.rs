//! `GetSolutionMetrics` shows the offline metrics of an ACTIVE solution version.

use crate::operations::{Answer, Context};
use tastemaker_service::solution_versions;
use tastemaker_wire::personalize::{GetSolutionMetricsRequest as Request, GetSolutionMetricsResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let metrics = solution_versions::metrics(context.service(), &request.solution_version_arn).await?;
    Ok(Response { metrics, solution_version_arn: Some(request.solution_version_arn) })
}
