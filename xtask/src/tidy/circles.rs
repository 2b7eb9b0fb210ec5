//! Files that name each other in a circle: none can be read, moved or tested without the others. A module that re-exports
//! its children names none of them thereby.

use super::tokens::{tokens, without_tests};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Circles that are known and shall go: the crate and the modules among which they are. A row without a circle is refused.
const KNOWN: &[(&str, &[&str])] = &[(
    "recipes",
    &[
        "the crate's root",
        "ensemble",
        "ensemble::holdout",
        "next_best_action",
        "next_item",
        "popular",
        "recipe",
        "related",
        "requirements",
        "rescoring",
        "rescoring::user_features",
        "segments",
        "segments::attributes",
        "semantic_similarity",
        "trending",
        "user_personalization",
        "user_personalization::update",
        "user_personalization_v2",
    ],
)];

/// The path of a module inside its crate; the crate's root is empty.
type Module = Vec<String>;

/// Looks for circles in every crate of the workspace.
pub fn check(root: &Path, findings: &mut Vec<String>) -> Result<()> {
    let mut crates = vec![("xtask".to_owned(), root.join("xtask/src"))];
    for entry in fs::read_dir(root.join("crates"))? {
        let entry = entry?;
        crates.push((entry.file_name().to_string_lossy().into_owned(), entry.path().join("src")));
    }
    crates.sort();
    let mut found = Vec::new();
    for (name, source) in crates {
        let mut files = BTreeMap::new();
        read(&source, &mut Vec::new(), &mut files)?;
        found.extend(circles(&files).into_iter().map(|circle| (name.clone(), circle)));
    }
    compare(&found, KNOWN, findings);
    Ok(())
}

fn compare(found: &[(String, Circle)], known: &[(&str, &[&str])], findings: &mut Vec<String>) {
    let within = |circle: &Circle, of: &[&str]| circle.modules.iter().all(|module| of.contains(&module.as_str()));
    let is_known = |name: &str, circle: &Circle| known.iter().any(|(k, of)| *k == name && within(circle, of));
    for (name, circle) in found.iter().filter(|(name, circle)| !is_known(name, circle)) {
        findings.push(format!(
            "crates/{name}: a circle of files: {}, for instance {}",
            circle.modules.join(", "),
            circle.instance.join(", ")
        ));
    }
    for (name, of) in known {
        if !found.iter().any(|(n, circle)| n == name && within(circle, of)) {
            findings
                .push(format!("xtask's list of circles has one of {name} that is none any more: {}", of.join(", ")));
        }
    }
}

/// Every `.rs` file below `folder` by its module.
fn read(folder: &Path, module: &mut Module, files: &mut BTreeMap<Module, String>) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            module.push(stem);
            read(&path, module, files)?;
            module.pop();
        } else if path.extension().is_some_and(|e| e == "rs") {
            let binary = stem == "main" && folder.join("lib.rs").exists();
            let mut name = module.clone();
            if !matches!(stem.as_str(), "mod" | "lib" | "main") {
                name.push(stem);
            }
            if !binary {
                files.insert(name, fs::read_to_string(&path)?);
            }
        }
    }
    Ok(())
}

/// Modules that reach each other.
#[derive(Debug)]
struct Circle {
    /// Their names in order.
    modules: Vec<String>,
    /// One way round: who names whom by which path.
    instance: Vec<String>,
}

/// A path that a file names.
struct Named<'a> {
    segments: Vec<&'a str>,
    /// The name under which a `pub use` gives it on.
    exported_as: Option<&'a str>,
}

fn circles(files: &BTreeMap<Module, String>) -> Vec<Circle> {
    let mut named: BTreeMap<&Module, Vec<Named<'_>>> = BTreeMap::new();
    let mut test_only: Vec<Module> = Vec::new();
    for (module, text) in files {
        let (kept, tests) = without_tests(&tokens(text));
        test_only.extend(tests.into_iter().map(|name| [module.as_slice(), &[name.to_owned()]].concat()));
        named.insert(module, paths(&kept));
    }
    named.retain(|module, _| !test_only.iter().any(|test| module.starts_with(test)));

    // A re-export may lead to another; each round follows one step more.
    let mut exports: BTreeMap<(Module, String), Module> = BTreeMap::new();
    for _ in 0..4 {
        for (module, of) in &named {
            for path in of {
                let Some(name) = path.exported_as else { continue };
                if let Some(target) = resolve(&named, &exports, module, &path.segments).filter(|t| t != *module) {
                    exports.insert(((*module).clone(), name.to_owned()), target);
                }
            }
        }
    }

    let mut edges: BTreeMap<&Module, BTreeMap<Module, String>> = BTreeMap::new();
    for (module, of) in &named {
        let of_module = edges.entry(module).or_default();
        for path in of {
            let Some(target) = resolve(&named, &exports, module, &path.segments) else { continue };
            let of_a_child = path.exported_as.is_some() && target.starts_with(module);
            if target != **module && !of_a_child {
                of_module.entry(target).or_insert_with(|| path.segments.join("::"));
            }
        }
    }
    components(&edges)
}

