//! Migrations of tables, numbered in the order in which they were written.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Brings tables up to date with `migrations`, numbered from 1.
pub(crate) fn migrator(migrations: &[&'static str]) -> Migrator {
    let migration = |(number, sql): (i64, &&'static str)| {
        Migration::new(number, "".into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations((1..).zip(migrations).map(migration).collect())
}
