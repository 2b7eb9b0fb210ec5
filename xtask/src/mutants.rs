//! `cargo xtask mutants [ROOM…] [--sample N] [--seed S] [--only TEXT] [--missed] [--list] [--write]`: small faults are put
//! into rooms, one at a time, and the table says how many of them the rooms' own tests notice.
//!
//! All mutants of a sample are compiled into one program, each behind a switch that the environment turns on, in a copy of the
//! repository below the build directory. So a room is built once, and a mutant costs one run of its tests.

mod build;
mod equivalents;
mod find;
mod judge;
mod mutant;
mod report;
mod returned;
mod sources;
mod switches;
mod verdicts;

use crate::page;
use anyhow::{Context, Result, bail};
use build::{Extra, Workshop};
use equivalents::Equivalents;
use judge::{Judge, Verdict};
use mutant::Mutant;
use report::Report;
use std::path::{Path, PathBuf};
use verdicts::Verdicts;

/// Rooms that are judged when none is named, security and durability first.
const ROOMS: &[&str] =
    &["s3", "store", "backend-sql", "http", "serving", "filter", "eval", "braze", "wire", "service", "domain", "data"];

/// Mutants of a room that are tried when no number is given.
const SAMPLE: usize = 100;

/// Tests of other rooms that judge a room, because that is where its promises are seen.
const EXTRAS: &[Extra] = &[Extra { room: "service", of: "http", test: "it" }];

#[derive(Debug)]
struct Options {
    rooms: Vec<String>,
    sample: usize,
    seed: u64,
    /// Only mutants whose file, line and name contain this.
    only: Option<String>,
    /// What earlier runs caught is taken from them.
    again: bool,
    lists: bool,
    writes: bool,
}

/// Judges the rooms that are named, prints their rows and what was missed, and writes the rows if that is asked for.
pub fn run(root: &Path, arguments: &[&str]) -> Result<()> {
    let options = parse(arguments)?;
    let root = root.canonicalize().context("the repository is not where it was")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    std::fs::create_dir_all(&target)?;
    let base = target.canonicalize()?.join("mutants");
    let workshop = Workshop { root: &root, copy: base.join("source"), target: base.join("build") };
    let equivalents = Equivalents::read(&root)?;
    let mut rows = String::new();
    for room in &options.rooms {
        let mutants = of_room(&root, room)?;
        for stale in equivalents.stale(&format!("crates/{room}/"), &mutants) {
            println!("no longer a mutant, but listed in {}: {stale}", equivalents::FILE);
        }
        if options.lists {
            for mutant in &mutants {
                println!("{}:{} {}", mutant.file, mutant.line, mutant.name);
            }
            continue;
        }
        let report = judge(&workshop, room, mutants, &equivalents, &options)?;
        print!("{}{}{}", report.missed(), report::HEAD, report.row());
        rows += &report.row();
        if options.writes {
            page::rewrite(&root.join("docs/reliability.md"), "mutants", |table| {
                report::with_row(table, room, &report.row())
            })?;
        }
    }
    if options.rooms.len() > 1 && !options.lists {
        print!("{}{rows}", report::HEAD);
    }
    Ok(())
}

fn parse(arguments: &[&str]) -> Result<Options> {
    let mut options =
        Options { rooms: Vec::new(), sample: SAMPLE, seed: 1, only: None, again: false, lists: false, writes: false };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().with_context(|| format!("{argument} wants a value"));
        match *argument {
            "--sample" => options.sample = value()?.parse().context("--sample wants a whole number")?,
            "--seed" => options.seed = value()?.parse().context("--seed wants a whole number")?,
            "--only" => options.only = Some((*value()?).to_owned()),
            "--missed" => options.again = true,
            "--list" => options.lists = true,
            "--write" => options.writes = true,
            flag if flag.starts_with('-') => bail!("unknown option `{flag}`"),
            room => options.rooms.push(room.to_owned()),
        }
    }
    if options.rooms.is_empty() {
        options.rooms = ROOMS.iter().map(|room| (*room).to_owned()).collect();
    }
    Ok(options)
}

fn of_room(root: &Path, room: &str) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for file in sources::of_room(root, room)? {
        let source = std::fs::read_to_string(root.join(&file))?;
        mutants.extend(find::find(&file, &source)?);
    }
    Ok(mutants)
}