/// The paths that tokens name: the leaves of `use` trees and every path with `::` elsewhere.
fn paths<'a>(tokens: &[&'a str]) -> Vec<Named<'a>> {
    let (mut found, mut at) = (Vec::new(), 0);
    // The depths of braces at which modules within the file began.
    let (mut depth, mut within) = (0, Vec::new());
    while at < tokens.len() {
        let before = found.len();
        match tokens[at] {
            "{" => {
                if at >= 2 && tokens[at - 2] == "mod" {
                    within.push(depth);
                }
                depth += 1;
            }
            "}" => {
                depth -= 1;
                within.pop_if(|began| *began == depth);
            }
            _ => {}
        }
        if tokens[at..].starts_with(&["pub", "(", "in"]) {
            // The path says who sees, not who is seen.
            at += tokens[at..].iter().position(|token| *token == ")").unwrap_or(0) + 1;
        } else if tokens[at] == "use" {
            let public = at.checked_sub(1).is_some_and(|before| {
                let restricted = [["pub", "(", "crate"], ["pub", "(", "super"]];
                tokens[before] == "pub"
                    || tokens[before] == ")" && restricted.iter().any(|of| tokens[..before].ends_with(of))
            });
            at += 1;
            use_tree(tokens, &mut at, &[], public, &mut found);
        } else if is_name(tokens[at]) && tokens.get(at + 1) == Some(&"::") && (at == 0 || tokens[at - 1] != "::") {
            let mut segments = vec![tokens[at]];
            while tokens.get(at + 1) == Some(&"::") && tokens.get(at + 2).is_some_and(|next| is_name(next)) {
                at += 2;
                segments.push(tokens[at]);
            }
            found.push(Named { segments, exported_as: None });
            at += 1;
        } else {
            at += 1;
        }
        found[before..].iter_mut().for_each(|path| leave(&mut path.segments, within.len()));
    }
    found
}

/// `super` within modules of the file leads to the file's own module first.
fn leave(segments: &mut Vec<&str>, within: usize) {
    let out = segments.iter().take(within).take_while(|segment| **segment == "super").count();
    if out > 0 {
        segments.splice(..out, ["self"]);
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
}

fn use_tree<'a>(tokens: &[&'a str], at: &mut usize, before: &[&'a str], public: bool, found: &mut Vec<Named<'a>>) {
    let mut segments = before.to_vec();
    while let Some(&token) = tokens.get(*at) {
        match token {
            ";" | "," | "}" => break,
            "{" => {
                *at += 1;
                while let Some(&inner) = tokens.get(*at) {
                    match inner {
                        "}" => break,
                        "," => *at += 1,
                        ";" => return,
                        _ => use_tree(tokens, at, &segments, public, found),
                    }
                }
                *at += 1;
                return;
            }
            "as" => {
                let name = tokens.get(*at + 1).copied();
                *at += 2;
                found.push(Named { segments, exported_as: name.filter(|_| public) });
                return;
            }
            "::" => *at += 1,
            // `a::{self}` is `a`.
            "self" if !segments.is_empty() => *at += 1,
            segment => {
                segments.push(segment);
                *at += 1;
            }
        }
    }
    let name = segments.last().copied().filter(|_| public);
    found.push(Named { segments, exported_as: name });
}

/// The module whose file has what `segments` names, seen from `module`; nothing for what is not of this crate.
fn resolve(
    modules: &BTreeMap<&Module, Vec<Named<'_>>>,
    exports: &BTreeMap<(Module, String), Module>,
    module: &Module,
    segments: &[&str],
) -> Option<Module> {
    let child = |of: &Module, name: &str| {
        let child = [of.as_slice(), &[name.to_owned()]].concat();
        modules.contains_key(&child).then_some(child)
    };
    let mut rest = segments;
    let mut current = match rest.first()? {
        &"crate" => {
            rest = &rest[1..];
            Module::new()
        }
        &"self" | &"super" => {
            let mut base = module.clone();
            while let Some((step @ (&"self" | &"super"), further)) = rest.split_first() {
                if *step == "super" {
                    base.pop();
                }
                rest = further;
            }
            base
        }
        first => {
            child(module, first)?;
            module.clone()
        }
    };
    while let Some((name, further)) = rest.split_first() {
        if let Some(inner) = child(&current, name) {
            current = inner;
        } else if let Some(target) = exports.get(&(current.clone(), (*name).to_owned())) {
            current = target.clone();
        } else {
            break;
        }
        rest = further;
    }
    Some(current)
}

fn components(edges: &BTreeMap<&Module, BTreeMap<Module, String>>) -> Vec<Circle> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = edges.keys().map(|from| (*from, reach(edges, from))).collect();
    let (mut circles, mut done) = (Vec::new(), BTreeSet::new());
    for (&from, reachable) in &reached {
        if done.contains(from) || !reachable.contains(from) {
            continue;
        }
        let members = reachable.iter().copied().filter(|to| reached.get(to).is_some_and(|back| back.contains(from)));
        let members: BTreeSet<&Module> = members.collect();
        done.extend(members.iter().copied());
        circles.push(Circle { modules: members.iter().map(|m| name(m)).collect(), instance: instance(edges, from) });
    }
    circles
}

