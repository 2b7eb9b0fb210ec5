//! An insight: its code with its texts, its severity and its numbers.

use tastemaker_domain::dataset_statistics::{DatasetStatistics, StreamedStatistics};
use tastemaker_domain::import_report::ImportReport;

/// The weight of an insight, greatest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Training is refused, or cannot learn what it should.
    Stop,
    /// Recommendations suffer.
    Warn,
    /// Recommendations may be better.
    Hint,
}

/// Something that the statistics of a dataset say.
#[derive(Debug, Clone, PartialEq)]
pub struct Insight {
    /// Its name, such as `few-users`.
    pub code: Code,
    /// Its weight.
    pub severity: Severity,
    /// The column that it is about; empty for the whole dataset.
    pub column: String,
    /// The number that it is about: a count of rows, users, items or values.
    pub count: u64,
    /// The share in percent that `count` is of all.
    pub percent: f64,
    /// Values in words: the largest outliers, the columns with gaps, or the busiest user.
    pub detail: String,
}

impl Insight {
    /// Its id in the page of its dataset.
    pub fn anchor(&self) -> String {
        if self.column.is_empty() {
            self.code.name().to_owned()
        } else {
            format!("{}-{}", self.code.name(), self.column)
        }
    }
}

/// Declares the codes with their names and the keys of their three texts.
macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $name:literal, $said:literal, $effect:literal, $remedy:literal;)+) => {
        /// The name of an insight.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$meta])* $variant,)+
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Code] = &[$(Code::$variant,)+];

            /// The name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Code::$variant => $name,)+
                }
            }

            /// The keys of its texts: what was found, what it does to recommendations, and what to do.
            pub fn texts(self) -> [&'static str; 3] {
                match self {
                    $(Code::$variant => [$said, $effect, $remedy],)+
                }
            }
        }
    };
}

codes! {
    /// Too few interactions to train.
    FewInteractions = "few-interactions", "insight-few-interactions", "effect-refused", "remedy-more-data";
    /// Fewer interactions than AWS recommends.
    UnderRecommendedInteractions = "under-recommended-interactions", "insight-under-recommended-interactions", "effect-weak", "remedy-more-data";
    /// Too few users with two interactions to train.
    FewUsers = "few-users", "insight-few-users", "effect-refused", "remedy-more-users";
    /// Fewer users with two interactions than AWS recommends.
    UnderRecommendedUsers = "under-recommended-users", "insight-under-recommended-users", "effect-weak", "remedy-more-users";
    /// Items that no interaction has.
    ItemsWithoutInteractions = "items-without-interactions", "insight-items-without-interactions", "effect-new-items", "remedy-exploration";
    /// Users without interactions.
    UsersWithoutInteractions = "users-without-interactions", "insight-users-without-interactions", "effect-new-users", "remedy-more-users";
    /// Rows with an empty value.
    RowsWithMissing = "rows-with-missing", "insight-rows-with-missing", "effect-missing", "remedy-fill";
    /// A column that is less than 70 % filled.
    SparseColumn = "sparse-column", "insight-sparse-column", "effect-missing", "remedy-fill-or-drop";
    /// Numbers far from all others.
    Outliers = "outliers", "insight-outliers", "effect-outliers", "remedy-outliers";
    /// A categorical column with more than 30 distinct values.
    ManyCategories = "many-categories", "insight-many-categories", "effect-many-categories", "remedy-group-values";
    /// A textual column that is less than 85 % filled.
    SparseText = "sparse-text", "insight-sparse-text", "effect-sparse-text", "remedy-fill-or-drop";
    /// More than 10 event types.
    ManyEventTypes = "many-event-types", "insight-many-event-types", "effect-many-event-types", "remedy-event-types";
    /// All times are equal.
    OneTimestamp = "one-timestamp", "insight-one-timestamp", "effect-order", "remedy-timestamps";
    /// Times before 1990 or in the future.
    ImplausibleTimes = "milliseconds", "insight-milliseconds", "effect-order", "remedy-seconds";
    /// More than 1 % of the last import was left out.
    RefusedRows = "refused-rows", "insight-refused-rows", "effect-refused-rows", "remedy-refused-rows";
    /// Rows that repeat another.
    Duplicates = "duplicates", "insight-duplicates", "effect-duplicates", "remedy-duplicates";
    /// Interactions with items absent from Items.
    UnknownItems = "unknown-items", "insight-unknown-items", "effect-unknown-items", "remedy-unknown-items";
    /// One user has a great share of all interactions.
    HeavyUser = "heavy-user", "insight-heavy-user", "effect-heavy-user", "remedy-heavy-user";
    /// Few items have most interactions.
    HeadHeavy = "head-heavy", "insight-head-heavy", "effect-head-heavy", "remedy-exploration";
    /// Items have no time of creation.
    NoCreationTime = "no-creation-time", "insight-no-creation-time", "effect-no-creation-time", "remedy-creation-time";
    /// An event tracker that gets nothing any more.
    Stale = "stale", "insight-stale", "effect-stale", "remedy-stale";
    /// Streamed events that were more than a day old when they arrived.
    LateEvents = "late-events", "insight-late-events", "effect-late-events", "remedy-late-events";
    /// Several values in one, in a column that is not categorical.
    UnsplitValues = "unsplit-values", "insight-unsplit-values", "effect-unsplit-values", "remedy-categorical";
}

/// The events that an event tracker gets.
#[derive(Debug, Clone, Copy)]
pub struct Stream<'a> {
    /// Their counts.
    pub counts: &'a StreamedStatistics,
    /// The time now, in milliseconds since the Unix epoch.
    pub now_ms: i64,
}

/// The data that insights are made from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The statistics of the dataset.
    pub statistics: &'a DatasetStatistics,
    /// The report of its last import.
    pub last_import: Option<&'a ImportReport>,
    /// The streamed events of its group, where it is a dataset of interactions with an event tracker.
    pub streamed: Option<Stream<'a>>,
}
