//! The description of the port agrees with the port.

use crate::harness::server;
use http::Request;
use std::collections::BTreeSet;
use tastemaker_domain::limits::{ID_CHARS_MAX, NUM_RESULTS_DEFAULT, NUM_RESULTS_MAX};
use tastemaker_http::operations::BUILT;
use tastemaker_wire::Operation;

#[tokio::test]
async fn describes_every_operation_and_every_plain_path() {
    let server = server();
    let answer = server.get("/openapi.json").await;
    assert_eq!((answer.status(), answer.header("content-type")), (200, "application/json; charset=utf-8"));
    let zipped = Request::get("/openapi.json").header("accept-encoding", "gzip").body(Vec::new()).unwrap();
    assert_eq!(server.send(zipped).await.header("content-encoding"), "gzip");
    let document = answer.json();
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let paths = document["paths"].as_object().unwrap();
    let mut described = BTreeSet::new();
    for operation in Operation::all() {
        let row = operation.descriptor();
        let path = row.target.map_or(row.path.to_owned(), |target| format!("/#X-Amz-Target={target}"));
        let post = &paths[&path]["post"];
        assert_eq!(post["operationId"], operation.name(), "{path}");
        let said = post["description"].as_str().unwrap();
        assert_eq!(said != "Not in this version.", BUILT.contains(&operation), "{}: {said}", operation.name());
        assert!(post["requestBody"]["content"][row.service.content_type()].is_object(), "{path}");
        described.insert(path);
    }
    let plain = ["/health", "/ready", "/metrics", "/openapi.json", "/recommendations"];
    for path in plain {
        assert!(paths[path]["get"].is_object(), "{path}");
        assert_ne!(server.get(path).await.status(), 404, "{path}");
    }
    for (path, method) in [
        ("/recommendations/{recommender}", "get"),
        ("/related", "get"),
        ("/popular", "get"),
        ("/rerank", "get"),
        ("/rerank", "post"),
        ("/braze/currents", "post"),
        ("/braze/webhook/{mapping}", "post"),
    ] {
        assert!(paths[path][method].is_object(), "{method} {path}");
        described.insert(path.to_owned());
    }
    let stray: Vec<_> = paths.keys().filter(|p| !described.contains(*p) && !plain.contains(&p.as_str())).collect();
    assert!(stray.is_empty(), "{stray:?}");
    let parameters = &paths["/recommendations"]["get"]["parameters"];
    assert_eq!(parameters[0]["schema"]["maxLength"], ID_CHARS_MAX);
    let count = parameters.as_array().unwrap().iter().find(|p| p["name"] == "num_results").unwrap();
    assert_eq!(count["schema"]["maximum"], NUM_RESULTS_MAX);
    assert_eq!(count["schema"]["default"], NUM_RESULTS_DEFAULT);
    for parameter in parameters.as_array().unwrap() {
        let name = parameter["name"].as_str().unwrap();
        assert!(
            name == "context" || server.get(&format!("/recommendations?user_id=u&{name}=%FF")).await.status() != 200
        );
    }
}
