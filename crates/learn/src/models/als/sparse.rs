//! A sparse matrix by rows.

use crate::Error;

/// Non-negative finite values in some cells of a `[rows, width]` matrix; the columns of a row ascend and are distinct.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sparse {
    width: usize,
    /// `[rows + 1]`, or empty for no rows.
    offsets: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Sparse {
    /// A matrix of `width` columns without rows.
    pub fn new(width: usize) -> Self {
        Self { width, offsets: vec![0], ..Self::default() }
    }

    /// Appends a row of `(column, value)` in any order. Values of the same column are added up; columns beyond the width and
    /// values that are not above 0 are dropped.
    pub fn push(&mut self, mut row: Vec<(u32, f32)>) {
        row.retain(|&(column, value)| (column as usize) < self.width && value > 0.0 && value.is_finite());
        row.sort_unstable_by_key(|entry| entry.0);
        for same in row.chunk_by(|a, b| a.0 == b.0) {
            self.columns.push(same[0].0);
            self.values.push(same.iter().map(|entry| entry.1).sum());
        }
        self.offsets.push(self.columns.len());
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether no value is held.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Columns and values of row `row`. Panics when out of range, like slice indexing.
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let range = self.offsets[row]..self.offsets[row + 1];
        (&self.columns[range.clone()], &self.values[range])
    }

    /// The matrix with rows and columns exchanged.
    pub fn transposed(&self) -> Sparse {
        let mut offsets = vec![0usize; self.width + 1];
        self.columns.iter().for_each(|&column| offsets[column as usize + 1] += 1);
        (0..self.width).for_each(|column| offsets[column + 1] += offsets[column]);
        let mut next = offsets.clone();
        let (mut columns, mut values) = (vec![0; self.len()], vec![0.0; self.len()]);
        for row in 0..self.rows() {
            let (of_row, its_values) = self.row(row);
            for (&column, &value) in of_row.iter().zip(its_values) {
                let at = &mut next[column as usize];
                (columns[*at], values[*at]) = (row as u32, value);
                *at += 1;
            }
        }
        Sparse { width: self.rows(), offsets, columns, values }
    }

    /// [`Error::Invalid`] if there is nothing to learn from.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.is_empty() {
            return Err(Error::Invalid(format!("a {} x {} matrix without values", self.rows(), self.width)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_merged_and_cleaned_and_turn_into_columns() {
        let mut matrix = Sparse::new(4);
        matrix.push(vec![(2, 1.0), (0, 2.0), (2, 0.5), (9, 1.0), (1, f32::NAN), (3, 0.0)]);
        matrix.push(vec![]);
        matrix.push(vec![(3, 1.0), (0, 4.0)]);
        assert_eq!((matrix.rows(), matrix.width(), matrix.len()), (3, 4, 4));
        assert_eq!(matrix.row(0), (&[0, 2][..], &[2.0, 1.5][..]));
        assert_eq!(matrix.row(1).0.len(), 0);
        let turned = matrix.transposed();
        assert_eq!((turned.rows(), turned.width()), (4, 3));
        assert_eq!((turned.row(0), turned.row(1)), ((&[0, 2][..], &[2.0, 4.0][..]), (&[][..], &[][..])));
        assert_eq!(turned.transposed(), matrix);
        assert!(Sparse::new(3).check().is_err());
    }
}
