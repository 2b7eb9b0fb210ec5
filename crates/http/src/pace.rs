//! The pace at which a client takes an answer: the bytes that it took against the time that it let the server wait.

use crate::limits::ANSWER_BYTES_PER_SECOND_MIN;
use std::io;
use std::time::Duration;

/// The bytes and waits of one answer, or of one connection, in windows of waiting. Time in which the server has nothing to
/// send does not count, and a fast beginning buys no slow end.
#[derive(Debug)]
pub(crate) struct Pace {
    window: Duration,
    waited: Duration,
    bytes: usize,
}

impl Pace {
    /// Each `window` of waiting is judged by itself.
    pub fn new(window: Duration) -> Self {
        Self { window, waited: Duration::ZERO, bytes: 0 }
    }

    /// Counts bytes that the client took after a wait; an error where a whole window of waiting brought too few.
    pub fn took(&mut self, bytes: usize, waited: Duration) -> io::Result<()> {
        self.waited += waited;
        self.bytes += bytes;
        if self.waited < self.window {
            return Ok(());
        }
        let least = ANSWER_BYTES_PER_SECOND_MIN * self.waited.as_secs_f64();
        let is_enough = self.bytes as f64 >= least;
        *self = Self::new(self.window);
        if is_enough {
            return Ok(());
        }
        let message = format!("the client takes fewer than {ANSWER_BYTES_PER_SECOND_MIN} bytes a second of an answer");
        Err(io::Error::new(io::ErrorKind::TimedOut, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_window_of_waiting_must_bring_enough() {
        let (window, second) = (Duration::from_secs(10), Duration::from_secs(1));
        let least = ANSWER_BYTES_PER_SECOND_MIN as usize;
        let mut pace = Pace::new(window);
        for _ in 0..30 {
            pace.took(least, second).expect("just enough");
        }
        pace.took(1 << 30, Duration::ZERO).expect("no wait");
        let mut slow = || (0..10).map(|_| pace.took(least - 1, second).is_ok()).collect::<Vec<_>>();
        assert_eq!(slow(), [true; 10], "the first window has the fast beginning in it");
        let ended = [&[true; 9][..], &[false]].concat();
        assert_eq!(slow(), ended);
        let told = Pace::new(window).took(0, window).expect_err("nothing in a window");
        assert_eq!(told.kind(), io::ErrorKind::TimedOut);
        assert!(told.to_string().contains("fewer than 128 bytes a second"), "{told}");
    }
}
