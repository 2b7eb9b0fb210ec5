//! `CreateDatasetGroup`.

use super::common::given;
use super::{Answer, Context, common};
use crate::errors::refuse_unavailable;
use tastemaker_service::dataset_groups::{self, NewDatasetGroup};
use tastemaker_wire::personalize::{CreateDatasetGroupRequest, CreateDatasetGroupResponse};

/// Makes an empty dataset group.
pub async fn answer(context: &Context<'_>, request: CreateDatasetGroupRequest) -> Answer<CreateDatasetGroupResponse> {
    refuse_unavailable(&[("tags", given(&request.tags))])?;
    let new = NewDatasetGroup {
        domain: common::domain(request.domain.as_deref())?,
        name: request.name,
        role_arn: request.role_arn,
        kms_key_arn: request.kms_key_arn,
    };
    let group = dataset_groups::create(&context.state.service, context.caller, new).await?;
    Ok(CreateDatasetGroupResponse {
        dataset_group_arn: Some(group.arn),
        domain: group.domain.map(|d| d.as_str().to_owned()),
    })
}
