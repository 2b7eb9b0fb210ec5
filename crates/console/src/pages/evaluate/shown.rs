//! The request to the page Evaluate, and the versions that it shows.

use crate::cx::{Cx, segment};
use crate::evaluation::{Column, POPULARITY};
use crate::pages::form::Sent;

/// The parameters of the address.
pub(super) struct Asked {
    /// The ARNs of the versions.
    pub versions: Vec<String>,
    /// The base of differences: an ARN or [`POPULARITY`].
    pub base: Option<String>,
    /// Whether settings that are equal are shown too.
    pub all: bool,
    /// Whether versions are rows.
    pub transposed: bool,
    /// Text that offered versions contain.
    pub query: String,
    /// The kind of state that offered versions are in.
    pub state: Option<String>,
}

/// The part of a version's ARN after `solution/`, which stands for it in links: a page has many of them.
pub(super) fn short<'a>(cx: &Cx, arn: &'a str) -> &'a str {
    arn.strip_prefix(&cx.arn("solution", "")).unwrap_or(arn)
}

/// The ARN that a version's short form stands for.
fn long(prefix: &str, version: &str) -> String {
    if version.starts_with("arn:") || version == POPULARITY { version.to_owned() } else { format!("{prefix}{version}") }
}

impl Asked {
    /// The parameters, with versions by their ARN or by what follows `prefix` in it; one parameter may have several with commas.
    pub(super) fn of(sent: &Sent, prefix: &str) -> Self {
        let mut versions: Vec<String> = Vec::new();
        let named = sent.all("v").into_iter().flat_map(|named| named.split(','));
        for arn in named.map(|version| long(prefix, version)) {
            if !versions.contains(&arn) {
                versions.push(arn);
            }
        }
        Self {
            versions,
            base: sent.get("base").map(|version| long(prefix, version)),
            all: sent.has("all"),
            transposed: sent.has("transpose"),
            query: sent.get("q").unwrap_or_default().to_owned(),
            state: sent.get("state").map(str::to_owned),
        }
    }

    /// The address of the same page with other choices.
    pub(super) fn link(&self, cx: &Cx, group: &str, change: impl FnOnce(&mut Asked)) -> String {
        let mut other = Asked {
            versions: self.versions.clone(),
            base: self.base.clone(),
            all: self.all,
            transposed: self.transposed,
            query: self.query.clone(),
            state: self.state.clone(),
        };
        change(&mut other);
        let mut pairs: Vec<String> =
            other.versions.iter().map(|arn| format!("v={}", segment(short(cx, arn)))).collect();
        pairs.extend(other.base.iter().map(|base| format!("base={}", segment(short(cx, base)))));
        pairs.extend(other.all.then(|| "all=1".to_owned()));
        pairs.extend(other.transposed.then(|| "transpose=1".to_owned()));
        pairs.extend((!other.query.is_empty()).then(|| format!("q={}", segment(&other.query))));
        pairs.extend(other.state.iter().map(|state| format!("state={}", segment(state))));
        cx.group_link(group, &format!("/evaluate?{}", pairs.join("&")))
    }
}

/// The content of the page.
pub(super) struct Shown {
    pub group: String,
    pub asked: Asked,
    /// The versions, and after them the popularity baseline.
    pub columns: Vec<Column>,
    /// The place of the base among the columns.
    pub base: usize,
    /// Why versions are not shown.
    pub refusals: Vec<String>,
}
