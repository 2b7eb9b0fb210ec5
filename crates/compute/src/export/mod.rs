//! Datasets to CSV files, each record once.
//!
//! - `line`: a row as text, the only place that knows the quoting rules of the way out.
//! - `source`: rows of Parquet files.
//!
//! - `set_aside`: the records of a dataset in parts, each small enough to be known by heart.
//!
//! To know a record again takes 16 bytes of memory for each. A dataset with more records than [`Export::rows_in_memory`]
//! is read once, its records are set aside in parts by their hash, and the parts are written one after the other, so that memory is
//! bounded whatever the size of the dataset.

mod line;
mod set_aside;
mod source;
#[cfg(test)]
mod tests;

pub use line::Cell;
pub use set_aside::SetAside;
pub use source::ParquetRows;

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::io::Write;

use tastemaker_domain::row_properties::id_column;
use tastemaker_domain::schema::Schema;
use tastemaker_store as store;

use crate::ImportError;
use crate::error::from_io;
use set_aside::Parts;

/// Records that are known again in memory: about 200 MB.
pub const ROWS_IN_MEMORY: u64 = 4 << 20;
/// Parts that records are set aside in, at most: each has a buffer while they are filled. Of more records, parts are larger.
const PARTS_MAX: u64 = 64;

/// Rows between two looks whether the caller wants no more.
const ROWS_BETWEEN_LOOKS: u64 = 1 << 14;

/// Rows in the order of their arrival.
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
    /// Rows that are known again in memory; [`ROWS_IN_MEMORY`].
    pub rows_in_memory: u64,
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

/// Writes the rows of `source`, which is read once, into files, each with a header and at least one in all. `open` starts the file
/// with this number, counted from 1; `finish` ends it. `aside` keeps what does not fit into memory. `progress` is told the rows
/// written, and `cancelled` asked, now and then.
///
/// # Errors
/// Any refusal of `source`, `aside`, `open` or `finish`, and [`ImportError::Cancelled`].
pub fn export_csv<W: Write, A: SetAside>(
    export: &Export<'_>,
    source: &mut dyn Rows,
    aside: &mut A,
    open: &mut dyn FnMut(usize) -> store::Result<W>,
    finish: &mut dyn FnMut(W) -> store::Result<()>,
    watch: &Watch<'_>,
) -> Result<Exported, ImportError> {
    let mut files = Files { export, open, finish, current: None, done: Exported::default() };
    let hash = Hash(RandomState::new(), RandomState::new());
    let parts = export.rows.div_ceil(export.rows_in_memory.max(1)).clamp(1, PARTS_MAX);
    if export.keep == Keep::Distinct && parts == 1 {
        let (mut known, mut line, mut row) = (HashSet::new(), String::new(), 0u64);
        source.each(&mut |cells| {
            row += 1;
            watch.look(row, files.done.rows)?;
            line.clear();
            line::write_row(cells.iter().copied(), &mut line);
            if known.insert(hash.of(line.as_bytes())) { files.write(&line) } else { Ok(()) }
        })?;
        return files.end();
    }
    let id = export.schema.fields.iter().position(|f| f.name == id_column(export.schema.dataset_type)).unwrap_or(0);
    let mut written = Parts::create(aside, parts)?;
    let (mut line, mut row) = (String::new(), 0u64);
    source.each(&mut |cells| {
        row += 1;
        watch.look(row, 0)?;
        line.clear();
        line::write_row(cells.iter().copied(), &mut line);
        let of_id = match cells.get(id).filter(|_| export.keep == Keep::NewestOfId) {
            Some(Cell::Text(id)) => Some(*id),
            _ => None,
        };
        written.add(hash.of(of_id.unwrap_or(&line).as_bytes()), &line)
    })?;
    let parts = written.finish(aside)?;
    for part in 0..parts {
        // The row that is written of each hash: the first, or the newest.
        let mut chosen: HashMap<u128, u64> = HashMap::new();
        let mut row = 0u64;
        set_aside::each(aside, part, &mut |hash, _| {
            row += 1;
            watch.look(row, files.done.rows)?;
            match export.keep {
                Keep::Distinct => drop(chosen.entry(hash).or_insert(row)),
                Keep::NewestOfId => drop(chosen.insert(hash, row)),
            }
            Ok(())
        })?;
        row = 0;
        set_aside::each(aside, part, &mut |hash, line| {
            row += 1;
            watch.look(row, files.done.rows)?;
            if chosen.get(&hash) == Some(&row) { files.write(line) } else { Ok(()) }
        })?;
        aside.delete(part)?;
    }
    files.end()
}

/// The caller's ear and switch.
pub struct Watch<'a> {
    /// Is told the rows written, now and then.
    pub progress: &'a dyn Fn(u64),
    /// Says whether the caller wants no more.
    pub cancelled: &'a dyn Fn() -> bool,
}

impl Watch<'_> {
    fn look(&self, row: u64, written: u64) -> Result<(), ImportError> {
        if row.is_multiple_of(ROWS_BETWEEN_LOOKS) {
            if (self.cancelled)() {
                return Err(ImportError::Cancelled);
            }
            (self.progress)(written);
        }
        Ok(())
    }
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
