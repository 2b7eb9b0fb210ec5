use super::*;
use tastemaker_domain::dataset_statistics::{
    ColumnStatistics, DatasetStatistics, InteractionStatistics, MetadataStatistics, NumberStatistics, PopularityShare,
    StreamedStatistics, ValueCount,
};
use tastemaker_domain::import_report::ImportReport;
use tastemaker_domain::schema::{DatasetType, FieldType};

fn column(name: &str, field_type: FieldType) -> ColumnStatistics {
    ColumnStatistics {
        name: name.to_owned(),
        field_type,
        nullable: true,
        categorical: false,
        textual: false,
        empty: 0,
        distinct: 20,
        distinct_is_estimate: false,
        top: Vec::new(),
        joined: 0,
        numbers: None,
        text: None,
        samples: Vec::new(),
    }
}

fn statistics(dataset_type: DatasetType) -> DatasetStatistics {
    DatasetStatistics {
        dataset_arn: "arn".into(),
        dataset_type,
        made_ms: 0,
        source: String::new(),
        rows: 100_000,
        rows_with_missing: 0,
        is_estimate: false,
        columns: Vec::new(),
        interactions: None,
        metadata: None,
    }
}

/// Interactions with which there is nothing wrong.
fn interactions() -> DatasetStatistics {
    let found = InteractionStatistics {
        users: 5_000,
        items: 2_000,
        first_s: 1_600_000_000,
        last_s: 1_700_000_000,
        event_type_count: 3,
        length_percentiles: vec![20; 101],
        users_with_two: 4_900,
        popularity: vec![PopularityShare { top_percent: 1.0, share: 0.2 }],
        top_users: vec![ValueCount { value: "u1".into(), rows: 400 }],
        unknown_items: Some(0),
        ..InteractionStatistics::default()
    };
    DatasetStatistics {
        columns: vec![column("EVENT_TYPE", FieldType::String), column("EVENT_VALUE", FieldType::Float)],
        interactions: Some(found),
        ..statistics(DatasetType::Interactions)
    }
}

/// Metadata with which there is nothing wrong.
fn metadata(dataset_type: DatasetType) -> DatasetStatistics {
    let found = MetadataStatistics {
        ids: 2_000,
        without_interactions: Some(0),
        newest_creation_s: Some(1_700_000_000),
        created_in_30_days: 10,
    };
    DatasetStatistics {
        rows: 2_000,
        columns: vec![
            column("KIND", FieldType::String),
            column("PRICE", FieldType::Double),
            column("ABOUT", FieldType::String),
        ],
        metadata: Some(found),
        ..statistics(dataset_type)
    }
}

fn report(rows: u64, values_left_out: u64) -> ImportReport {
    ImportReport {
        import_arn: "import".into(),
        dataset_arn: "arn".into(),
        rows,
        files: 1,
        bytes: 1,
        rows_left_out: 0,
        values_left_out,
        refused: Vec::new(),
    }
}

/// A dataset that raises the code, from one with which there is nothing wrong.
fn golden(code: Code) -> (DatasetStatistics, Option<ImportReport>) {
    let mut of = match code {
        Code::UsersWithoutInteractions => metadata(DatasetType::Users),
        Code::ItemsWithoutInteractions
        | Code::SparseText
        | Code::SparseColumn
        | Code::RowsWithMissing
        | Code::Outliers
        | Code::ManyCategories
        | Code::NoCreationTime
        | Code::UnsplitValues => metadata(DatasetType::Items),
        _ => interactions(),
    };
    let mut last_import = None;
    let rows = of.rows;
    let mut none = InteractionStatistics::default();
    let mut no_metadata = MetadataStatistics::default();
    let found = of.interactions.as_mut().unwrap_or(&mut none);
    let metadata = of.metadata.as_mut().unwrap_or(&mut no_metadata);
    match code {
        Code::FewInteractions => {
            of.rows = 999;
            found.top_users.clear();
        }
        Code::UnderRecommendedInteractions => {
            of.rows = 49_999;
            found.length_percentiles = vec![100; 101];
        }
        Code::FewUsers => found.users_with_two = 24,
        Code::UnderRecommendedUsers => found.users_with_two = 999,
        Code::ItemsWithoutInteractions | Code::UsersWithoutInteractions => metadata.without_interactions = Some(7),
        Code::RowsWithMissing => {
            of.columns[0].empty = 12;
            of.rows_with_missing = 12;
        }
        Code::SparseColumn => {
            of.columns[0].empty = rows / 2;
            of.rows_with_missing = rows / 2;
        }
        Code::SparseText => {
            of.columns[2].textual = true;
            of.columns[2].empty = rows / 5;
            of.rows_with_missing = rows / 5;
        }
        Code::Outliers => {
            let numbers = NumberStatistics { outliers: 2, farthest: vec![1e6, 9e5], ..NumberStatistics::default() };
            of.columns[1].numbers = Some(numbers);
        }
        Code::ManyCategories => {
            of.columns[0].categorical = true;
            of.columns[0].distinct = 31;
        }
        Code::ManyEventTypes => found.event_type_count = 11,
        Code::OneTimestamp => found.first_s = found.last_s,
        Code::ImplausibleTimes => found.before_1990 = 1,
        Code::RefusedRows => last_import = Some(report(1_000, 11)),
        Code::Duplicates => found.duplicates = 1_001,
        Code::UnknownItems => found.unknown_items = Some(5_001),
        Code::HeavyUser => found.top_users[0].rows = 1_001,
        Code::HeadHeavy => found.popularity[0].share = 0.51,
        Code::NoCreationTime => metadata.newest_creation_s = None,
        Code::UnsplitValues => of.columns[0].joined = rows / 9,
        Code::Stale | Code::LateEvents => {}
    }
    (of, last_import)
}

