//! The deployed models of a dataset group, through which the pages of single users and items see its data.

use super::known::group_arn;
use crate::cx::Cx;
use crate::page::PageError;
use crate::pages::campaigns::campaigns_of;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{ListRecommendersRequest, ListRecommendersResponse};

/// The ARNs of the ACTIVE campaigns and recommenders of a group.
pub(super) async fn active(cx: &Cx, group: &str) -> Result<Vec<String>, PageError> {
    let group_arn = group_arn(cx, group);
    let mut arns: Vec<String> = campaigns_of(cx, &group_arn)
        .await?
        .into_iter()
        .filter(|campaign| campaign.status.as_deref() == Some("ACTIVE"))
        .filter_map(|campaign| campaign.campaign_arn)
        .collect();
    let request = ListRecommendersRequest { dataset_group_arn: Some(group_arn), ..Default::default() };
    let listed: ListRecommendersResponse = cx.call_unseen(Operation::ListRecommenders, &request).await?;
    let recommenders = listed.recommenders.into_iter().filter(|one| one.status.as_deref() == Some("ACTIVE"));
    arns.extend(recommenders.filter_map(|one| one.recommender_arn));
    Ok(arns)
}
