//! Installation of the PostgreSQL server that tests start in temporary directories.

use super::debian::{install, may_install, present};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

const PACKAGES: &[&str] = &["postgresql"];

/// The package whose settings say whether an installed server gets a cluster of the system.
const COMMON: &[&str] = &["postgresql-common"];
const SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";

/// Sees to it that there are the programs of a PostgreSQL server: the machine's own, or Debian's packages where root runs this. No
/// server of the system is made or started.
pub fn postgres() -> Result<()> {
    if present("postgres") && present("initdb") || is_installed() {
        return Ok(());
    }
    may_install("postgres and initdb, neither on the PATH nor in /usr/lib/postgresql", PACKAGES)?;
    install("postgresql-common", COMMON)?;
    let before = fs::read_to_string(SETTINGS).with_context(|| format!("cannot read {SETTINGS}"))?;
    fs::write(SETTINGS, format!("{before}\ncreate_main_cluster = false\n"))?;
    let installed = install("postgresql", PACKAGES);
    fs::write(SETTINGS, before)?;
    installed
}

/// Whether Debian's packages are there, which put their programs beside the `PATH`.
fn is_installed() -> bool {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let has = |bin: &Path| ["postgres", "initdb", "psql", "pg_isready"].iter().all(|name| bin.join(name).exists());
    versions.map(|version| version.path().join("bin")).any(|bin| has(&bin))
}