/// Streamed events that raise the code; for others those with which there is nothing wrong.
fn streamed(code: Option<Code>) -> StreamedStatistics {
    let silent_ms = if code == Some(Code::Stale) { 24 * 3_600_000 } else { 24 * 3_600_000 - 1 };
    let late = if code == Some(Code::LateEvents) { 11 } else { 10 };
    StreamedStatistics {
        events: 1_500,
        timed: 1_000,
        late,
        last_received_ms: Some(NOW_MS - silent_ms),
        ..StreamedStatistics::default()
    }
}

const NOW_MS: i64 = 1_750_000_000_000;

fn raised(statistics: &DatasetStatistics, last_import: Option<&ImportReport>) -> Vec<Code> {
    raised_with(statistics, last_import, &streamed(None))
}

fn raised_with(
    statistics: &DatasetStatistics,
    last_import: Option<&ImportReport>,
    counts: &StreamedStatistics,
) -> Vec<Code> {
    let streamed = Some(Stream { counts, now_ms: NOW_MS });
    insights(Source { statistics, last_import, streamed }).into_iter().map(|insight| insight.code).collect()
}

#[test]
fn good_data_raises_nothing() {
    assert_eq!(raised(&interactions(), Some(&report(1_000, 10))), []);
    assert_eq!(raised(&metadata(DatasetType::Items), None), []);
    assert_eq!(raised(&metadata(DatasetType::Users), None), []);
    let empty = DatasetStatistics { rows: 0, ..interactions() };
    assert_eq!(raised(&empty, None), [], "nothing is known of no rows");
}

#[test]
fn each_code_is_raised_by_its_dataset_and_no_other() {
    for code in Code::ALL {
        let (statistics, last_import) = golden(*code);
        let counts = streamed(Some(*code));
        assert_eq!(raised_with(&statistics, last_import.as_ref(), &counts), [*code], "{}", code.name());
    }
}

#[test]
fn numbers_are_at_their_bounds() {
    let at = |change: &dyn Fn(&mut DatasetStatistics)| {
        let mut statistics = interactions();
        change(&mut statistics);
        raised(&statistics, None)
    };
    assert_eq!(at(&|of| of.rows = 50_000), []);
    assert_eq!(at(&|of| of.interactions.as_mut().unwrap().users_with_two = 1_000), []);
    assert_eq!(at(&|of| of.interactions.as_mut().unwrap().duplicates = 1_000), []);
    assert_eq!(at(&|of| of.interactions.as_mut().unwrap().unknown_items = Some(5_000)), []);
    assert_eq!(at(&|of| of.interactions.as_mut().unwrap().event_type_count = 10), []);
    let few_items = |of: &mut DatasetStatistics| {
        let found = of.interactions.as_mut().unwrap();
        (found.items, found.popularity[0].share) = (99, 0.9);
    };
    assert_eq!(at(&few_items), []);
}

#[test]
fn the_gravest_come_first_with_their_numbers() {
    let mut statistics = interactions();
    let found = statistics.interactions.as_mut().unwrap();
    (found.users_with_two, found.duplicates, found.popularity[0].share) = (3, 5_000, 0.8);
    let found = insights(Source { statistics: &statistics, last_import: None, streamed: None });
    let severities: Vec<_> = found.iter().map(|insight| insight.severity).collect();
    assert_eq!(severities, [Severity::Stop, Severity::Warn, Severity::Hint]);
    assert_eq!((found[1].count, found[1].percent), (5_000, 5.0));
    let (statistics, _) = golden(Code::Outliers);
    let found = insights(Source { statistics: &statistics, last_import: None, streamed: None });
    assert_eq!((found[0].column.as_str(), found[0].detail.as_str()), ("PRICE", "1000000, 900000"));
}

#[test]
fn names_are_unique_and_have_texts() {
    let names: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    assert!(Code::ALL.iter().all(|code| code.texts()[0] == format!("insight-{}", code.name())));
}
