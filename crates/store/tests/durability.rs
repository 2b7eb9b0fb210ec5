//! The syncs behind the acknowledgement of a blob: the file is synced before it has its name, then every folder
//! that leads to it; and a full disk is told, whichever call meets it.
//!
//! The test's own `fsync` and `write` stand before those of the C library, so that every call of this process is seen,
//! also those inside `object_store`.
#![cfg(target_os = "linux")]

use std::ffi::{c_int, c_void};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bytes::Bytes;
use tastemaker_store::{Blobs, Error, ObjectStoreBlobs};

/// A watch over the calls of the process.
#[derive(Default)]
struct Watch {
    /// Calls on other files are let through.
    root: PathBuf,
    /// The file whose appearance matters.
    target: PathBuf,
    /// The synced paths, relative to the root, and whether the target was there.
    synced: Vec<(String, bool)>,
    /// Which call finds the disk full.
    full: Option<&'static str>,
}

static WATCH: Mutex<Option<Watch>> = Mutex::new(None);

/// Whether a call must fail as on a full disk.
fn watched(call: &'static str, fd: c_int) -> bool {
    let Ok(path) = fs::read_link(format!("/proc/self/fd/{fd}")) else { return false };
    let Ok(mut watch) = WATCH.lock() else { return false };
    let Some(watch) = watch.as_mut() else { return false };
    let Ok(relative) = path.strip_prefix(&watch.root) else { return false };
    if call == "fsync" {
        let there = watch.target.exists();
        watch.synced.push((relative.display().to_string(), there));
    }
    watch.full == Some(call)
}

fn no_space() -> c_int {
    // SAFETY: the location of this thread's error number is valid.
    unsafe { *libc::__errno_location() = libc::ENOSPC };
    -1
}

/// Stands before the C library's function of this name.
#[unsafe(no_mangle)]
pub extern "C" fn fsync(fd: c_int) -> c_int {
    if watched("fsync", fd) {
        return no_space();
    }
    // SAFETY: the system call takes any number.
    unsafe { libc::syscall(libc::SYS_fsync, fd) as c_int }
}

/// Stands before the C library's function of this name.
///
/// # Safety
///
/// As of the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(fd: c_int, bytes: *const c_void, len: usize) -> isize {
    if fd > 2 && watched("write", fd) {
        return no_space() as isize;
    }
    // SAFETY: the caller's promise.
    unsafe { libc::syscall(libc::SYS_write, fd, bytes, len) as isize }
}

/// Watches from now on for a new blob.
fn watch(root: &Path, key: &str, full: Option<&'static str>) {
    let target = root.join("blobs").join(key);
    *WATCH.lock().expect("watch") = Some(Watch { root: root.to_owned(), target, synced: Vec::new(), full });
}

/// The syncs since, with the writer's own folder as `incoming/*`.
fn synced() -> Vec<(String, bool)> {
    let watch = WATCH.lock().expect("watch").take().expect("watched");
    let own = |path: String| match path.strip_prefix("incoming/") {
        Some(below) => format!("incoming/*{}", below.find('/').map_or("", |at| &below[at..])),
        None => path,
    };
    watch.synced.into_iter().map(|(path, there)| (own(path), there)).collect()
}

fn expected(calls: &[(&str, bool)]) -> Vec<(String, bool)> {
    calls.iter().map(|(path, there)| ((*path).to_owned(), *there)).collect()
}

/// One test, because the watch is of the whole process.
#[tokio::test]
async fn a_blob_is_acknowledged_when_it_and_its_folders_are_synced() {
    let temporary = tempfile::tempdir().expect("directory");
    let root = temporary.path().canonicalize().expect("path");

    watch(&root, "none", None);
    let blobs = ObjectStoreBlobs::open_directory(&root).await.expect("open");
    assert_eq!(synced(), expected(&[("", false), ("", false)]), "the two folders of a new directory");

    watch(&root, "a/b/k", None);
    blobs.put("a/b/k", "x".into()).await.expect("put");
    let file = [("incoming/*/blob#1", false), ("incoming/*", false)];
    let new_folders = [("blobs", false), ("blobs/a", false), ("blobs/a/b", true)];
    assert_eq!(synced(), expected(&[&file[..], &new_folders].concat()), "the file, then its folders from the top");

    watch(&root, "a/b/second", None);
    let mut writer = blobs.writer("a/b/second").await.expect("writer");
    for _ in 0..3 {
        writer.write(Bytes::from(vec![7; 700_000])).await.expect("write");
    }
    writer.finish().await.expect("finish");
    assert_eq!(synced(), expected(&[&file[..], &[("blobs/a/b", true)]].concat()), "folders that are durable");

    // As a process leaves it that dies after making a folder.
    fs::create_dir(root.join("blobs/a/c")).expect("made");
    watch(&root, "a/c/k", None);
    blobs.put("a/c/k", "x".into()).await.expect("put");
    let found_folder = [("blobs/a", false), ("blobs/a/c", true)];
    assert_eq!(synced(), expected(&[&file[..], &found_folder].concat()), "a folder of unknown durability");

    watch(&root, "a/b/k", None);
    assert!(matches!(blobs.put("a/b/k", "y".into()).await, Err(Error::Conflict(_))));
    assert!(!synced().contains(&("blobs/a/b".to_owned(), false)));

    blobs.put("a/d/lost", "x".into()).await.expect("put");
    blobs.set_aside("a/d/lost", "until-1").await.expect("set aside");
    fs::remove_dir(root.join("blobs/a/d")).expect("removed");
    let blobs = ObjectStoreBlobs::open_directory(&root).await.expect("open");
    let lost = blobs.lost().await.expect("lost").remove(0);
    watch(&root, "a/d/lost", None);
    assert!(blobs.bring_back(&lost).await.expect("back"));
    let folders = [("blobs", false), ("blobs/a", false)];
    assert_eq!(synced()[..2], expected(&folders), "the folders that lead to what is brought back");

    for full in ["write", "fsync"] {
        for body in [Bytes::from_static(b"small"), Bytes::from(vec![1; 3_000_000])] {
            watch(&root, "full/k", Some(full));
            let stored = blobs.put("full/k", body).await;
            synced();
            let Err(Error::Unavailable(what)) = stored else { panic!("{full}: {stored:?}") };
            assert_eq!(what, "full/k: No space left on device (os error 28)", "{full}");
            assert!(matches!(blobs.head("full/k").await, Err(Error::NotFound(_))), "{full}");
        }
    }

    // Only the last part finds the disk full, then the caller goes on all the same.
    let mut writer = blobs.writer("full/k").await.expect("writer");
    writer.write(Bytes::from(vec![1; 2_000_000])).await.expect("write");
    watch(&root, "full/k", Some("write"));
    assert!(matches!(writer.write(Bytes::from(vec![1; 1_000_000])).await, Err(Error::Unavailable(_))));
    synced();
    let finished = writer.finish().await.expect_err("a part is missing").to_string();
    assert_eq!(finished, "storage backend object_store failed: full/k: an earlier write failed");
    assert!(matches!(blobs.head("full/k").await, Err(Error::NotFound(_))));

    let left = fs::read_dir(root.join("incoming")).expect("list").count();
    assert_eq!(left, 0, "no unfinished file is left");
    blobs.put("full/k", "fits".into()).await.expect("put");
}