fn reach<'a>(edges: &'a BTreeMap<&Module, BTreeMap<Module, String>>, from: &'a Module) -> BTreeSet<&'a Module> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(module) = open.pop() {
        let next = edges.get(module).into_iter().flat_map(BTreeMap::keys);
        open.extend(next.filter(|to| seen.insert(*to)));
    }
    seen
}

/// The shortest way from `from` back to it.
fn instance(edges: &BTreeMap<&Module, BTreeMap<Module, String>>, from: &Module) -> Vec<String> {
    let mut ways: Vec<(Module, Vec<String>)> = vec![(from.clone(), Vec::new())];
    let (mut seen, mut next) = (BTreeSet::new(), 0);
    while next < ways.len() {
        let (module, way) = ways[next].clone();
        next += 1;
        for (to, path) in edges.get(&module).into_iter().flatten() {
            let way = [way.as_slice(), &[format!("{} names {path}", name(&module))]].concat();
            if to == from {
                return way;
            }
            if seen.insert(to) {
                ways.push((to.clone(), way));
            }
        }
    }
    Vec::new()
}

fn name(module: &Module) -> String {
    if module.is_empty() { "the crate's root".to_owned() } else { module.join("::") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let module = |name: &str| name.split("::").filter(|s| !s.is_empty()).map(str::to_owned).collect();
        let files = files.iter().map(|(name, text)| (module(name), (*text).to_owned())).collect();
        circles(&files).into_iter().map(|circle| circle.modules).collect()
    }

    #[test]
    fn two_files_that_name_each_other_are_a_circle() {
        assert_eq!(
            of(&[("", "mod a; mod b;"), ("a", "use crate::b::B;"), ("b", "use super::a::{A, c::C};")]),
            [["a", "b"]]
        );
        assert_eq!(of(&[("a", "fn f() { crate::b::g() }"), ("b", "use crate::a as x;")]), [["a", "b"]]);
        assert_eq!(of(&[("a", "use crate::b::B;"), ("b", "use other::a::A;")]), Vec::<Vec<String>>::new());
        let inner = ("a", "use b::B; mod inner { use super::{C, super::D}; fn f() {} } struct C;");
        assert_eq!(of(&[inner, ("a::b", "struct B;"), ("", "mod a;")]), Vec::<Vec<String>>::new());
        assert_eq!(of(&[("a", "use b::B;"), ("a::b", "mod inner { use super::super::A; }")]), [["a", "a::b"]]);
        let visible = ("b", "pub(in crate::a) struct B;");
        assert_eq!(of(&[("a", "use crate::b::B;"), visible]), Vec::<Vec<String>>::new());
        assert_eq!(
            of(&[("a", "use crate::b::B;"), ("b", "use crate::c::C;"), ("c", "use crate::a::A;")]),
            [["a", "b", "c"]]
        );
    }

    #[test]
    fn a_parent_may_re_export_its_children_but_not_use_what_uses_it() {
        assert_eq!(
            of(&[("a", "mod b; pub use b::B; struct A;"), ("a::b", "use super::A;")]),
            Vec::<Vec<String>>::new()
        );
        assert_eq!(of(&[("a", "mod b; use b::B; struct A;"), ("a::b", "use super::A;")]), [["a", "a::b"]]);
        assert_eq!(of(&[("a", "mod b; fn f() { b::g() }"), ("a::b", "use super::*;")]), [["a", "a::b"]]);
    }

    #[test]
    fn a_re_exported_name_is_its_own_file_and_not_the_parent() {
        let files = [
            ("a", "mod b; mod c; pub use b::B; pub(crate) use c::{C as D};"),
            ("a::b", "use super::D;"),
            ("a::c", "use super::other;"),
        ];
        assert_eq!(of(&files), Vec::<Vec<String>>::new());
        assert_eq!(
            of(&[("a", "mod b; mod c; pub use b::B;"), ("a::b", "use super::c::C;"), ("a::c", "use crate::a::B;")]),
            [["a::b", "a::c"]]
        );
    }

    #[test]
    fn tests_and_comments_name_nobody() {
        let files = [
            ("", "mod a; mod b; #[cfg(test)] mod reference;"),
            ("a", "use crate::b::B; // crate::a"),
            ("b", "/// [`crate::a::A`]\nstruct B; #[cfg(test)] mod tests { use crate::a::A; }"),
            ("reference", "use crate::a::A; use crate::b::B;"),
        ];
        assert_eq!(of(&files), Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_known_circle_that_is_none_any_more_is_refused() {
        let circle = Circle { modules: vec!["a".to_owned(), "b".to_owned()], instance: Vec::new() };
        let found = [("data".to_owned(), circle)];
        let findings = |known: &[(&str, &[&str])]| {
            let mut findings = Vec::new();
            compare(&found, known, &mut findings);
            findings.len()
        };
        assert_eq!(findings(&[]), 1);
        assert_eq!(findings(&[("data", &["a", "b"])]), 0);
        assert_eq!(findings(&[("data", &["a", "b"]), ("eval", &["a", "b"])]), 1);
    }
}
