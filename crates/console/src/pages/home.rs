//! The first page: the dataset groups.

use crate::cx::Cx;
use crate::layout::status;
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::state::ConsoleState;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::html;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    DescribeDatasetGroupRequest, DescribeDatasetGroupResponse, ListDatasetGroupsRequest, ListDatasetGroupsResponse,
};

/// The route of the page.
pub fn routes() -> Router<ConsoleState> {
    Router::new().route("/", get(show)).route("/g/{group}/", get(group))
}

async fn show(cx: Cx) -> Result<Page, PageError> {
    let listed: ListDatasetGroupsResponse =
        cx.call(Operation::ListDatasetGroups, &ListDatasetGroupsRequest::default()).await?;
    let groups = listed.dataset_groups;
    let body = html! {
        @if groups.is_empty() {
            (empty(&cx.text("home-empty"), None))
        } @else {
            div.scroll tabindex="0" {
                table {
                    thead { tr { th scope="col" { (cx.text("home-group")) } th scope="col" { (cx.text("home-state")) } } }
                    tbody {
                        @for group in &groups {
                            @let name = group.name.as_deref().unwrap_or_default();
                            tr {
                                th scope="row" { a href=(cx.group_link(name, "/")) { (name) } }
                                td { (status(&cx, group.status.as_deref().unwrap_or_default())) }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(Page::new(Menu::Home, cx.text("menu-home"), body))
}

async fn group(cx: Cx, Path(name): Path<String>) -> Result<Page, PageError> {
    let arn = cx.arn("dataset-group", &name);
    let request = DescribeDatasetGroupRequest { dataset_group_arn: arn.clone() };
    let described: DescribeDatasetGroupResponse = cx.call(Operation::DescribeDatasetGroup, &request).await?;
    let group = described.dataset_group.unwrap_or_default();
    let page = Page::new(Menu::Home, &name, html! {}).group(&name).arn(arn);
    Ok(page.state(group.status.unwrap_or_default()))
}
