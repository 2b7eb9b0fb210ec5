//! `CreateDatasetGroup`.

use super::common::tags;
use super::{Answer, Context, common};
use tastemaker_service::dataset_groups::{self, NewDatasetGroup};
use tastemaker_wire::personalize::{CreateDatasetGroupRequest, CreateDatasetGroupResponse};

/// Makes an empty dataset group.
pub async fn answer(context: &Context<'_>, request: CreateDatasetGroupRequest) -> Answer<CreateDatasetGroupResponse> {
    let new = NewDatasetGroup {
        domain: common::domain(request.domain.as_deref())?,
        name: request.name,
        role_arn: request.role_arn,
        kms_key_arn: request.kms_key_arn,
        tags: tags(request.tags)?,
    };
    let group = dataset_groups::create(&context.state.service, context.caller, new).await?;
    Ok(CreateDatasetGroupResponse {
        dataset_group_arn: Some(group.arn),
        domain: group.domain.map(|d| d.as_str().to_owned()),
    })
}
