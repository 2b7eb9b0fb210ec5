//! `PutUsers` keeps streamed users durably and shows them to the recommender before it answers.

use super::{Answer, Context, Empty};
use tastemaker_domain::schema::DatasetType;
use tastemaker_service::rows::{self, NewRow, PutRows};
use tastemaker_wire::events::PutUsersRequest;

pub async fn answer(context: &Context<'_>, request: PutUsersRequest) -> Answer<Empty> {
    let rows = request.users.into_iter().map(|user| NewRow { id: user.user_id, properties: user.properties });
    let put = PutRows { dataset_arn: request.dataset_arn, dataset_type: DatasetType::Users, rows: rows.collect() };
    rows::put(&context.state.service, put).await?;
    Ok(Empty {})
}
