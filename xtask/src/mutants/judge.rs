//! One run of a room's tests with one mutant on: do they notice?

use super::switches::VARIABLE;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// Address space of a test program, in KiB: a mutant that fills lists without end does not take the machine along.
const ADDRESS_SPACE_KIB: u64 = 12 << 20;

/// The time that a run may take. One that is not over in time is tried once more with the second patience, so that a machine that did
/// other work at that moment is not taken for a fault.
pub const PATIENCE: [Patience; 2] =
    [Patience { factor: 6, least: Duration::from_secs(20) }, Patience { factor: 20, least: Duration::from_secs(60) }];

/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// The time that a program may run, by the time that it takes without a mutant.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// This many times as long.
    pub factor: u32,
    /// A quick program may take this long all the same.
    pub least: Duration,
}

/// What the tests said of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A test failed.
    Caught,
    /// The tests did not end in time, tried twice.
    Timeout,
    /// All tests passed.
    Missed,
}

/// The test programs of a room.
#[derive(Debug)]
pub struct Judge<'a> {
    /// The programs, in the order in which they run.
    pub programs: &'a [PathBuf],
    /// Where they run.
    pub folder: &'a Path,
    /// The copy of the repository.
    pub root: &'a Path,
    /// The time of a run, and of the run after one that was not over in time.
    pub patience: [Patience; 2],
}

impl Judge<'_> {
    /// Runs the tests without a mutant. They must pass; gives the time that each program took.
    pub fn without(&self) -> Result<Vec<Duration>> {
        let mut times = Vec::new();
        for program in self.programs {
            let begin = Instant::now();
            let mut child = self.start(program, None)?;
            let _failures = failures(&mut child)?;
            let status = child.wait()?;
            if !status.success() {
                bail!("{} fails without any mutant: {status}", program.display());
            }
            times.push(begin.elapsed());
        }
        Ok(times)
    }

    /// Runs the tests with the mutant on, until one fails. `times` are those without a mutant.
    pub fn verdict(&self, number: u32, times: &[Duration]) -> Result<Verdict> {
        for (program, time) in self.programs.iter().zip(times) {
            let mut verdict = Verdict::Timeout;
            for patience in self.patience {
                verdict = self.verdict_of(program, number, (*time * patience.factor).max(patience.least))?;
                if verdict != Verdict::Timeout {
                    break;
                }
            }
            if verdict != Verdict::Missed {
                return Ok(verdict);
            }
        }
        Ok(Verdict::Missed)
    }

    fn verdict_of(&self, program: &Path, number: u32, limit: Duration) -> Result<Verdict> {
        let begin = Instant::now();
        let mut child = self.start(program, Some(number))?;
        let failures = failures(&mut child)?;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(if status.success() { Verdict::Missed } else { Verdict::Caught });
            }
            // The other tests need not be waited for.
            let verdict = if failures.try_recv().is_ok() {
                Verdict::Caught
            } else if begin.elapsed() > limit {
                Verdict::Timeout
            } else {
                std::thread::sleep(LOOK);
                continue;
            };
            end(&mut child)?;
            return Ok(verdict);
        }
    }

    fn start(&self, program: &Path, number: Option<u32>) -> Result<Child> {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -v {ADDRESS_SPACE_KIB}; exec \"$0\"")]).arg(program);
        command.current_dir(self.folder).env_remove(VARIABLE).env_remove("CARGO_MANIFEST_DIR");
        // Nothing is written for a later run, and properties are tried on the same values each time.
        command.env("INSTA_UPDATE", "no").env("INSTA_WORKSPACE_ROOT", self.root);
        command.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true").env("PROPTEST_RNG_SEED", "1");
        if let Some(number) = number {
            command.env(VARIABLE, number.to_string());
        }
        // A group of its own, so that what it started ends with it.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        command.spawn().with_context(|| format!("cannot run {}", program.display()))
    }
}

/// Hears of each test that fails, while the program runs on.
fn failures(child: &mut Child) -> Result<Receiver<()>> {
    let output = child.stdout.take().context("a program without output")?;
    let (failed, failures) = mpsc::channel();
    std::thread::spawn(move || {
        let lines = BufReader::new(output).lines().map_while(Result::ok);
        // Who has heard enough does not listen any more; the output is read all the same.
        lines.filter(|line| line.ends_with("... FAILED")).for_each(|_| failed.send(()).unwrap_or_default());
    });
    Ok(failures)
}

fn end(child: &mut Child) -> Result<()> {
    let mut kill = Command::new("kill");
    kill.args(["-9", "--", &format!("-{}", child.id())]).stderr(Stdio::null()).status().context("cannot run kill")?;
    child.wait()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSES: &str = "exit 0";
    const FAILS: &str = "exit 1";
    const NEVER_ENDS: &str = "sleep 60";

    /// A folder with a program that does `first` when it is run for the first time, and `later` from then on.
    #[derive(Debug)]
    struct Script(PathBuf);

    impl Script {
        fn new(name: &str, first: &str, later: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("mutants-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            let text = format!("#!/bin/sh\nif [ -e ran ]; then {later}; else touch ran; {first}; fi\n");
            std::fs::write(folder.join("program"), text).unwrap();
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(folder.join("program"), mode).unwrap();
            Self(folder)
        }

        fn verdict(&self, limits: [Duration; 2]) -> Verdict {
            let programs = [self.0.join("program")];
            let patience = limits.map(|least| Patience { factor: 1, least });
            let judge = Judge { programs: &programs, folder: &self.0, root: &self.0, patience };
            judge.verdict(1, &[Duration::ZERO]).unwrap()
        }
    }

    impl Drop for Script {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn a_failure_is_noticed_and_a_pass_is_not() {
        let root = Path::new("/");
        let judge = |programs: &[&str]| {
            let programs: Vec<_> = programs.iter().map(PathBuf::from).collect();
            let judge = Judge { programs: &programs, folder: root, root, patience: PATIENCE };
            judge.verdict(1, &vec![Duration::ZERO; programs.len()]).unwrap()
        };
        assert_eq!(judge(&["true", "true"]), Verdict::Missed);
        assert_eq!(judge(&["true", "false"]), Verdict::Caught);
        let fails = Judge { programs: &["false".into()], folder: root, root, patience: PATIENCE }.without();
        assert!(fails.unwrap_err().to_string().contains("without any mutant"));
    }

    #[test]
    fn the_first_failure_is_enough() {
        let program = Script::new("first", "echo 'test a ... FAILED'; sleep 60", PASSES);
        let began = Instant::now();
        assert_eq!(program.verdict([Duration::from_secs(50); 2]), Verdict::Caught);
        assert!(began.elapsed() < Duration::from_secs(15));
    }

    #[test]
    fn what_takes_too_long_is_tried_once_more_with_more_patience() {
        let limits = |first_s: u64, second_s: u64| [first_s, second_s].map(Duration::from_secs);
        let cases = [
            (Script::new("passes", NEVER_ENDS, PASSES), limits(2, 50), Verdict::Missed),
            (Script::new("fails", NEVER_ENDS, FAILS), limits(2, 50), Verdict::Caught),
            (Script::new("hangs", NEVER_ENDS, NEVER_ENDS), limits(1, 1), Verdict::Timeout),
        ];
        std::thread::scope(|scope| {
            for (program, limits, expected) in cases {
                scope.spawn(move || assert_eq!(program.verdict(limits), expected, "{program:?}"));
            }
        });
    }
}