fn judge(
    workshop: &Workshop<'_>,
    room: &str,
    mut mutants: Vec<Mutant>,
    equivalents: &Equivalents,
    options: &Options,
) -> Result<Report> {
    let all = mutants.len();
    if let Some(only) = &options.only {
        mutants.retain(|mutant| format!("{}:{} {}", mutant.file, mutant.line, mutant.name).contains(only));
    }
    let sampled = sample(mutants, options.sample, options.seed);
    let tried = sampled.len();
    let sampled: Vec<_> = sampled.into_iter().filter(|mutant| !equivalents.contain(mutant)).collect();
    let equivalent = tried - sampled.len();

    std::fs::create_dir_all(&workshop.copy)?;
    let mut verdicts = Verdicts::read(workshop.copy.with_file_name(format!("{room}.json")));
    let (mut judged, mut unviable, mut new) = (Vec::new(), 0, Vec::new());
    for mutant in sampled {
        match verdicts.caught(&mutant).filter(|_| options.again) {
            Some(verdict) => judged.push((mutant, verdict)),
            None if options.again && verdicts.is_unviable(&mutant) => unviable += 1,
            None => new.push(mutant),
        }
    }

    let extra = EXTRAS.iter().find(|extra| extra.room == room);
    eprintln!("{room}: building {} of {all} mutants", new.len());
    let built = workshop.build(room, &new, extra)?;
    let folder = workshop.copy.join("crates").join(room);
    let judge = Judge { programs: &built.programs, folder: &folder, root: &workshop.copy, patience: judge::PATIENCE };
    let times = judge.without()?;
    for (number, mutant) in (0..).zip(new) {
        if built.unviable.contains(&number) {
            unviable += 1;
            verdicts.note(&mutant, None);
            continue;
        }
        let verdict = judge.verdict(number, &times)?;
        if verdict != Verdict::Caught {
            eprintln!("{verdict:?}: {}:{} {}", mutant.file, mutant.line, mutant.name);
        }
        verdicts.note(&mutant, Some(verdict));
        verdicts.write()?;
        judged.push((mutant, verdict));
    }
    Ok(Report { room: room.to_owned(), seed: options.seed, all, equivalent, unviable, judged })
}

/// The first mutants of an order that the seed and their names make, so that code which comes or goes does not change the choice
/// among the rest. They are in the order of the files again.
fn sample(mutants: Vec<Mutant>, count: usize, seed: u64) -> Vec<Mutant> {
    let mut ordered: Vec<_> = mutants.into_iter().enumerate().collect();
    ordered.sort_by_key(|(index, mutant)| (hash(seed, &format!("{}: {}", mutant.file, mutant.name)), *index));
    ordered.truncate(count);
    ordered.sort_by_key(|(index, _)| *index);
    ordered.into_iter().map(|(_, mutant)| mutant).collect()
}

/// FNV-1a, and the last step of SplitMix64 so that near seeds and names lie far apart.
fn hash(seed: u64, text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ seed;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_wrong_ones_refused() {
        let options = parse(&["s3", "--sample", "7", "store", "--seed", "3", "--write", "--missed"]).unwrap();
        assert_eq!((options.rooms, options.sample, options.seed), (vec!["s3".to_owned(), "store".to_owned()], 7, 3));
        assert!(options.writes && options.again && !options.lists);
        assert_eq!(parse(&[]).unwrap().rooms, ROOMS);
        let refused = |arguments: &[&str]| parse(arguments).unwrap_err().to_string();
        assert_eq!(refused(&["--sample"]), "--sample wants a value");
        assert_eq!(refused(&["--seed", "x"]), "--seed wants a whole number");
        assert_eq!(refused(&["--all"]), "unknown option `--all`");
    }

    #[test]
    fn a_sample_is_of_its_seed_and_stays_when_code_is_added() {
        let mutants = |source: &str| find::find("a.rs", source).unwrap();
        let names = |mutants: Vec<Mutant>| mutants.into_iter().map(|mutant| mutant.name).collect::<Vec<_>>();
        let source = "fn f() { a(); b(); c(); d(); e(); f(); g(); h(); }";
        let first = names(sample(mutants(source), 3, 1));
        assert_eq!(first.len(), 3);
        assert_eq!(first, names(sample(mutants(source), 3, 1)));
        assert!((2..20).any(|seed| first != names(sample(mutants(source), 3, seed))));
        let more = names(sample(mutants(&format!("fn z() {{ y(); }} {source}")), 3, 1));
        assert!(first.iter().filter(|name| more.contains(name)).count() >= 1, "{first:?} {more:?}");
    }
}
