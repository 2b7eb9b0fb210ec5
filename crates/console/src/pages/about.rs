//! The page About: version, uptime, data directory, settings in effect and how the request came.

use crate::config::SettingSource;
use crate::cx::Cx;
use crate::format;
use crate::menu::Menu;
use crate::page::Page;
use crate::state::ConsoleState;
use axum::Router;
use axum::routing::get;
use http::HeaderMap;
use http::header::HOST;
use maud::html;

/// The route of the page.
pub fn routes() -> Router<ConsoleState> {
    Router::new().route("/about", get(show))
}

async fn show(cx: Cx, headers: HeaderMap) -> Page {
    let about = &cx.console.config.about;
    let up_s = cx.console.now_s() - about.started_ms / 1000;
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or("–");
    let address = cx.client.address.map_or("–".to_owned(), |address| address.to_string());
    let body = html! {
        dl.facts {
            dt { (cx.text("about-version")) } dd { (about.version) }
            dt { (cx.text("about-up")) } dd { (format::seconds(cx.language, u64::try_from(up_s).unwrap_or(0))) }
            dt { (cx.text("about-started")) } dd { (format::time(about.started_ms as f64 / 1000.0)) }
            dt { (cx.text("about-directory")) } dd { code { (about.data_dir) } }
            dt { (cx.text("about-host")) } dd { code { (host) } }
            dt { (cx.text("about-address")) } dd { code { (address) } }
        }
        p { (cx.text("about-quiet")) }
        h2 { (cx.text("about-settings")) }
        div.scroll tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { (cx.text("about-key")) }
                        th scope="col" { (cx.text("about-value")) }
                        th scope="col" { (cx.text("about-source")) }
                    }
                }
                tbody {
                    @for setting in about.settings.borrow().iter() {
                        tr {
                            th scope="row" { code { (setting.key) } }
                            td { code { (setting.value) } }
                            td { (source(&cx, setting.source)) }
                        }
                    }
                }
            }
        }
    };
    Page::new(Menu::About, cx.text("menu-about"), body)
}

fn source(cx: &Cx, source: SettingSource) -> String {
    match source {
        SettingSource::Default => cx.text("about-source-default"),
        SettingSource::File => cx.text("about-source-file"),
        SettingSource::Environment => cx.text("about-source-environment"),
        SettingSource::Flag => cx.text("about-source-flag"),
    }
}
