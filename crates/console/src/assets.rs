//! The files that pages load: style sheet, script and the vendored htmx. Their names carry a hash of their bytes, so that
//! browsers keep them for good.

use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, StatusCode};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::sync::LazyLock;

/// The style sheet, in parts by what they style.
const CSS: &str = concat!(
    include_str!("../assets/css/frame.css"),
    include_str!("../assets/css/demo.css"),
    include_str!("../assets/css/pages.css"),
    include_str!("../assets/css/data.css"),
    include_str!("../assets/css/try.css"),
    include_str!("../assets/css/operate.css"),
);
/// The console's own script, in parts, as it is written.
const SOURCE: &str = concat!(
    include_str!("../assets/js/frame.js"),
    include_str!("../assets/js/data.js"),
    include_str!("../assets/js/train.js"),
    include_str!("../assets/js/focus.js"),
);
/// The script as it is sent: without lines of comments and without indentation.
static JS: LazyLock<String> = LazyLock::new(|| {
    let lines = SOURCE.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
});
const HTMX: &str = include_str!("../assets/vendor/htmx.min.js");
const SSE: &str = include_str!("../assets/vendor/hx-sse.min.js");

/// A file that pages load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asset {
    /// The style sheet.
    Css,
    /// The console's own script.
    Js,
    /// The library by which parts of a page are exchanged.
    Htmx,
    /// Its extension for live pages.
    Sse,
    /// The picture in the browser's tab.
    Icon,
}

const ALL: &[Asset] = &[Asset::Css, Asset::Js, Asset::Htmx, Asset::Sse, Asset::Icon];

impl Asset {
    /// Stem, extension, media type and content.
    fn source(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Asset::Css => ("console", "css", "text/css; charset=utf-8", CSS),
            Asset::Js => ("console", "js", "text/javascript; charset=utf-8", JS.as_str()),
            Asset::Htmx => ("htmx", "js", "text/javascript; charset=utf-8", HTMX),
            Asset::Sse => ("hx-sse", "js", "text/javascript; charset=utf-8", SSE),
            Asset::Icon => ("icon", "svg", "image/svg+xml", include_str!("../assets/icon.svg")),
        }
    }
}

/// All assets, ready to be sent.
pub(crate) struct Assets {
    files: Vec<File>,
}

struct File {
    asset: Asset,
    name: String,
    content_type: &'static str,
    plain: &'static [u8],
    gzip: Vec<u8>,
}

impl Assets {
    /// Hashes and compresses them.
    pub fn new() -> Self {
        let file = |asset: &Asset| {
            let (stem, extension, content_type, text) = asset.source();
            let hash = hex::encode(Sha256::digest(text.as_bytes()));
            let name = format!("{stem}.{}.{extension}", &hash[..12]);
            File { asset: *asset, name, content_type, plain: text.as_bytes(), gzip: gzip(text.as_bytes()) }
        };
        Self { files: ALL.iter().map(file).collect() }
    }

    /// The answer to a request for the asset of a name.
    pub fn answer(&self, name: &str, headers: &HeaderMap) -> Response {
        let Some(file) = self.files.iter().find(|file| file.name == name) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let accepts = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kept = (CACHE_CONTROL, "public, max-age=31536000, immutable");
        let described = [(CONTENT_TYPE, file.content_type), kept, (VARY, "Accept-Encoding")];
        if accepts.contains("gzip") && !file.gzip.is_empty() {
            return (described, [(CONTENT_ENCODING, "gzip")], file.gzip.clone()).into_response();
        }
        (described, file.plain).into_response()
    }

    /// The name by which a page loads an asset.
    pub fn name(&self, asset: Asset) -> &str {
        self.files.iter().find(|file| file.asset == asset).map_or("", |file| file.name.as_str())
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing into memory does not fail; an empty answer stands for plain bytes.
    if encoder.write_all(bytes).is_err() { Vec::new() } else { encoder.finish().unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendored_files_are_those_that_are_named() {
        #[derive(serde::Deserialize)]
        struct Vendored {
            file: Vec<Entry>,
        }
        #[derive(serde::Deserialize)]
        struct Entry {
            file: String,
            sha256: String,
            license: String,
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/vendor");
        let table = std::fs::read_to_string(format!("{folder}/VENDOR.toml")).expect("the table");
        let table: Vendored = toml::from_str(&table).expect("the table reads");
        let mut named: Vec<String> = table.file.iter().map(|entry| entry.file.clone()).collect();
        for entry in &table.file {
            let bytes = std::fs::read(format!("{folder}/{}", entry.file)).expect("the file");
            assert_eq!(hex::encode(Sha256::digest(&bytes)), entry.sha256, "{}", entry.file);
            assert!(!entry.license.is_empty());
        }
        named.extend(["VENDOR.toml".to_owned()]);
        for entry in std::fs::read_dir(folder).expect("the folder") {
            let name = entry.expect("an entry").file_name().into_string().expect("text");
            assert!(named.contains(&name), "{name} is not in VENDOR.toml");
        }
    }

    #[test]
    fn a_first_visit_is_small() {
        let assets = Assets::new();
        let total: usize = assets.files.iter().map(|file| file.gzip.len()).sum();
        assert!(total < 40_000, "{total} bytes of compressed assets");
        assert!(CSS.len() <= 24 << 10, "{} bytes of style sheet", CSS.len());
        assert!(JS.len() <= 6 << 10, "{} bytes of script", JS.len());
        assert!(!CSS.contains("http://") && !CSS.contains("https://") && !CSS.contains("@import"));
    }
}
