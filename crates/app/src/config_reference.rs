//! The reference of every setting: as Markdown for docs/operations/configuration.md, and as a commented file of settings.

use crate::config_keys::{ANY_NAME, ANY_PLACE, Key, Section, sections, written};
use crate::config_reload::is_reloaded;
use crate::config_sources::OTHER_VARIABLES;
use serde_json::Value;
use std::fmt::Write;

/// Columns of a comment in the file.
const WIDTH: usize = 110;

/// The text above the tables of the reference.
const INTRODUCTION: &str = "\
# Configuration

Every setting of `tastemaker`. This page is printed by `tastemaker config --reference`, from the structs of the configuration; a test compares.

A setting is given, with the later winning over the earlier,

1. by its default,
2. in a TOML file that `--config FILE` or `TASTEMAKER_CONFIG` names (`tastemaker config --defaults` prints one with every setting as a comment),
3. by its variable: `TASTEMAKER_` and the key in capitals, with `__` between its parts; lists and tables are written as `[\"a\", \"b\"]` and
   `{ a = \"b\" }`, and a number is the place in a list of tables, counted from 0: `TASTEMAKER_WEBHOOKS__0__URL` is `url` of the first
   `[[webhooks]]`. It changes an entry that the file has, or begins the next one; no number may be left out,
4. by its flag.

`tastemaker config --effective` prints each value with its place, and `tastemaker config --check FILE` names every fault of a file.

A setting marked *secret* is also read from the file that its variable with `_FILE` at the end names, and from the file with the name of its key in
`$CREDENTIALS_DIRECTORY`, where systemd puts the credentials of a service (`store.records`, `webhooks.0.secret`); line ends behind the secret do not count. A setting marked *file* is the path of a
file; without it the file with the name of its key in `$CREDENTIALS_DIRECTORY` is taken. Two of these at once are refused.

A setting marked *reload* is taken anew when the server gets a SIGHUP. The new configuration is checked whole before any of it counts; one with faults leaves the
former in use, and the log names each. Files that settings name are read again, too. A changed setting without the mark is named in the log and takes
effect after a restart.
";

/// The reference as Markdown.
pub fn markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    for section in sections().iter().filter(|section| !section.keys.is_empty()) {
        match section.path.is_empty() {
            true => page += "\n## At the top of the file\n",
            false => {
                let _ = write!(page, "\n## `{}`\n\n{}\n", header(section), prose(&section.doc));
            }
        }
        page += "\n| key | values | default | variable and flag | meaning |\n|---|---|---|---|---|\n";
        for key in &section.keys {
            page += &row(key);
        }
    }
    page += "\n## Other variables\n\n| variable | meaning |\n|---|---|\n";
    for (name, meaning) in OTHER_VARIABLES {
        let _ = writeln!(page, "| `{name}` | {meaning} |");
    }
    page
}

fn row(key: &Key) -> String {
    let marks = [("reload", is_reloaded(&key.path)), ("secret", key.secret), ("file", key.file)];
    let marks: String = marks.iter().filter(|(_, on)| *on).map(|(mark, _)| format!(" *{mark}*")).collect();
    let default = match &key.default {
        Some(default) => format!("`{}`", toml_text(default)),
        None if key.required => "must be given".to_owned(),
        None => "not set".to_owned(),
    };
    let given = std::iter::once(key.variable()).chain(key.flag.clone());
    let given: Vec<String> = given.map(|name| format!("`{name}`")).collect();
    let name = key.path.last().map_or("", String::as_str);
    format!(
        "| `{name}`{marks} | {} | {} | {} | {} |\n",
        cell(&key.kind.to_string()),
        cell(&default),
        given.join(" "),
        cell(&key.doc)
    )
}

/// Text within a cell of a table.
fn cell(text: &str) -> String {
    prose(text).replace('|', "\\|")
}

/// Text in which names in angle brackets are no tags.
fn prose(text: &str) -> String {
    let mut quoted = false;
    let character = |c: char| {
        quoted ^= c == '`';
        match c {
            '<' if !quoted => "&lt;".to_owned(),
            c => c.to_string(),
        }
    };
    text.chars().map(character).collect()
}

/// The header of a table in a file of settings.
fn header(section: &Section) -> String {
    match section.path.split_last() {
        Some((last, table)) if last == ANY_PLACE => format!("[[{}]]", written(table)),
        _ => format!("[{}]", written(&section.path)),
    }
}

/// A file with every setting as a comment, its default where it has one: whoever takes `#` away sets it.
pub fn commented_toml() -> String {
    let mut file = String::from(
        "# Every setting of tastemaker with its default. Lines of settings begin with # and no space: take it away to set one.\n",
    );
    sections().iter().filter(|section| !section.keys.is_empty()).for_each(|section| file += &commented(section));
    file
}

