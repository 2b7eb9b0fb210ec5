//! The build of a room's tests with its mutants inside. Those that do not compile are taken out until the rest does.

use super::mutant::Mutant;
use super::sources;
use super::switches::{self, Switched};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// How often mutants are taken out before the build counts as broken for another reason.
const ROUNDS_MAX: usize = 30;

/// Where the mutants are built.
#[derive(Debug)]
pub struct Workshop<'a> {
    /// The repository.
    pub root: &'a Path,
    /// Its copy, whose files are changed.
    pub copy: PathBuf,
    /// The build directory of the copy.
    pub target: PathBuf,
}

/// The programs that judge a room, and the mutants that are not in them.
#[derive(Debug)]
pub struct Built {
    /// Test programs, the room's unit tests first.
    pub programs: Vec<PathBuf>,
    /// Numbers of mutants that do not compile.
    pub unviable: BTreeSet<u32>,
}

/// An integration test of another room that judges a room, too.
#[derive(Debug, Clone, Copy)]
pub struct Extra {
    /// The room that is judged.
    pub room: &'static str,
    /// The room where the test stands.
    pub of: &'static str,
    /// The test.
    pub test: &'static str,
}

impl Workshop<'_> {
    /// Builds `room`'s tests with `mutants`, whose number is their index.
    pub fn build(&self, room: &str, mutants: &[Mutant], extra: Option<&Extra>) -> Result<Built> {
        let mut unviable = BTreeSet::new();
        let package = format!("tastemaker-{room}");
        let mut tests = vec!["test", "--no-run", "--lib", "--tests", "-p", &package];
        let other = extra.map(|extra| format!("tastemaker-{}", extra.of));
        if let Some(other) = &other {
            tests.extend(["-p", other]);
        }
        for _ in 0..ROUNDS_MAX {
            let switched = self.write(room, mutants, &unviable)?;
            let mut output = self.cargo(&["check", "--lib", "-p", &package])?;
            if output.errors.is_empty() {
                output = self.cargo(&tests)?;
            }
            if output.errors.is_empty() {
                let programs = programs(&output.programs, &package, other.as_deref().zip(extra));
                if programs.is_empty() {
                    bail!("{package} has no tests");
                }
                return Ok(Built { programs, unviable });
            }
            let before = unviable.len();
            for error in &output.errors {
                let blamed = error.parts.iter().find_map(|(file, part)| {
                    let blamed = switched.get(file)?.blamed(part.clone());
                    (!blamed.is_empty()).then_some(blamed)
                });
                unviable.extend(blamed.unwrap_or_default());
            }
            if unviable.len() == before {
                let told: Vec<_> = output.errors.iter().map(|error| error.told.as_str()).collect();
                bail!("{package} does not compile, and no mutant is the reason:\n{}", told.join("\n"));
            }
        }
        bail!("{package} does not compile after mutants were taken out {ROUNDS_MAX} times");
    }

    fn write(&self, room: &str, mutants: &[Mutant], unviable: &BTreeSet<u32>) -> Result<BTreeMap<String, Switched>> {
        let library = format!("crates/{room}/src/lib.rs");
        let mut files: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.file.as_str()).collect();
        files.insert(&library);
        let mut switched = BTreeMap::new();
        for file in files {
            let source = std::fs::read_to_string(self.root.join(file))?;
            let of_file =
                (0..).zip(mutants).filter(|(number, mutant)| mutant.file == file && !unviable.contains(number));
            switched.insert(file.to_owned(), switches::write(&source, of_file));
        }
        let changed: Vec<_> = switched
            .iter()
            .map(|(file, switched)| {
                let switch = if *file == library { switches::SWITCH } else { "" };
                (file.clone(), format!("{}{switch}", switched.text))
            })
            .collect();
        sources::copy(self.root, &self.copy, &changed)?;
        Ok(switched)
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = crate::cargo::cargo();
        command.args(arguments).args(["--message-format", "json", "--quiet"]).current_dir(&self.copy);
        command.env("CARGO_TARGET_DIR", &self.target);
        let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {command:?}"))?;
        let mut parsed = Output::default();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
            parsed.add(&message);
        }
        if !output.status.success() && parsed.errors.is_empty() {
            bail!("{command:?} ended with {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(parsed)
    }
}

#[derive(Debug, Default)]
struct Output {
    errors: Vec<CompileError>,
    /// Package, test and path.
    programs: Vec<(String, String, PathBuf)>,
}

#[derive(Debug)]
struct CompileError {
    /// Files and bytes in them, the likeliest first.
    parts: Vec<(String, Range<usize>)>,
    told: String,
}

