//! `CreateDatasetGroup` makes an empty dataset group.

use crate::operations::wire::{read_domain, read_tags};
use crate::operations::{Answer, Context};
use tastemaker_service::dataset_groups::{self, NewDatasetGroup};
use tastemaker_wire::personalize::{CreateDatasetGroupRequest as Request, CreateDatasetGroupResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let new = NewDatasetGroup {
        domain: read_domain(request.domain.as_deref())?,
        name: request.name,
        role_arn: request.role_arn,
        kms_key_arn: request.kms_key_arn,
        tags: read_tags(request.tags)?,
    };
    let group = dataset_groups::create(context.service(), context.caller, new).await?;
    Ok(Response { dataset_group_arn: Some(group.arn), domain: group.domain.map(|d| d.as_str().to_owned()) })
}
