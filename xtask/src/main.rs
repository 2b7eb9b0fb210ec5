//! Repository tooling: `cargo xtask <command>`.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod benchmarks;
mod cargo;
mod codegen;
mod deny;
mod dist;
mod faults;
mod fuzz;
mod mutants;
mod page;
mod quality;
mod test;
mod tidy;

use anyhow::{Result, bail};
use std::path::Path;

const USAGE: &str = "cargo xtask <command>

commands:
  codegen [--check]   write crates/wire/src/generated, openapi.json and docs/api-compatibility.md from models/, or check
                      that nothing would change
  tidy                check arrows between rooms, idle dependencies, circles of files, unfinished words, machine paths,
                      file sizes
  deny                check licences, bans and sources of every dependency after deny.toml
  dist [--binary PATH] [--out DIR] [--compression 0..9] [--sizes]
                      build the binary of the dist profile, or take one, and write a tarball, a Debian package, symbols, a
                      bill of materials and checksums; with --sizes print the bytes of its crates instead
  test                run every test, with a Python environment for the boto3 and AWS CLI ones
  fuzz TARGET [SECONDS]
                      search for an input that breaks a decoder, with libFuzzer, from the seeds in fuzz/seeds
  faults              kill, starve, fill and damage a real server, print what was survived, and put it into
                      docs/reliability.md
  mutants [ROOM...] [--sample N] [--seed S] [--only TEXT] [--missed] [--list] [--write]
                      put small faults into rooms, one at a time, and print how many their tests notice; --missed tries
                      only those again that no test noticed; --write puts the rows into docs/reliability.md
  benchmarks [NAME]   run the benchmarks of docs/benchmarks.md, or one, and put what they print there
  benchmarks scale --full
                      the trainings of up to 20M rows, which take hours
  quality [SPLIT]     score every recipe on the research splits of ../shared; without SPLIT, rewrite docs/quality.md
  quality cold        new items and new users against simple methods";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // Where it runs, not where it was built: a cache of builds may serve several checkouts.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&manifest).join("..");
    match arguments.as_slice() {
        ["codegen"] => codegen::run(&root, false),
        ["codegen", "--check"] => codegen::run(&root, true),
        ["tidy"] => tidy::run(&root),
        ["deny"] => deny::run(&root),
        ["dist", arguments @ ..] => dist::run(&root, arguments),
        ["test"] => test::run(&root),
        ["fuzz", target] => fuzz::run(&root, target, None),
        ["fuzz", target, seconds] => fuzz::run(&root, target, Some(seconds)),
        ["mutants", arguments @ ..] => mutants::run(&root, arguments),
        ["faults"] => faults::run(&root),
        ["benchmarks"] => benchmarks::run(&root, None),
        ["benchmarks", "scale", "--full"] => benchmarks::full_scale(&root),
        ["benchmarks", name] => benchmarks::run(&root, Some(name)),
        ["quality"] => quality::run(&root, None),
        ["quality", "cold"] => quality::cold::run(&root),
        ["quality", split] => quality::run(&root, Some(split)),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        other => bail!("unknown command `{}`\n{USAGE}", other.join(" ")),
    }
}
