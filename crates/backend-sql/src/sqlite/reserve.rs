//! Disk space in reserve: a file that is given up when the disk is full, so that deletions still fit.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

/// The size of the file: some hundred deletions in the write-ahead log.
const RESERVE_BYTES: usize = 4 << 20;

/// The file `<database>.reserve`.
#[derive(Debug)]
pub(crate) struct Reserve {
    path: PathBuf,
    /// Whether the file is there; locked while it is made or given up.
    held: Mutex<bool>,
}

impl Reserve {
    /// The reserve beside a database. A full disk has none until there is room again.
    pub(crate) fn beside(database: &Path) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push(".reserve");
        let reserve = Self { path: name.into(), held: Mutex::new(false) };
        reserve.refill();
        reserve
    }

    /// Gives the space up; whether there was any.
    pub(crate) fn give_up(&self) -> bool {
        let mut held = self.held.lock();
        std::mem::take(&mut *held) && fs::remove_file(&self.path).is_ok()
    }

    /// Takes the space again, if there is room.
    pub(crate) fn refill(&self) {
        let mut held = self.held.lock();
        if !*held {
            *held = self.make().is_ok();
            if !*held {
                // A part of it would be in the way of others.
                let _ = fs::remove_file(&self.path);
            }
        }
    }

    fn make(&self) -> io::Result<()> {
        if fs::metadata(&self.path).is_ok_and(|found| found.len() == RESERVE_BYTES as u64) {
            return Ok(());
        }
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        // Written, since space that is only promised may be gone.
        file.write_all(&vec![0x5a; RESERVE_BYTES])?;
        file.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_given_up_once_and_taken_again() {
        let root = tempfile::tempdir().expect("directory");
        let reserve = Reserve::beside(&root.path().join("d"));
        let size = || fs::metadata(root.path().join("d.reserve")).map(|found| found.len()).unwrap_or(0);
        assert_eq!(size(), RESERVE_BYTES as u64);
        assert!(reserve.give_up());
        assert_eq!(size(), 0);
        assert!(!reserve.give_up());
        reserve.refill();
        assert_eq!(size(), RESERVE_BYTES as u64);
        assert!(Reserve::beside(&root.path().join("d")).give_up(), "one that an earlier process left");
    }

    #[cfg(unix)]
    #[test]
    fn it_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().expect("directory");
        let _reserve = Reserve::beside(&root.path().join("d"));
        let mode = fs::metadata(root.path().join("d.reserve")).expect("made").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn one_of_another_size_is_made_anew() {
        let root = tempfile::tempdir().expect("directory");
        let path = root.path().join("d.reserve");
        for found in [1, RESERVE_BYTES + 1] {
            fs::write(&path, vec![1; found]).expect("write");
            let _reserve = Reserve::beside(&root.path().join("d"));
            assert!(fs::read(&path).expect("read") == vec![0x5a; RESERVE_BYTES], "{found}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_has_none_until_there_is_room() {
        let root = tempfile::tempdir().expect("directory");
        let path = root.path().join("d.reserve");
        std::os::unix::fs::symlink("/dev/full", &path).expect("link");
        let reserve = Reserve::beside(&root.path().join("d"));
        assert!(fs::symlink_metadata(&path).is_err(), "nothing is left of what could not be written");
        assert!(!reserve.give_up());
        reserve.refill();
        assert_eq!(fs::metadata(&path).expect("made").len(), RESERVE_BYTES as u64);
        assert!(reserve.give_up());
    }
}
