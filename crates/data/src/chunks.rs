//! Columns that grow piece by piece: growing copies nothing, and a pass that takes them apart gives their memory back as it goes.

/// Values of a piece.
const PIECE_LEN: usize = 1 << 18;

/// A column of values.
#[derive(Debug, Clone)]
pub(crate) struct Chunks<T> {
    /// All but the last have [`PIECE_LEN`] values.
    pieces: Vec<Vec<T>>,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { pieces: Vec::new() }
    }
}

impl<T: Copy> Chunks<T> {
    pub fn len(&self) -> usize {
        self.pieces.last().map_or(0, |last| (self.pieces.len() - 1) * PIECE_LEN + last.len())
    }

    pub fn push(&mut self, value: T) {
        match self.pieces.last_mut() {
            Some(last) if last.len() < PIECE_LEN => last.push(value),
            // A first piece grows as it must: most builders are small.
            None => self.pieces.push(vec![value]),
            Some(_) => {
                let mut next = Vec::with_capacity(PIECE_LEN);
                next.push(value);
                self.pieces.push(next);
            }
        }
    }

    /// Adds `value` until there are `len`.
    pub fn fill(&mut self, len: usize, value: T) {
        (self.len()..len).for_each(|_| self.push(value));
    }

    pub fn iter(&self) -> impl Iterator<Item = T> {
        self.pieces.iter().flatten().copied()
    }
}

impl<T: Copy> IntoIterator for Chunks<T> {
    type Item = T;
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<T>>>;

    /// The values; a piece is given back when its last value is taken.
    fn into_iter(self) -> Self::IntoIter {
        self.pieces.into_iter().flatten()
    }
}

/// A column of times in seconds, at four bytes each where those of a piece lie within 68 years.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times {
    pieces: Vec<TimesPiece>,
}

#[derive(Debug, Clone)]
enum TimesPiece {
    Near { first: i64, after: Vec<i32> },
    Far(Vec<i64>),
}

impl TimesPiece {
    fn len(&self) -> usize {
        match self {
            Self::Near { after, .. } => after.len(),
            Self::Far(times) => times.len(),
        }
    }

    fn push(&mut self, time: i64) {
        if let Self::Near { first, after } = self {
            match time.checked_sub(*first).and_then(|after| i32::try_from(after).ok()) {
                Some(seconds) => return after.push(seconds),
                None => *self = Self::Far(after.iter().map(|&seconds| *first + i64::from(seconds)).collect()),
            }
        }
        if let Self::Far(times) = self {
            times.push(time);
        }
    }

    fn into_times(self) -> Box<dyn Iterator<Item = i64>> {
        match self {
            Self::Near { first, after } => Box::new(after.into_iter().map(move |seconds| first + i64::from(seconds))),
            Self::Far(times) => Box::new(times.into_iter()),
        }
    }
}

impl Times {
    pub fn push(&mut self, time: i64) {
        match self.pieces.last_mut() {
            Some(last) if last.len() < PIECE_LEN => last.push(time),
            last => {
                let capacity = if last.is_some() { PIECE_LEN } else { 1 };
                let mut after = Vec::with_capacity(capacity);
                after.push(0);
                self.pieces.push(TimesPiece::Near { first: time, after });
            }
        }
    }

    /// The bytes of the times.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        let bytes = |piece: &TimesPiece| match piece {
            TimesPiece::Near { after, .. } => 4 * after.len(),
            TimesPiece::Far(times) => 8 * times.len(),
        };
        self.pieces.iter().map(bytes).sum()
    }

    /// The times; a piece is given back when its last one is taken.
    pub fn into_times(self) -> impl Iterator<Item = i64> {
        self.pieces.into_iter().flat_map(TimesPiece::into_times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_in_order_across_pieces() {
        let mut column = Chunks::default();
        column.fill(3, 7u16);
        let rows = 2 * PIECE_LEN + 5;
        (3..rows).for_each(|n| column.push(n as u16));
        assert_eq!((column.len(), column.pieces.len()), (rows, 3));
        column.fill(2, 1);
        assert!(column.iter().eq([7, 7, 7].into_iter().chain((3..rows).map(|n| n as u16))));
        assert!(column.clone().into_iter().eq(column.iter()));
        assert_eq!(Chunks::<u8>::default().len(), 0);
    }

    #[test]
    fn times_far_apart_are_kept_as_they_are() {
        let times = [5, -3, i64::from(i32::MAX) + 5, i64::MAX, i64::MIN, 0, 1_700_000_000];
        let mut column = Times::default();
        (0..PIECE_LEN as i64).for_each(|n| column.push(n));
        times.iter().for_each(|&time| column.push(time));
        assert!(matches!(column.pieces[..], [TimesPiece::Near { .. }, TimesPiece::Far(_)]));
        assert!(column.into_times().eq((0..PIECE_LEN as i64).chain(times)));
    }
}
