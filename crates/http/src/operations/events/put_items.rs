//! `PutItems` keeps streamed items durably and shows them to the recommender before it answers.

use super::{Answer, Context, Empty};
use tastemaker_domain::schema::DatasetType;
use tastemaker_service::rows::{self, NewRow, PutRows};
use tastemaker_wire::events::PutItemsRequest;

pub async fn answer(context: &Context<'_>, request: PutItemsRequest) -> Answer<Empty> {
    let rows = request.items.into_iter().map(|item| NewRow { id: item.item_id, properties: item.properties });
    let put = PutRows { dataset_arn: request.dataset_arn, dataset_type: DatasetType::Items, rows: rows.collect() };
    rows::put(&context.state.service, put).await?;
    Ok(Empty {})
}
