//! The data directory and its disk: rights, room, files and the time of an fsync.

use super::finding::{Finding, size};
use crate::disk::Disk;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Free bytes below which a server does not start for long,
const FREE_BYTES_MIN: u64 = 256 << 20;
/// and below which a training may fill the disk.
const FREE_BYTES_GOOD: u64 = 2 << 30;
/// Files that may still be made below which imports fail soon.
const FREE_INODES_GOOD: u64 = 10_000;
/// The time of an fsync from which on each acknowledged event waits noticeably.
const FSYNC_GOOD: Duration = Duration::from_millis(50);
/// Times that are measured.
const FSYNCS: usize = 9;

/// The checks of a directory that may not be there yet.
pub fn findings(data_dir: &Path) -> Vec<Finding> {
    let Some(existing) = existing(data_dir) else {
        let advice = "choose another directory with --data-dir DIR";
        return vec![Finding::fail("data directory", format!("nothing of {} exists", data_dir.display()), advice)];
    };
    let mut findings = vec![rights(data_dir, &existing)];
    match Disk::of(&existing) {
        Ok(disk) => findings.extend([room(&disk), inodes(&disk)]),
        Err(error) => {
            findings.push(Finding::fail("disk space", format!("{error:#}"), "look at the mount of the data directory"))
        }
    }
    findings.push(match fsync(&existing) {
        Ok(median) => judged_fsync(median),
        Err(error) => Finding::fail(
            "fsync",
            format!("nothing can be written to {}: {error}", existing.display()),
            "give the user that runs the server write access, or remount a read-only disk",
        ),
    });
    findings
}

/// The directory, or the nearest one above it that is there.
pub(super) fn existing(data_dir: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(data_dir).ok()?;
    absolute.ancestors().find(|path| path.is_dir()).map(Path::to_owned)
}

#[cfg(unix)]
fn rights(data_dir: &Path, existing: &Path) -> Finding {
    use std::os::unix::fs::MetadataExt;
    const CHECK: &str = "data directory";
    let (shown, me) = (data_dir.display(), rustix::process::geteuid().as_raw());
    if std::path::absolute(data_dir).ok().as_deref() != Some(existing) {
        if data_dir.exists() {
            let advice = "name a directory with --data-dir DIR";
            return Finding::fail(CHECK, format!("{shown} is no directory"), advice);
        }
        return Finding::ok(CHECK, format!("{shown} is not there yet; the first start makes it"));
    }
    let Ok(found) = std::fs::metadata(existing) else {
        return Finding::fail(CHECK, format!("{shown} cannot be looked at"), "give this user access to it");
    };
    let (owner, mode) = (found.uid(), found.mode() & 0o777);
    if owner != me {
        let found = format!("{shown} is owned by user {owner}, and this is user {me}");
        return Finding::warn(CHECK, found, format!("run this command and the server as user {owner}, or chown it"));
    }
    if mode & 0o077 != 0 {
        let found = format!("{shown} can be read by others (mode {mode:o}), and keys are in it");
        return Finding::warn(CHECK, found, format!("chmod 700 {shown}; a start of the server does it as well"));
    }
    Finding::ok(CHECK, format!("{shown}, mode {mode:o}, is this user's own"))
}

#[cfg(not(unix))]
fn rights(data_dir: &Path, _existing: &Path) -> Finding {
    Finding::ok("data directory", data_dir.display().to_string())
}

fn room(disk: &Disk) -> Finding {
    const CHECK: &str = "disk space";
    let found = format!("{} of {} are free", size(disk.free_bytes), size(disk.size_bytes));
    let advice =
        "make room, or move the data directory to a larger disk; see docs/operations/runbook.md#disk-nearly-full";
    match disk.free_bytes {
        ..FREE_BYTES_MIN => Finding::fail(CHECK, found, advice),
        FREE_BYTES_MIN..FREE_BYTES_GOOD => Finding::warn(CHECK, found, advice),
        _ => Finding::ok(CHECK, found),
    }
}

fn inodes(disk: &Disk) -> Finding {
    const CHECK: &str = "inodes";
    if disk.inodes == 0 {
        return Finding::ok(CHECK, "the file system has no limit of files");
    }
    let found = format!("{} more files can be made", disk.free_inodes);
    match disk.free_inodes {
        0 => Finding::fail(CHECK, found, "delete files, or move the data directory to a file system with more inodes"),
        1..FREE_INODES_GOOD => {
            Finding::warn(CHECK, found, "delete files, or move the data directory to a file system with more inodes")
        }
        _ => Finding::ok(CHECK, found),
    }
}

/// The median time until a page is on the disk.
fn fsync(directory: &Path) -> std::io::Result<Duration> {
    let mut file = tempfile::tempfile_in(directory)?;
    let mut times = Vec::with_capacity(FSYNCS);
    for _ in 0..FSYNCS {
        file.write_all(&[0x5a; 4096])?;
        let began = Instant::now();
        file.sync_all()?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times[FSYNCS / 2])
}

fn judged_fsync(median: Duration) -> Finding {
    let found = format!("{:.2} ms at the median", median.as_secs_f64() * 1000.0);
    if median > FSYNC_GOOD {
        let advice = "every acknowledged event and resource waits for one: use a local SSD for the data directory";
        return Finding::warn("fsync", found, advice);
    }
    Finding::ok("fsync", found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    fn disk(free_bytes: u64, free_inodes: u64, inodes: u64) -> Disk {
        Disk { free_bytes, size_bytes: 100 << 30, free_inodes, inodes }
    }

    #[test]
    fn little_room_is_told_and_none_fails() {
        for (bytes, verdict) in [(1 << 20, Verdict::Fail), (1 << 30, Verdict::Warn), (50 << 30, Verdict::Ok)] {
            assert_eq!(room(&disk(bytes, 1, 1)).verdict, verdict, "{bytes}");
        }
        for (free, all, verdict) in
            [(0, 10, Verdict::Fail), (9, 10, Verdict::Warn), (20_000, 30_000, Verdict::Ok), (0, 0, Verdict::Ok)]
        {
            assert_eq!(inodes(&disk(0, free, all)).verdict, verdict, "{free} of {all}");
        }
        assert_eq!(judged_fsync(Duration::from_millis(200)).verdict, Verdict::Warn);
        assert_eq!(judged_fsync(Duration::from_millis(2)).found, "2.00 ms at the median");
    }

    #[test]
    #[cfg(unix)]
    fn rights_of_others_and_files_in_the_way_are_told() -> std::io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir()?;
        let data = dir.path().join("data");
        assert_eq!(findings(&data)[0].found, format!("{} is not there yet; the first start makes it", data.display()));
        std::fs::create_dir(&data)?;
        std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755))?;
        let found = &findings(&data)[0];
        assert_eq!(found.verdict, Verdict::Warn);
        assert!(
            found.found.contains("mode 755") && found.advice.as_deref().is_some_and(|a| a.starts_with("chmod 700"))
        );
        std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700))?;
        assert_eq!(findings(&data)[0].verdict, Verdict::Ok);
        let file = dir.path().join("file");
        std::fs::write(&file, "x")?;
        assert_eq!(
            (findings(&file)[0].verdict, findings(&file)[0].found.contains("is no directory")),
            (Verdict::Fail, true)
        );
        Ok(())
    }
}
