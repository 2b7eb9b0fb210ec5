//! The report on a room: a row of a table, and the mutants that no test caught.

use super::judge::Verdict;
use super::mutant::Mutant;

/// The table's head.
pub const HEAD: &str = "| room | seed | mutants of the room | tried | caught | of these by time | missed | equivalent | unviable | caught, % |\n\
                        |---|---|---|---|---|---|---|---|---|---|\n";

/// What became of the mutants of a room that were tried.
#[derive(Debug)]
pub struct Report {
    /// The room.
    pub room: String,
    /// The seed of the sample.
    pub seed: u64,
    /// Mutants of the room.
    pub all: usize,
    /// Listed equivalents in the sample.
    pub equivalent: usize,
    /// Those in the sample that do not compile.
    pub unviable: usize,
    /// The others, with what the tests said.
    pub judged: Vec<(Mutant, Verdict)>,
}

impl Report {
    /// The row of the table, with its line's end.
    pub fn row(&self) -> String {
        let count = |verdict: Verdict| self.judged.iter().filter(|(_, other)| *other == verdict).count();
        let (timeout, missed, tried) = (count(Verdict::Timeout), count(Verdict::Missed), self.judged.len());
        let caught = tried - missed;
        let share = if tried == 0 { "-".to_owned() } else { format!("{:.1}", 100.0 * caught as f64 / tried as f64) };
        format!(
            "| {} | {} | {} | {tried} | {caught} | {timeout} | {missed} | {} | {} | {share} |\n",
            self.room, self.seed, self.all, self.equivalent, self.unviable
        )
    }

    /// A line for each mutant that no test caught.
    pub fn missed(&self) -> String {
        let missed = self.judged.iter().filter(|(_, verdict)| *verdict == Verdict::Missed);
        missed.map(|(mutant, _)| format!("missed: {}:{} {}\n", mutant.file, mutant.line, mutant.name)).collect()
    }
}

/// The table with this row in the place of the room's earlier one, in the order of rooms.
pub fn with_row(table: &str, room: &str, row: &str) -> String {
    let is_kept = |line: &&str| !line.starts_with(&format!("| {room} |"));
    let mut rows: Vec<String> = table.lines().skip(2).filter(is_kept).map(|line| format!("{line}\n")).collect();
    rows.push(row.to_owned());
    rows.sort();
    format!("{HEAD}{}", rows.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::find::find;

    #[test]
    fn a_room_has_a_row_and_its_missed_mutants() {
        let mutants = find("a.rs", "fn f() { b(); c(); }").unwrap();
        let verdicts = [Verdict::Caught, Verdict::Missed, Verdict::Timeout];
        let judged = mutants.into_iter().zip(verdicts).collect();
        let report = Report { room: "a".to_owned(), seed: 7, all: 9, equivalent: 1, unviable: 2, judged };
        assert_eq!(report.row(), "| a | 7 | 9 | 3 | 2 | 1 | 1 | 1 | 2 | 66.7 |\n");
        assert_eq!(report.missed(), "missed: a.rs:1 f: without `b();`\n");
    }

    #[test]
    fn a_row_takes_the_place_of_the_rooms_earlier_one() {
        let table = with_row(&with_row("", "b", "| b | 1 |\n"), "a", "| a | 2 |\n");
        assert_eq!(with_row(&table, "b", "| b | 3 |\n"), format!("{HEAD}| a | 2 |\n| b | 3 |\n"));
    }
}
