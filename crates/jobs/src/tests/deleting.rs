use super::*;
use tastemaker_domain::recommendation::Source;
use tastemaker_training::catalog::{CATALOG_FILE, Catalog};

/// The number of different rows that the dataset's files have about the user.
async fn bulk_rows_of(world: &World, user: &str) -> usize {
    world.export("look", DatasetType::Interactions, IngestionMode::Bulk, "s3://bucket/look/").await;
    world.run(&world.process("look")).await;
    let csv = world.object("look/clicks-1.csv").await;
    csv.lines().filter(|line| line.starts_with(&format!("{user},"))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn users_go_from_files_streams_histories_and_answers() {
    let world = World::new().await;
    let ctx = world.process("p");
    world.upload("one.csv", &ring_csv(100, 10)).await;
    world.upload("two.csv", &ring_csv(100, 10).replace("\nu1,", "\nx1,").replace("\nu2,", "\nx2,")).await;
    world.import("one", DatasetType::Interactions, "s3://bucket/one.csv", ImportMode::Full).await;
    world.run(&ctx).await;
    world.import("two", DatasetType::Interactions, "s3://bucket/two.csv", ImportMode::Incremental).await;
    world.run(&ctx).await;
    let version = world.train("v", "aws-user-personalization", |v| {
        v.config.algorithm_hyper_parameters = [("hidden_dimension".into(), "32".into())].into();
    });
    let version = version.await;
    world.run(&ctx).await;
    world.deploy(&version).await;
    world.run(&ctx).await;
    // An anonymous visit that u1 later owned up to, one of nobody, and events of others.
    let mut events: Vec<_> =
        ["s1", "u1", "u3", "s2", "u2"].into_iter().enumerate().map(|(n, u)| event(n, u, "i1")).collect();
    for (event, session) in events.iter_mut().zip(["s1", "s1", "s1", "s2", "s3"]) {
        event.session_id = session.into();
    }
    world.stream(&events).await;
    ctx.deployer.warm_up(&ctx).await.unwrap();
    let before = world.interactions().await;
    let stranger = ask(&ctx, "stranger").unwrap().items;
    assert_ne!(ask(&ctx, "u1").unwrap().items, stranger);

    world.upload("gone/deep/1.csv", "USER_ID\nu1\n").await;
    world.upload("gone/2.csv", "USER_ID\n\"u2\"\nnever seen\n").await;
    let deletion = world.delete_users("d", "s3://bucket/gone/").await;
    world.run(&ctx).await;
    let done: DataDeletionJob = world.get(&deletion).await;
    assert_eq!((done.status, done.failure_reason), (DeletionStatus::Completed, None));
    // Ten rows of each in the first file, none in the second; u1's event with the anonymous one before it, u2's one.
    assert_eq!((done.num_deleted, done.users_blob), (Some(20 + 3), None));
    let after = world.interactions().await;
    assert_eq!(after.bulk_rows, before.bulk_rows - 20);
    assert_eq!((after.bulk_files.len(), &after.bulk_files[1]), (2, &before.bulk_files[1]), "a file without them stays");
    assert_eq!(world.keys("datasets/").await, {
        let mut files = after.bulk_files.clone();
        files.sort();
        files
    });
    for (user, rows) in [("u1", 0), ("u2", 0), ("u3", 10), ("x1", 10)] {
        assert_eq!(bulk_rows_of(&world, user).await, rows, "{user}");
        world
            .records
            .commit(vec![], vec![records::delete::<DatasetExportJob>(&arn("dataset-export-job/look"))])
            .await
            .unwrap();
    }
    let stream = records::interactions_stream(&arn("dataset-group/shop"));
    let left = world.events.read(&stream, 0, 9).await.unwrap();
    let id = |e: &tastemaker_store::StoredEvent| records::decode_event(&stream, e).unwrap().event_id;
    assert_eq!(left.iter().map(id).collect::<Vec<_>>(), ["e2", "e3"]);

    // At once, without a new training and over a restart.
    let next = world.process("next");
    next.deployer.warm_up(&next).await.unwrap();
    for ctx in [&ctx, &next] {
        let answer = |user: &str| {
            let mut answer = ask(ctx, user).unwrap();
            // Exploration draws for each user anew.
            answer.items.retain(|item| item.reason.is_none());
            answer
        };
        let (u1, u3, stranger) = (answer("u1"), answer("u3"), answer("stranger"));
        let places = u1.items.len().min(stranger.items.len());
        assert!(places > 0 && u1.items[..places] == stranger.items[..places], "{u1:?}, {stranger:?}");
        assert_eq!([u1.source, u3.source, stranger.source], [Source::ColdStart, Source::Model, Source::ColdStart]);
    }
    let version: SolutionVersion = world.get(&version).await;
    let key = format!("{}/{CATALOG_FILE}", version.artifact_key.unwrap());
    let catalog = Catalog::from_bytes(&world.blobs.read_all(&key).await.unwrap()).unwrap();
    assert!(catalog.users.get("u1").is_none() && catalog.users.get("x1").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_the_users_dataset_go_too() {
    let world = World::new().await;
    let users = r#"{"type":"record","name":"Users","fields":[{"name":"USER_ID","type":"string"},
        {"name":"AGE","type":["null","int"]}]}"#;
    let mut schema: SchemaResource = world.get(&arn("schema/things")).await;
    (schema.arn, schema.text) = (arn("schema/people"), users.into());
    world.put(&schema).await;
    let mut dataset: Dataset = world.get(&arn("dataset/shop/ITEMS")).await;
    (dataset.arn, dataset.dataset_type) = (arn("dataset/shop/USERS"), DatasetType::Users);
    dataset.schema_arn = schema.arn;
    world.put(&dataset).await;
    world.upload("people.csv", "USER_ID,AGE\nu1,40\nu2,\n").await;
    world.import("one", DatasetType::Users, "s3://bucket/people.csv", ImportMode::Full).await;
    world.run(&world.process("p")).await;
    let stream = records::rows_stream(&dataset.arn);
    for (n, id) in ["u1", "u3"].into_iter().enumerate() {
        let row =
            tastemaker_domain::resource::StreamedRow { id: id.into(), columns: Default::default(), received_ms: 9 };
        world.events.append(&stream, vec![records::encode_row(n.to_string(), &row).unwrap()]).await.unwrap();
    }
    world.upload("all.csv", "USER_ID\nu1\nu2\n").await;
    let deletion = world.delete_users("d", "s3://bucket/all.csv").await;
    world.run(&world.process("p")).await;
    assert_eq!(world.get::<DataDeletionJob>(&deletion).await.num_deleted, Some(3));
    let dataset: Dataset = world.get(&dataset.arn).await;
    assert_eq!((dataset.bulk_rows, dataset.bulk_files.len(), dataset.bulk_imported_ms.len()), (0, 0, 0));
    let left = world.events.read(&stream, 0, 9).await.unwrap();
    assert_eq!(left.iter().map(|e| records::decode_row(&stream, e).unwrap().id).collect::<Vec<_>>(), ["u3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_the_cut_stays_and_a_vanished_list_does_no_harm() {
    let world = World::new().await;
    let ctx = world.process("p");
    world.upload("a.csv", &ring_csv(100, 10)).await;
    world.import("one", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
    world.run(&ctx).await;
    world.stream(&[event(1, "u1", "i1")]).await;
    world.upload("users.csv", "USER_ID\nu1\n").await;
    let deletion = world.delete_users("d", "s3://bucket/users.csv").await;
    // Killed at the first removal from a stream, when everything else is done.
    let hook = Arc::new(tastemaker_store::fault_injection::FailNth::of("remove", 1, Strike::Before));
    let mut doomed = world.hooked("doomed", hook.clone());
    doomed.settings.backoff_first = Duration::from_secs(1000);
    doomed.settings.backoff_max = Duration::from_secs(1000);
    world.run_until(&doomed, || hook.struck()).await;
    let cut: DataDeletionJob = world.get(&deletion).await;
    assert_eq!((cut.status, cut.num_deleted, cut.users_blob.is_some()), (DeletionStatus::InProgress, Some(11), true));
    world.stream(&[event(2, "u1", "i2")]).await;
    world
        .records
        .commit(vec![], vec![tastemaker_store::Write::Delete { key: object_record_key("bucket", "users.csv") }])
        .await
        .unwrap();
    world.now_ms.fetch_add(2_000_000, Ordering::SeqCst);
    let next = world.process("next");
    crate::recover(&next).await.unwrap();
    world.run(&next).await;
    let done: DataDeletionJob = world.get(&deletion).await;
    assert_eq!((done.status, done.num_deleted), (DeletionStatus::Completed, Some(11)));
    let stream = records::interactions_stream(&arn("dataset-group/shop"));
    let left = world.events.read(&stream, 0, 9).await.unwrap();
    let id = |e: &tastemaker_store::StoredEvent| records::decode_event(&stream, e).unwrap().event_id;
    assert_eq!(left.iter().map(id).collect::<Vec<_>>(), ["e2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_deletion_says_why_and_deletes_nothing() {
    let world = World::new().await;
    world.stream(&[event(1, "u1", "i1")]).await;
    world.upload("bad.csv", "NAME\nu1\n").await;
    for (name, location, words) in [
        ("a", "s3://elsewhere/u.csv", ["'elsewhere'", "dataLocation"]),
        ("b", "s3://bucket/none/", ["There is nothing under", "s3://bucket/none/"]),
        ("c", "s3://bucket/bad.csv", ["USER_ID", "[NAME]"]),
    ] {
        let deletion = world.delete_users(name, location).await;
        world.run(&world.process("p")).await;
        let failed: DataDeletionJob = world.get(&deletion).await;
        let reason = failed.failure_reason.unwrap();
        assert_eq!((failed.status, failed.num_deleted), (DeletionStatus::Failed, None));
        assert!(words.iter().all(|word| reason.contains(word)), "{reason}");
    }
    let left = world.events.read(&records::interactions_stream(&arn("dataset-group/shop")), 0, 9).await.unwrap();
    assert_eq!(left.len(), 1);
}