/// Whether users make tables of this kind themselves, by names or as a list.
fn is_made_by_users(section: &Section) -> bool {
    section.path.iter().any(|segment| segment == ANY_NAME || segment == ANY_PLACE)
}

fn commented(section: &Section) -> String {
    let mut file = String::from("\n");
    if !section.path.is_empty() {
        file += &comment(&section.doc);
        // An entry of a list that says nothing would be refused.
        let mark = if is_made_by_users(section) { "#" } else { "" };
        let _ = writeln!(file, "{mark}{}", header(section).replace(ANY_NAME, "name"));
    }
    for key in &section.keys {
        file.push('\n');
        file += &comment(&key.doc);
        let given = std::iter::once(key.variable()).chain(key.flag.clone()).collect::<Vec<_>>().join(", ");
        file += &comment(&format!("Values: {}. ({given})", key.kind));
        let name = key.path.last().map_or("", String::as_str);
        let _ = match &key.default {
            Some(default) => writeln!(file, "#{name} = {}", toml_text(default)),
            None => writeln!(file, "# {name} has no default."),
        };
    }
    file
}

/// Text as lines of a comment.
fn comment(text: &str) -> String {
    let mut lines = String::new();
    let mut line = String::from("#");
    for word in text.split(' ') {
        if line.len() + word.len() > WIDTH {
            lines += &line;
            lines.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line += word;
    }
    lines + &line + "\n"
}

/// A value as it is written in a file of settings.
pub fn toml_text(value: &Value) -> String {
    match toml::Value::try_from(value) {
        Ok(value) => value.to_string(),
        Err(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::config_keys::{VARIABLES, find, is_table, keys, path_of_variable};
    use crate::test_config::config;
    use std::path::{Path, PathBuf};

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    #[test]
    fn the_page_is_what_the_structs_say() {
        let page = std::fs::read_to_string(root().join("docs/operations/configuration.md")).unwrap_or_default();
        let advice = "print it anew: tastemaker config --reference > docs/operations/configuration.md";
        for (printed, kept) in markdown().lines().zip(page.lines()) {
            assert_eq!(printed, kept, "{advice}");
        }
        assert!(markdown() == page, "the page has other lines at its end; {advice}");
    }

    #[test]
    fn the_commented_file_says_every_default() {
        let (_dir, as_printed, _) = config(&commented_toml()).expect("a file of comments");
        let fixed: String = sections().iter().filter(|section| !is_made_by_users(section)).map(commented).collect();
        let set = |line: &str| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => format!("{setting}\n"),
            _ => format!("{line}\n"),
        };
        let fixed: String = fixed.lines().map(set).collect();
        let (_dir, as_set, _) = config(&fixed).unwrap_or_else(|error| panic!("{error:#}\n{fixed}"));
        let of_file = as_set.effective.iter().filter(|setting| setting.source.is_some()).count();
        let plain = |config: Config| Config { settings: Vec::new(), effective: Vec::new(), ..config };
        assert_eq!(plain(as_printed), Config::default());
        assert_eq!(plain(as_set), Config::default());
        assert!(of_file > 50, "{of_file}");
        let commented = commented_toml();
        for key in keys() {
            let name = key.path.last().expect("a name");
            let has = [format!("#{name} = "), format!("# {name} has no default.")];
            assert!(has.iter().any(|line| commented.contains(line.as_str())), "{}", key.name());
        }
    }

    /// Variables in the documents are settings, or stand in the list of others.
    #[test]
    fn variables_in_the_documents_exist() {
        let mut found = 0;
        let mut documents = vec![root().join("README.md"), root().join("README.ko.md")];
        for folder in ["docs/guide", "docs/operations"] {
            let entries = std::fs::read_dir(root().join(folder)).expect("a folder");
            documents.extend(entries.map(|entry| entry.expect("an entry").path()));
        }
        for path in documents.iter().filter(|path| path.extension().is_some_and(|end| end == "md")) {
            let text = std::fs::read_to_string(path).expect("text");
            for rest in text.split(VARIABLES).skip(1) {
                let named = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
                let name: String = rest.chars().take_while(|c| named(*c) || *c == '<' || *c == '>').collect();
                let whole = format!("{VARIABLES}{name}");
                let segments = path_of_variable(&name.replace("<N>", ANY_PLACE));
                let secret = name.strip_suffix("_FILE").map(|name| path_of_variable(&name.replace("<N>", ANY_PLACE)));
                let known = name.is_empty()
                    || find(&segments).is_some()
                    || is_table(&segments)
                    || OTHER_VARIABLES.iter().any(|(other, _)| *other == whole)
                    || secret.is_some_and(|secret| keys().any(|key| key.secret && key.fits(&secret)));
                assert!(known, "{}: {whole} is no variable", path.display());
                found += 1;
            }
        }
        assert!(found > 50, "{found}");
    }
}
