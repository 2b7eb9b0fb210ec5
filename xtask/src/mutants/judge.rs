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

/// A run may take this many times as long as one without a mutant.
const PATIENCE: u32 = 6;

/// And this much more.
const PATIENCE_EXTRA: Duration = Duration::from_secs(20);

/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// What the tests said of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A test failed.
    Caught,
    /// The tests did not end in time.
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
            let limit = *time * PATIENCE + PATIENCE_EXTRA;
            let begin = Instant::now();
            let mut child = self.start(program, Some(number))?;
            let failures = failures(&mut child)?;
            let status = loop {
                if let Some(status) = child.try_wait()? {
                    break status;
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
            };
            if !status.success() {
                return Ok(Verdict::Caught);
            }
        }
        Ok(Verdict::Missed)
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

    #[test]
    fn a_failure_is_noticed_and_a_pass_is_not() {
        let root = Path::new("/");
        let judge = |programs: &[&str]| {
            let programs: Vec<_> = programs.iter().map(PathBuf::from).collect();
            let judge = Judge { programs: &programs, folder: root, root };
            judge.verdict(1, &vec![Duration::ZERO; programs.len()]).unwrap()
        };
        assert_eq!(judge(&["true", "true"]), Verdict::Missed);
        assert_eq!(judge(&["true", "false"]), Verdict::Caught);
        let folder = std::env::temp_dir().join(format!("mutants-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let slow = folder.join("slow");
        std::fs::write(&slow, "#!/bin/sh\necho 'test a ... FAILED'\nsleep 60\n").unwrap();
        std::fs::set_permissions(&slow, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let began = Instant::now();
        assert_eq!(judge(&[slow.to_str().unwrap()]), Verdict::Caught);
        assert!(began.elapsed() < Duration::from_secs(15), "the first failure is enough");
        std::fs::remove_dir_all(folder).unwrap();
        let fails = Judge { programs: &["false".into()], folder: root, root }.without();
        assert!(fails.unwrap_err().to_string().contains("without any mutant"));
    }
}