impl Output {
    fn add(&mut self, message: &Value) {
        match message["reason"].as_str() {
            Some("compiler-message") if message["message"]["level"] == "error" => {
                let message = &message["message"];
                let mut parts = Vec::new();
                collect_parts(message, &mut parts);
                // The last line only counts the others.
                if !parts.is_empty() {
                    let told = message["rendered"].as_str().unwrap_or_default().to_owned();
                    self.errors.push(CompileError { parts, told });
                }
            }
            Some("compiler-artifact") => {
                if let Some(program) = message["executable"].as_str()
                    && message["profile"]["test"] == true
                {
                    let package = message["package_id"].as_str().unwrap_or_default();
                    let test = message["target"]["name"].as_str().unwrap_or_default();
                    self.programs.push((package.to_owned(), test.to_owned(), program.into()));
                }
            }
            _ => {}
        }
    }
}

fn collect_parts(message: &Value, parts: &mut Vec<(String, Range<usize>)>) {
    let spans = message["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
    for primary in [true, false] {
        for span in spans.iter().filter(|span| span["is_primary"] == primary) {
            let byte = |name: &str| span[name].as_u64().and_then(|byte| usize::try_from(byte).ok());
            if let (Some(file), Some(start), Some(end)) =
                (span["file_name"].as_str(), byte("byte_start"), byte("byte_end"))
            {
                parts.push((file.to_owned(), start..end));
            }
        }
    }
    for child in message["children"].as_array().map(Vec::as_slice).unwrap_or_default() {
        collect_parts(child, parts);
    }
}

/// The room's own programs, its unit tests first, then the extra one.
fn programs(built: &[(String, String, PathBuf)], package: &str, extra: Option<(&str, &Extra)>) -> Vec<PathBuf> {
    let is_of = |id: &str, package: &str| {
        let folder = package.trim_start_matches("tastemaker-");
        id.split(['#', '@']).next().is_some_and(|path| path.ends_with(&format!("/{folder}")))
            || id.contains(&format!("#{package}@"))
    };
    let mut own: Vec<_> = built.iter().filter(|(id, ..)| is_of(id, package)).collect();
    own.sort_by_key(|(_, test, _)| *test != package.replace('-', "_"));
    let other =
        built.iter().filter(|(id, test, _)| extra.is_some_and(|(other, extra)| is_of(id, other) && test == extra.test));
    own.into_iter().chain(other).map(|(.., path)| path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_their_places_and_tests_their_programs() {
        let mut output = Output::default();
        output.add(&serde_json::json!({"reason": "compiler-message", "message": {"level": "error", "rendered": "no",
            "spans": [{"file_name": "a.rs", "byte_start": 1, "byte_end": 2, "is_primary": false},
                      {"file_name": "b.rs", "byte_start": 3, "byte_end": 4, "is_primary": true}], "children": []}}));
        output.add(&serde_json::json!({"reason": "compiler-message", "message": {"level": "error", "spans": [], "children": []}}));
        output.add(&serde_json::json!({"reason": "compiler-message", "message": {"level": "warning", "spans": []}}));
        output.add(&serde_json::json!({"reason": "compiler-artifact", "package_id": "path+file:///x/crates/http#tastemaker-http@0.1.0",
            "target": {"name": "it"}, "profile": {"test": true}, "executable": "/x/it"}));
        let [error] = output.errors.as_slice() else { panic!("{output:?}") };
        assert_eq!(error.parts, [("b.rs".to_owned(), 3..4), ("a.rs".to_owned(), 1..2)]);
        assert_eq!(output.programs.len(), 1);
    }

    #[test]
    fn a_room_is_judged_by_its_own_programs_and_the_extra_one() {
        let built = |package: &str, test: &str| {
            (
                format!("path+file:///x/crates/{package}#tastemaker-{package}@0.1.0"),
                test.to_owned(),
                PathBuf::from(test),
            )
        };
        let all = [
            built("http", "tastemaker_http"),
            built("http", "it"),
            built("a-b", "kill"),
            built("a-b", "tastemaker_a_b"),
        ];
        assert_eq!(programs(&all, "tastemaker-a-b", None), ["tastemaker_a_b", "kill"].map(PathBuf::from));
        let extra = Extra { room: "a-b", of: "http", test: "it" };
        let with = programs(&all, "tastemaker-a-b", Some(("tastemaker-http", &extra)));
        assert_eq!(with, ["tastemaker_a_b", "kill", "it"].map(PathBuf::from));
    }
}
