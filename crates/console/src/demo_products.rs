//! Pages and pictures of the sample shop's products, for the links in its lists. They are for everybody, as those of a shop.

use crate::assets::Asset;
use crate::state::ConsoleState;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use maud::{DOCTYPE, html};

/// Seconds for which browsers keep a picture, which is always the same.
const PICTURE_KEPT: &str = "public, max-age=86400";

/// The routes, below the console's path.
pub(crate) fn routes() -> Router<ConsoleState> {
    Router::new().route("/demo/images/{file}", get(picture)).route("/demo/products/{id}", get(product))
}

async fn picture(State(console): State<ConsoleState>, Path(file): Path<String>) -> Response {
    match file.strip_suffix(".png").and_then(|id| console.ports.demo_shop.picture(id)) {
        Some(png) => ([(CONTENT_TYPE, "image/png"), (CACHE_CONTROL, PICTURE_KEPT)], png).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn product(State(console): State<ConsoleState>, Path(id): Path<String>) -> Response {
    let Some(product) = console.ports.demo_shop.product(&id) else { return StatusCode::NOT_FOUND.into_response() };
    // Relative, because a proxy may put the console below a path that it does not tell.
    let asset = |asset: Asset| format!("../../assets/{}", console.assets.name(asset));
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (product.name) }
                link rel="icon" href=(asset(Asset::Icon)) type="image/svg+xml";
                link rel="stylesheet" href=(asset(Asset::Css));
            }
            body {
                main.product {
                    img src={ "../images/" (product.id) ".png" } alt="" width="640" height="480";
                    h1 { (product.name) }
                    p { (product.price_cents / 100) "." (format!("{:02}", product.price_cents % 100)) }
                    p.quiet { (product.category) " · " (product.id) }
                }
            }
        }
    };
    Html(page.into_string()).into_response()
}
