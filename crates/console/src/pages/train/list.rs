//! The solutions of a dataset group.

use crate::cx::{Cx, segment};
use crate::examples;
use crate::format;
use crate::layout::status;
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::pages::resources::{dataset_group, last_segment, recipe_name, solution_of, solutions, versions};
use axum::extract::Path;
use maud::{Markup, html};
use tastemaker_wire::personalize::{SolutionSummary, SolutionVersionSummary};

pub(super) async fn show(cx: Cx, Path(group): Path<String>) -> Result<Page, PageError> {
    let group_arn = dataset_group(&cx, &group).await?.dataset_group_arn.unwrap_or_default();
    let solutions = solutions(&cx, &group_arn).await?;
    let versions = if solutions.is_empty() { Vec::new() } else { versions(&cx, None).await? };
    let body = view(&cx, &group, &solutions, &versions);
    Ok(Page::new(Menu::Train, cx.text("menu-train"), body).group(group).examples(examples::of_page(&cx)))
}

fn view(cx: &Cx, group: &str, solutions: &[SolutionSummary], versions: &[SolutionVersionSummary]) -> Markup {
    let create = cx.group_link(group, "/new-solution");
    html! {
        @if solutions.is_empty() {
            (empty(&cx.text("train-empty"), Some((&cx.text("train-create"), &create))))
        } @else {
            @if cx.may_edit() { p.actions { a.button href=(create) { (cx.text("train-create")) } } }
            div.scroll tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { (cx.text("train-solution")) }
                        th scope="col" { (cx.text("train-recipe")) }
                        th scope="col" { (cx.text("train-newest-version")) }
                        th.number scope="col" { (cx.text("train-versions")) }
                        th scope="col" { (cx.text("train-made")) }
                    } }
                    tbody { @for solution in solutions { (row(cx, group, solution, versions)) } }
                }
            }
        }
    }
}

fn row(cx: &Cx, group: &str, solution: &SolutionSummary, versions: &[SolutionVersionSummary]) -> Markup {
    let arn = solution.solution_arn.as_deref().unwrap_or_default();
    let name = solution.name.as_deref().unwrap_or_default();
    let of = |version: &&SolutionVersionSummary| {
        version.solution_version_arn.as_deref().is_some_and(|version| solution_of(version) == arn)
    };
    let path = format!("/train/{}", segment(name));
    html! {
        tr {
            th scope="row" { a href=(cx.group_link(group, &path)) { (format::shortened(name, 48)) } }
            td { code { (recipe_name(solution.recipe_arn.as_deref())) } }
            td {
                @if let Some(newest) = versions.iter().find(of) {
                    @let id = last_segment(newest.solution_version_arn.as_deref().unwrap_or_default());
                    a href=(cx.group_link(group, &format!("{path}/{}", segment(id)))) { (format::shortened(id, 24)) }
                    " " (status(cx, newest.status.as_deref().unwrap_or_default()))
                } @else { (cx.text("train-none-yet")) }
            }
            td.number { (format::count(versions.iter().filter(of).count() as u64)) }
            td { @if let Some(made) = solution.creation_date_time { (format::time(made)) } }
        }
    }
}
