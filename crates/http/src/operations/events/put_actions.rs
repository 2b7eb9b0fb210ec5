//! `PutActions` keeps streamed actions durably and shows them to the recommender before it answers.

use super::{Answer, Context, Empty};
use tastemaker_domain::schema::DatasetType;
use tastemaker_service::rows::{self, NewRow, PutRows};
use tastemaker_wire::events::PutActionsRequest;

pub async fn answer(context: &Context<'_>, request: PutActionsRequest) -> Answer<Empty> {
    let rows = request.actions.into_iter().map(|action| NewRow { id: action.action_id, properties: action.properties });
    let put = PutRows { dataset_arn: request.dataset_arn, dataset_type: DatasetType::Actions, rows: rows.collect() };
    rows::put(&context.state.service, put).await?;
    Ok(Empty {})
}
