//! The markup of every page that links lead to: nothing that the security policy forbids, no unnamed control, no link to nowhere.

use super::world::world;
use http::StatusCode;
use std::collections::{BTreeSet, HashSet};

/// The tags of a page, each with its attributes.
fn tags(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut tags = Vec::new();
    for rest in html.split('<').skip(1) {
        let Some(end) = tag_end(rest) else { continue };
        let text = &rest[..end];
        let name: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        if !name.is_empty() {
            tags.push((name.clone(), attributes(&text[name.len()..])));
        }
    }
    tags
}

/// The place of the `>` that ends a tag, which may stand in an attribute as well.
fn tag_end(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

fn attributes(mut text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    loop {
        text = text.trim_start();
        let end = text.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(text.len());
        if end == 0 {
            return found;
        }
        let name = text[..end].to_owned();
        text = &text[end..];
        let mut value = String::new();
        if let Some(rest) = text.strip_prefix("=\"") {
            let close = rest.find('"').unwrap_or(rest.len());
            value = rest[..close].to_owned();
            text = rest.get(close + 1..).unwrap_or_default();
        }
        found.push((name, value));
    }
}

/// Faults of a page's markup.
pub fn faults(html: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ids = HashSet::new();
    let tags = tags(html);
    let labels: HashSet<&str> =
        tags.iter().filter(|(name, _)| name == "label").filter_map(|(_, attributes)| get(attributes, "for")).collect();
    let mut label_depth = 0;
    for piece in html.split('<').skip(1) {
        let name: String = piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        match name.as_str() {
            "label" => label_depth += 1,
            "/label" => label_depth -= 1,
            "input" | "select" | "textarea" => {
                let attributes = attributes(&piece[name.len()..tag_end(piece).unwrap_or(piece.len())]);
                let kind = get(&attributes, "type").unwrap_or("text");
                let by_id = get(&attributes, "id").is_some_and(|id| labels.contains(id));
                let named = get(&attributes, "aria-label").or(get(&attributes, "aria-labelledby")).is_some();
                if label_depth == 0 && !by_id && !named && !matches!(kind, "hidden" | "submit") {
                    faults.push(format!("<{name} {attributes:?}> has no label"));
                }
            }
            _ => {}
        }
    }
    for (name, attributes) in &tags {
        for (attribute, value) in attributes {
            let lower = attribute.to_ascii_lowercase();
            if lower == "style" || lower.starts_with("on") || lower.starts_with("hx-on") {
                faults.push(format!("<{name}> has {attribute}"));
            }
            if matches!(lower.as_str(), "href" | "src" | "action") && value.trim_start().starts_with("javascript:") {
                faults.push(format!("<{name}> leads to {value}"));
            }
            if lower == "id" && !ids.insert(value.as_str()) {
                faults.push(format!("the id {value} is there twice"));
            }
        }
        match name.as_str() {
            "style" => faults.push("<style>".into()),
            "script" if get(attributes, "src").is_none() => faults.push("<script> without src".into()),
            "img" if get(attributes, "alt").is_none() => faults.push("<img> without alt".into()),
            "th" if get(attributes, "scope").is_none() => faults.push("<th> without scope".into()),
            "a" if get(attributes, "href").is_none() => faults.push("<a> without href".into()),
            _ => {}
        }
    }
    faults
}

fn get<'a>(attributes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

#[test]
fn faults_are_found() {
    for (html, fault) in [
        ("<p style=\"color:red\">", "has style"),
        ("<a href=\"x\" onclick=\"y()\">", "has onclick"),
        ("<a href=\"javascript:x\">", "leads to"),
        ("<script>x()</script>", "without src"),
        ("<img src=\"x\">", "without alt"),
        ("<table><th>", "without scope"),
        ("<input name=\"x\">", "has no label"),
        ("<p id=\"a\"><p id=\"a\">", "twice"),
    ] {
        assert!(faults(html).iter().any(|found| found.contains(fault)), "{html}: {:?}", faults(html));
    }
    let good =
        "<label>Name <input name=\"x\" title=\"a > b\"></label><label for=\"y\">Y</label><select id=\"y\"></select>";
    assert_eq!(faults(good), Vec::<String>::new());
}

#[tokio::test]
async fn every_page_is_well_made_and_its_links_lead_somewhere() {
    let world = world(|_| {});
    let mut browser = world.user().await;
    let mut waiting = vec!["/".to_owned(), "/login".to_owned(), "/nothing".to_owned()];
    let mut seen_paths: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut pages = 0;
    while let Some(path) = waiting.pop() {
        let seen = browser.get(&path).await;
        if seen.header("content-type").starts_with("text/html") {
            pages += 1;
            assert_eq!(faults(&seen.body), Vec::<String>::new(), "{path}");
            if path != "/nothing" {
                let lost =
                    seen.status == StatusCode::NOT_FOUND && seen.body.contains("There is no page at this address");
                assert!(!lost, "a link leads to {path}");
            }
        }
        for (name, attributes) in tags(&seen.body) {
            let Some(href) = get(&attributes, "href").filter(|_| name == "a") else { continue };
            let Some(local) = href.strip_prefix("/console") else { continue };
            let local = local.replace("&amp;", "&");
            let page = local.split('#').next().unwrap_or_default().to_owned();
            if !page.is_empty() && seen_paths.len() < 200 && seen_paths.insert(page.clone()) {
                waiting.push(page);
            }
        }
    }
    assert!(pages >= 4, "{pages}");
}

#[test]
fn raw_markup_is_written_in_two_places_only() {
    fn look(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                look(&path, found);
            } else if std::fs::read_to_string(&path).expect("a source").contains(concat!("Pre", "Escaped")) {
                found.push(path.file_stem().expect("a name").to_string_lossy().into_owned());
            }
        }
    }
    let mut found = Vec::new();
    look(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found.retain(|file| !file.starts_with("chart") && file != "icons");
    assert_eq!(found, Vec::<String>::new());
}
