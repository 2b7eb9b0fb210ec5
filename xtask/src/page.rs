//! Pages with generated parts, each between `<!-- begin: NAME -->` and `<!-- end: NAME -->`.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Replaces the part called `name` by what `new` makes of it.
pub fn rewrite(page: &Path, name: &str, new: impl FnOnce(&str) -> String) -> Result<()> {
    let text = fs::read_to_string(page)?;
    let (begin, end) = (format!("<!-- begin: {name} -->\n"), format!("<!-- end: {name} -->"));
    let around = text.split_once(&begin).and_then(|(before, rest)| {
        let (part, after) = rest.split_once(&end)?;
        Some((before, part, after))
    });
    let (before, part, after) = around.with_context(|| format!("{}: no {begin} ... {end}", page.display()))?;
    fs::write(page, format!("{before}{begin}{}{end}{after}", new(part)))?;
    Ok(())
}
