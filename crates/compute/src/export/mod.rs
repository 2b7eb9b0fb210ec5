//! Datasets to CSV files, each record once.
//!
//! - `line`: a row as text, the only place that knows the quoting rules of the way out.
//! - `source`: rows of Parquet files.
//!
//! To know a record again takes 16 bytes of memory for each. A dataset with more records than [`Export::rows_per_pass`]
//! is read several times, and each pass writes the records of one part of the hash space, so memory is bounded whatever
//! the size of the dataset.

mod line;
mod source;
#[cfg(test)]
mod tests;

pub use line::Cell;
pub use source::ParquetRows;

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::io::Write;

use tastemaker_domain::row_properties::id_column;
use tastemaker_domain::schema::Schema;
use tastemaker_store as store;

use crate::ImportError;
use crate::error::from_io;

/// Records that one pass can know again: about 200 MB of memory.
pub const ROWS_PER_PASS: u64 = 4 << 20;

/// Rows in the order of their arrival, as often as asked.
pub trait Rows {
    /// Calls `visit` with the cells of each row, in the schema's order.
    fn each(&mut self, visit: &mut Visit<'_>) -> Result<(), ImportError>;
}

/// Takes the cells of a row.
pub type Visit<'a> = dyn FnMut(&[Cell<'_>]) -> Result<(), ImportError> + 'a;

/// Which of several records with one id are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// All that differ in any field.
    Distinct,
    /// The newest.
    NewestOfId,
}

/// The settings of an export.
#[derive(Debug, Clone, Copy)]
pub struct Export<'a> {
    /// Header and order of the columns.
    pub schema: &'a Schema,
    /// The rule by which one of several records is kept.
    pub keep: Keep,
    /// Rows of the source, or more.
    pub rows: u64,
    /// Rows of one pass; [`ROWS_PER_PASS`].
    pub rows_per_pass: u64,
    /// A file that has this many bytes is followed by another.
    pub file_bytes_max: u64,
}

/// Counts of the rows that were written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Data rows of all files.
    pub rows: u64,
    /// Files.
    pub files: usize,
}

/// Writes the rows of `source` into files, each with a header and at least one in all. `open` starts the file with this
/// number, counted from 1; `finish` ends it. `progress` is told the rows written, and `cancelled` asked, now and then.
///
/// # Errors
/// Any refusal of `source`, `open` or `finish`, and [`ImportError::Cancelled`].
pub fn export_csv<W: Write>(
    export: &Export<'_>,
    source: &mut dyn Rows,
    open: &mut dyn FnMut(usize) -> store::Result<W>,
    finish: &mut dyn FnMut(W) -> store::Result<()>,
    progress: &dyn Fn(u64),
    cancelled: &dyn Fn() -> bool,
) -> Result<Exported, ImportError> {
    let mut files = Files { export, open, finish, current: None, done: Exported::default() };
    let hash = Hash(RandomState::new(), RandomState::new());
    let id = export.schema.fields.iter().position(|f| f.name == id_column(export.schema.dataset_type)).unwrap_or(0);
    let passes = u128::from(export.rows.div_ceil(export.rows_per_pass.max(1)).max(1));
    for pass in 0..passes {
        let mine = |hash: u128| hash % passes == pass;
        let mut line = String::new();
        let mut row = 0u64;
        let mut written = |line: &str, row: u64| -> Result<(), ImportError> {
            files.write(line)?;
            if row.is_multiple_of(1 << 14) {
                progress(files.done.rows);
                if cancelled() {
                    return Err(ImportError::Cancelled);
                }
            }
            Ok(())
        };
        match export.keep {
            Keep::Distinct => {
                let mut known = HashSet::new();
                source.each(&mut |cells| {
                    row += 1;
                    line.clear();
                    line::write_row(cells.iter().copied(), &mut line);
                    let hash = hash.of(line.as_bytes());
                    if mine(hash) && known.insert(hash) { written(&line, row) } else { Ok(()) }
                })?;
            }
            Keep::NewestOfId => {
                let mut newest: HashMap<u128, u64> = HashMap::new();
                let of = |cells: &[Cell<'_>]| match cells.get(id) {
                    Some(Cell::Text(id)) => hash.of(id.as_bytes()),
                    _ => 0,
                };
                source.each(&mut |cells| {
                    row += 1;
                    let hash = of(cells);
                    if mine(hash) {
                        newest.insert(hash, row);
                    }
                    if row.is_multiple_of(1 << 14) && cancelled() { Err(ImportError::Cancelled) } else { Ok(()) }
                })?;
                row = 0;
                source.each(&mut |cells| {
                    row += 1;
                    if newest.get(&of(cells)) != Some(&row) {
                        return Ok(());
                    }
                    line.clear();
                    line::write_row(cells.iter().copied(), &mut line);
                    written(&line, row)
                })?;
            }
        }
    }
    files.end()
}

/// Two keyed hashes as one, so wide that two records never share it by chance.
struct Hash(RandomState, RandomState);

impl Hash {
    fn of(&self, bytes: &[u8]) -> u128 {
        u128::from(self.0.hash_one(bytes)) << 64 | u128::from(self.1.hash_one(bytes))
    }
}

struct Files<'a, W> {
    export: &'a Export<'a>,
    open: &'a mut dyn FnMut(usize) -> store::Result<W>,
    finish: &'a mut dyn FnMut(W) -> store::Result<()>,
    /// The open file and its bytes.
    current: Option<(W, u64)>,
    done: Exported,
}

impl<W: Write> Files<'_, W> {
    fn write(&mut self, line: &str) -> Result<(), ImportError> {
        let (file, bytes) = match &mut self.current {
            Some(current) => current,
            None => {
                let file = self.start()?;
                self.current.insert(file)
            }
        };
        file.write_all(line.as_bytes()).map_err(from_io)?;
        *bytes += line.len() as u64;
        self.done.rows += 1;
        if *bytes >= self.export.file_bytes_max
            && let Some((file, _)) = self.current.take()
        {
            (self.finish)(file)?;
        }
        Ok(())
    }

    fn start(&mut self) -> Result<(W, u64), ImportError> {
        self.done.files += 1;
        let mut file = (self.open)(self.done.files)?;
        let mut header = String::new();
        line::write_row(self.export.schema.fields.iter().map(|f| Cell::Text(&f.name)), &mut header);
        file.write_all(header.as_bytes()).map_err(from_io)?;
        Ok((file, header.len() as u64))
    }

    fn end(mut self) -> Result<Exported, ImportError> {
        if self.done.files == 0 {
            let file = self.start()?;
            self.current = Some(file);
        }
        if let Some((file, _)) = self.current.take() {
            (self.finish)(file)?;
        }
        Ok(self.done)
    }
}
