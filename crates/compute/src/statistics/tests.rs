use super::*;
use crate::{ImportRules, import_csv};
use bytes::Bytes;
use std::fmt::Write;

const NOW_S: i64 = 1_700_000_000;

fn schema(record: &str, fields: &str) -> Schema {
    Schema::parse(&format!(r#"{{"type":"record","name":"{record}","fields":[{fields}]}}"#), None).unwrap()
}

fn interactions() -> Schema {
    schema(
        "Interactions",
        r#"{"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
           {"name":"EVENT_TYPE","type":"string"},{"name":"EVENT_VALUE","type":["null","float"]}"#,
    )
}

fn items() -> Schema {
    schema(
        "Items",
        r#"{"name":"ITEM_ID","type":"string"},{"name":"KIND","type":["null","string"],"categorical":true},
           {"name":"PRICE","type":["null","double"]},{"name":"CREATION_TIMESTAMP","type":["null","long"]}"#,
    )
}

fn imported(csv: &str, schema: &Schema) -> Bytes {
    let mut file = Vec::new();
    import_csv(csv.as_bytes(), "t.csv", schema, &ImportRules::default(), &mut file, &|_, _| {}, &|| false).unwrap();
    file.into()
}

fn source<'a>(schema: &'a Schema, files: &'a [Bytes]) -> StatisticsSource<'a, Bytes> {
    StatisticsSource {
        dataset_arn: schema.dataset_type.as_str().to_owned(),
        schema,
        files: Box::new(move || Ok(files.to_vec())),
    }
}

#[test]
fn interactions_and_items_by_hand() {
    let (of_interactions, of_items) = (interactions(), items());
    // Monday, 2023-11-13 00:30 UTC.
    let monday = 1_699_835_400;
    let csv = format!(
        "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n\
         u1,a,{monday},view,\nu1,a,{monday},view,\nu1,b,{},buy,2.5\nu2,a,{},view,\nu3,x,100,view,\nu3,a,{},view,\n",
        monday + 3600,
        monday + 86_400,
        NOW_S + 5,
    );
    let rows = imported(&csv, &of_interactions);
    let csv = format!("ITEM_ID,KIND,PRICE,CREATION_TIMESTAMP\na,k,1,{}\nb,k,,1\nc,l,3,\nc,l,3,\n", NOW_S - 3600);
    let table = imported(&csv, &of_items);
    let (rows, table) = ([rows.slice(..)], [table]);
    let sources = [source(&of_interactions, &rows), source(&of_items, &table)];
    let made = group_statistics(&sources, NOW_S, &ReadLimits::default()).unwrap();

    let [of_rows, of_table] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!((of_rows.rows, of_rows.rows_with_missing, of_rows.is_estimate), (6, 5, false));
    let found = of_rows.interactions.as_ref().unwrap();
    assert_eq!((found.users, found.items, found.users_with_two), (3, 3, 2));
    assert_eq!((found.first_s, found.last_s, found.before_1990, found.future), (100, NOW_S + 5, 1, 1));
    assert_eq!((found.duplicates, found.unknown_items, found.unknown_users), (1, Some(1), None));
    assert_eq!((found.by_hour[0], found.by_hour[1], found.by_hour[24]), (2, 1, 1));
    assert_eq!(found.by_hour.iter().sum::<u64>(), 6);
    assert_eq!((found.bucket_days, found.by_day.iter().map(|(_, rows)| rows).sum::<u64>()), (7, 6));
    let view = &found.event_types[0];
    assert_eq!((view.name.as_str(), view.rows, view.users, view.with_value), ("view", 5, 3, 0));
    assert_eq!((found.event_types[1].with_value, found.event_type_count), (1, 2));
    assert_eq!((found.top_items[0].value.as_str(), found.top_items[0].rows), ("a", 4));
    assert_eq!((found.top_users[0].value.as_str(), found.top_users[0].rows), ("u1", 3));
    assert_eq!((found.short_user.as_deref(), found.median_user.as_deref()), (Some("u2"), Some("u3")));
    assert_eq!(of_rows.columns[0].distinct, 3);
    assert_eq!(of_rows.columns[4].empty, 5);

    let metadata = of_table.metadata.as_ref().unwrap();
    assert_eq!((of_table.rows, metadata.ids, metadata.without_interactions), (4, 3, Some(1)));
    assert_eq!((metadata.newest_creation_s, metadata.created_in_30_days), (Some(NOW_S - 3600), 1));
    assert_eq!((of_table.rows_with_missing, of_table.columns[2].empty), (3, 1));
    assert!(of_table.interactions.is_none());
}

#[test]
fn days_become_weeks_when_they_are_many() {
    let schema = interactions();
    let mut csv = String::from("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n");
    (0..1000).for_each(|n| writeln!(csv, "u,i,{},view,", 1_000_000_000 + n * 86_400).unwrap());
    let file = [imported(&csv, &schema)];
    let made = group_statistics(&[source(&schema, &file)], NOW_S, &ReadLimits::default()).unwrap();
    let found = made[0].interactions.as_ref().unwrap();
    assert_eq!(found.bucket_days, 7);
    assert!(found.by_day.iter().all(|(day, _)| (day + 3).rem_euclid(7) == 0), "weeks begin on Monday");
    assert_eq!(found.by_day.iter().map(|(_, rows)| rows).sum::<u64>(), 1000);
    assert!((140..150).contains(&found.by_day.len()));
}

#[test]
fn several_files_and_none() {
    let schema = interactions();
    let csv = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu,i,1000000000,view,\n";
    let files = [imported(csv, &schema), imported(csv, &schema)];
    let made = group_statistics(&[source(&schema, &files)], NOW_S, &ReadLimits::default()).unwrap();
    assert_eq!((made[0].rows, made[0].interactions.as_ref().unwrap().duplicates), (2, 1));
    let made = group_statistics(&[source(&schema, &[])], NOW_S, &ReadLimits::default()).unwrap();
    let found = made[0].interactions.as_ref().unwrap();
    assert_eq!((made[0].rows, found.first_s, found.last_s, found.length_percentiles.len()), (0, 0, 0, 0));
    assert!(group_statistics::<Bytes>(&[], NOW_S, &ReadLimits::default()).unwrap().is_empty());
}

#[test]
fn a_reading_ends_when_it_is_cancelled_or_the_file_is_damaged() {
    let schema = interactions();
    let files = [imported("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu,i,1,view,\n", &schema)];
    let limits = ReadLimits { until_s: None, cancelled: &|| true };
    let stopped = group_statistics(&[source(&schema, &files)], NOW_S, &limits);
    assert!(matches!(stopped, Err(ImportError::Cancelled)), "{stopped:?}");
    let damaged = [Bytes::from_static(b"PAR1 no")];
    let failed = group_statistics(&[source(&schema, &damaged)], NOW_S, &ReadLimits::default());
    assert!(matches!(failed, Err(ImportError::Store(_))), "{failed:?}");
}
