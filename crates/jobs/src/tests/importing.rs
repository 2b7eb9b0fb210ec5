use super::*;
use std::collections::BTreeMap;
use tastemaker_domain::iam::Role;

#[tokio::test(flavor = "multi_thread")]
async fn full_replaces_and_incremental_appends() {
    let world = World::new().await;
    let ctx = world.process("p");
    world.upload("in/a.csv", &ring_csv(60, 10)).await;
    world.upload("in/b c.csv", &ring_csv(50, 10)).await;
    world.upload("in/", "").await;
    world.upload("in/_SUCCESS", "").await;
    let import = world.import("one", DatasetType::Interactions, "s3://bucket/in/", ImportMode::Full).await;
    world.run(&ctx).await;
    let done: DatasetImportJob = world.get(&import).await;
    assert_eq!((done.status, done.failure_reason), (Status::Active, None));
    let first = world.interactions().await;
    assert_eq!((first.bulk_rows, first.bulk_files.len()), (1100, 2));
    assert_eq!(world.keys("datasets/").await, first.bulk_files);

    world.import("two", DatasetType::Interactions, "s3://bucket/in/", ImportMode::Incremental).await;
    world.run(&ctx).await;
    let second = world.interactions().await;
    assert_eq!((second.bulk_rows, second.bulk_files.len()), (2200, 4));
    assert_eq!(second.bulk_files[..2], first.bulk_files);

    world.import("three", DatasetType::Interactions, "s3://bucket/in/", ImportMode::Full).await;
    world.run(&ctx).await;
    let third = world.interactions().await;
    assert_eq!((third.bulk_rows, third.bulk_files.len()), (1100, 2));
    assert_eq!(world.keys("datasets/").await, third.bulk_files);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_imported_whole_whatever_its_objects_are_called() {
    let world = World::new().await;
    let ctx = world.process("p");
    let parts = ["in/one.csv", "in/two.csv000", "in/part-r-00000", "in/day-1/0000_part_00"];
    for part in parts {
        world.upload(part, &ring_csv(30, 10)).await;
    }
    for (key, text) in [
        ("in/", ""),
        ("in/_SUCCESS", ""),
        ("in/empty.csv", ""),
        ("in/.one.csv.crc", "crc"),
        ("in/_temporary/0/one.csv", "half"),
        ("in/one.csv.metadata", "\u{8}\u{0}"),
    ] {
        world.upload(key, text).await;
    }
    let import = world.import("one", DatasetType::Interactions, "s3://bucket/in/", ImportMode::Full).await;
    world.run(&ctx).await;
    let done: DatasetImportJob = world.get(&import).await;
    assert_eq!((done.status, done.failure_reason), (Status::Active, None));
    let dataset = world.interactions().await;
    assert_eq!((dataset.bulk_rows, dataset.bulk_files.len()), (1200, 4));

    for (n, (key, text, reason)) in [
        ("in/read-me.txt", "not data".to_owned(), "the header lacks the columns [USER_ID, ITEM_ID"),
        ("in/table.parquet", "PAR1\u{15}".to_owned(), "the file begins as Parquet and cannot be read"),
        ("in/table.orc", "ORC\u{0}".to_owned(), "the file looks like ORC"),
        ("in/old.txt", ring_csv(30, 10).replace('\n', "\r"), "the file looks like text with CR line ends"),
        ("in/lines.json", "{\"USER_ID\": \"u\"}".to_owned(), "lines.json line 1 column ITEM_ID: '' must not be empty"),
    ]
    .into_iter()
    .enumerate()
    {
        world.upload(key, &text).await;
        let name = format!("i{n}");
        let import = world.import(&name, DatasetType::Interactions, "s3://bucket/in/", ImportMode::Full).await;
        world.run(&ctx).await;
        let failed: DatasetImportJob = world.get(&import).await;
        let found = failed.failure_reason.unwrap_or_default();
        assert!(found.contains(&format!("s3://bucket/{key}")) && found.contains(reason), "{key}: {found}");
        assert_eq!(failed.status, Status::CreateFailed);
        let gone = tastemaker_store::Write::Delete { key: object_record_key("bucket", key) };
        world.records.commit(vec![], vec![gone]).await.unwrap();
    }
    assert_eq!(world.interactions().await, dataset, "never a part of a folder");

    world.upload("nothing/_SUCCESS", "").await;
    let import = world.import("none", DatasetType::Interactions, "s3://bucket/nothing/", ImportMode::Full).await;
    world.run(&ctx).await;
    let failed: DatasetImportJob = world.get(&import).await;
    let reason = failed.failure_reason.unwrap();
    assert!(
        reason.starts_with("There is nothing under s3://bucket/nothing/ but an empty or hidden object."),
        "{reason}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_the_future_are_left_out_and_the_import_says_so() {
    let world = World::new().await;
    let ahead = ring_csv(100, 11).replacen(",1600000007,", ",99999999999,", 1);
    world.upload("ahead.csv", &ahead).await;
    let import = world.import("one", DatasetType::Interactions, "s3://bucket/ahead.csv", ImportMode::Full).await;
    world.run(&world.process("p")).await;
    let done: DatasetImportJob = world.get(&import).await;
    let said =
        "1 row left out, because its TIMESTAMP is more than one day after the import (the latest is 99999999999)";
    assert_eq!((done.status, done.failure_reason.as_deref()), (Status::Active, Some(said)));
    assert_eq!(world.interactions().await.bulk_rows, 1099);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_break_their_rule_are_told_and_fail_a_strict_import() {
    let world = World::new().await;
    let text = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},{"name":"PRICE","type":"float"}]}"#;
    let mut things: SchemaResource = world.get(&arn("schema/things")).await;
    things.text = text.to_owned();
    world.put(&things).await;
    world.upload("items.csv", "ITEM_ID,PRICE\na,12.5\nb,2006\u{2013}2007\n").await;
    let import = world.import("one", DatasetType::Items, "s3://bucket/items.csv", ImportMode::Full).await;
    let mut process = world.process("p");
    world.run(&process).await;
    let done: DatasetImportJob = world.get(&import).await;
    let wrong = "'2006\u{2013}2007' must be a finite number with '.' as the decimal point";
    let said = format!(
        "1 value is empty in the dataset, because it breaks the rule of its column: PRICE 1 (s3://bucket/items.csv line 3: {wrong})"
    );
    assert_eq!((done.status, done.failure_reason), (Status::Active, Some(said)));

    process.settings.strict_imports = true;
    let import = world.import("two", DatasetType::Items, "s3://bucket/items.csv", ImportMode::Full).await;
    world.run(&process).await;
    let failed: DatasetImportJob = world.get(&import).await;
    let reason = format!("s3://bucket/items.csv line 3 column PRICE: {wrong}");
    assert_eq!((failed.status, failed.failure_reason), (Status::CreateFailed, Some(reason)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_without_end_fails_at_once() {
    let world = World::new().await;
    let names: Vec<String> = (0..1_500_000).map(|n| format!("C{n}")).collect();
    world.upload("wide.csv", &format!("{}\n", names.join(","))).await;
    let import = world.import("one", DatasetType::Interactions, "s3://bucket/wide.csv", ImportMode::Full).await;
    world.run(&world.process("p")).await;
    let failed: DatasetImportJob = world.get(&import).await;
    let reason = failed.failure_reason.unwrap();
    assert!(reason.ends_with("the header has 1500000 columns; at most 1000 are allowed"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_import_names_the_reason_and_leaves_nothing() {
    let world = World::new().await;
    let ctx = world.process("p");
    let bad = ring_csv(100, 10).replacen(",1600000007,", ",yesterday,", 1);
    world.upload("good.csv", &ring_csv(100, 10)).await;
    world.upload("bad.csv", &bad).await;
    world.upload("mixed/1.csv", &ring_csv(100, 10)).await;
    world.upload("mixed/2.csv", &bad).await;
    world.upload("few.csv", &ring_csv(10, 10)).await;
    world.import("good", DatasetType::Interactions, "s3://bucket/good.csv", ImportMode::Full).await;
    world.run(&ctx).await;
    let before = world.interactions().await;
    let cases = [
        ("s3://bucket/bad.csv", "s3://bucket/bad.csv"),
        ("s3://bucket/bad.csv", "TIMESTAMP"),
        ("s3://bucket/bad.csv", "yesterday"),
        ("s3://bucket/mixed/", "s3://bucket/mixed/2.csv"),
        ("s3://bucket/few.csv", "at least 1000 rows; found 100"),
        ("s3://bucket/absent.csv", "There is no object s3://bucket/absent.csv"),
        ("s3://bucket/absent/", "There is nothing under s3://bucket/absent/. Upload CSV files there"),
        ("s3://nowhere/good.csv", "The bucket 'nowhere'"),
        ("https://bucket/good.csv", "dataLocation"),
    ];
    for (n, (location, expected)) in cases.into_iter().enumerate() {
        let import = world.import(&format!("i{n}"), DatasetType::Interactions, location, ImportMode::Full).await;
        world.run(&ctx).await;
        let failed: DatasetImportJob = world.get(&import).await;
        assert_eq!(failed.status, Status::CreateFailed, "{location}");
        let reason = failed.failure_reason.unwrap();
        assert!(reason.contains(expected), "{location}: {reason:?} lacks {expected:?}");
    }
    assert_eq!(world.interactions().await, before);
    assert_eq!(world.keys("datasets/").await, before.bulk_files);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_dataset_is_gone_fails() {
    let world = World::new().await;
    world.upload("good.csv", &ring_csv(100, 10)).await;
    let import = world.import("one", DatasetType::Interactions, "s3://bucket/good.csv", ImportMode::Full).await;
    let gone = records::delete::<Dataset>(&arn("dataset/shop/INTERACTIONS"));
    world.records.commit(vec![], vec![gone]).await.unwrap();
    world.run(&world.process("p")).await;
    let failed: DatasetImportJob = world.get(&import).await;
    assert!(failed.failure_reason.unwrap().contains("dataset/shop/INTERACTIONS does not exist"));
    assert!(world.keys("datasets/").await.is_empty());
}

/// A role of this server with inline policies of these statements.
fn role(name: &str, statements: &[&str]) -> Role {
    let policy = |(n, text): (usize, &&str)| (n.to_string(), format!("{{\"Statement\":[{text}]}}"));
    Role {
        name: name.into(),
        path: "/".into(),
        arn: format!("arn:aws:iam::000000000000:role/{name}"),
        id: "AROAEXAMPLE".into(),
        trust_policy: "{}".into(),
        description: None,
        max_session_s: 3_600,
        tags: BTreeMap::new(),
        attached: BTreeMap::new(),
        inline: statements.iter().enumerate().map(policy).collect(),
        created_ms: 1,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_of_this_server_reads_and_writes_what_its_policies_allow() {
    let world = World::new().await;
    world.upload("in/a.csv", &ring_csv(100, 10)).await;
    world.upload("in/b.csv", &ring_csv(100, 10)).await;
    let (folder, file) = ("s3://bucket/in/", "s3://bucket/in/a.csv");
    let list = r#"{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket","Condition":{"StringLike":{"s3:prefix":"in/*"}}}"#;
    let read = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/in/*"}"#;
    let all_but_one = r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::bucket/in/b.csv"}"#;
    let broken = "}";
    for known in [
        role("nothing", &[]),
        role("reads", &[read]),
        role("reads-and-lists", &[read, list]),
        role("but-one", &[read, list, all_but_one]),
        role("broken", &[read, list, broken]),
        Role {
            attached: [("arn:aws:iam::aws:policy/AmazonS3FullAccess".to_owned(), "AmazonS3FullAccess".to_owned())]
                .into(),
            ..role("managed", &[])
        },
    ] {
        world.put(&known).await;
    }
    let here = "arn:aws:iam::000000000000:role";
    let mut n = 0;
    let mut outcome = async |location: &str, role_arn: &str| {
        n += 1;
        let name = format!("import-{n}");
        let id = world.import(&name, DatasetType::Interactions, location, ImportMode::Full).await;
        let import: DatasetImportJob = world.get(&id).await;
        world.put(&DatasetImportJob { role_arn: Some(role_arn.to_owned()), ..import }).await;
        world.run(&world.process("p")).await;
        world.get::<DatasetImportJob>(&id).await.failure_reason.unwrap_or_default()
    };
    for (location, name, denied) in [
        (folder, "absent", ""),
        (file, "reads", ""),
        (folder, "reads-and-lists", ""),
        (folder, "managed", ""),
        (file, "but-one", ""),
        (
            file,
            "nothing",
            "s3:GetObject on resource: arn:aws:s3:::bucket/in/a.csv because no identity-based policy allows",
        ),
        (folder, "reads", "s3:ListBucket on resource: arn:aws:s3:::bucket because no identity-based policy allows"),
        (folder, "but-one", "s3:GetObject on resource: arn:aws:s3:::bucket/in/b.csv with an explicit deny"),
        (file, "broken", "s3:GetObject on resource: arn:aws:s3:::bucket/in/a.csv with an explicit deny"),
    ] {
        let reason = outcome(location, &format!("{here}/{name}")).await;
        let told =
            format!("Insufficient privileges for accessing data in S3. The role {here}/{name} is not authorized");
        let expected =
            if denied.is_empty() { reason.is_empty() } else { reason.starts_with(&told) && reason.contains(denied) };
        assert!(expected, "{name} {location}: {reason}");
    }
    // A role of the same name in an account elsewhere is not this one.
    assert_eq!(outcome(file, "arn:aws:iam::123456789012:role/nothing").await, "");

    let write = r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/out/*"}"#;
    world.put(&role("writes", &[write])).await;
    for (name, denied) in [("reads", true), ("writes", false)] {
        let export = world.export(name, DatasetType::Interactions, IngestionMode::Bulk, "s3://bucket/out").await;
        let job: DatasetExportJob = world.get(&export).await;
        world.put(&DatasetExportJob { role_arn: format!("{here}/{name}"), ..job }).await;
        world.run(&world.process("p")).await;
        let reason = world.get::<DatasetExportJob>(&export).await.failure_reason.unwrap_or_default();
        assert_eq!(reason.contains("s3:PutObject on resource: arn:aws:s3:::bucket/out/"), denied, "{name}: {reason}");
        assert_eq!(reason.is_empty(), !denied, "{name}: {reason}");
    }
}
