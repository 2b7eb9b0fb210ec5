//! Trainings with performHPO: every trial is recorded, and nothing recorded is made again.

use super::*;
use crate::recover;
use tastemaker_domain::tuning::{TuningConfig, TuningResources};

/// A group with data and a version of `aws-sims` that asks for four trials, two at a time.
async fn asked() -> World {
    let world = World::new().await;
    world.upload("ring.csv", &ring_csv(110, 10)).await;
    world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    world.run(&world.process("importer")).await;
    let resources = TuningResources { trials: Some("4".into()), parallel: Some("2".into()) };
    let tuning = TuningConfig { resources: Some(resources), ..TuningConfig::default() };
    world
        .train("v", "aws-sims", |v| {
            v.perform_tuning = true;
            v.config.tuning = Some(tuning);
        })
        .await;
    world
}

async fn version(world: &World) -> SolutionVersion {
    world.get(&arn("solution/s/v")).await
}

async fn end_state(world: &World) -> String {
    assert!(world.records.scan("job/", None, 1).await.unwrap().is_empty(), "no job is left");
    let version = version(world).await;
    let key = version.artifact_key.unwrap();
    assert!(world.keys("artifacts/").await.iter().all(|file| file.starts_with(&key)), "nothing is left over");
    format!("{} {:?} {:?} {:?}", version.status, version.trials, version.tuned_parameters, version.metrics)
}

#[tokio::test(flavor = "multi_thread")]
async fn trials_are_recorded_and_the_winner_is_shown() {
    let world = asked().await;
    world.run(&world.process("p")).await;
    let version = version(&world).await;
    assert_eq!((version.status, version.trials.len()), (Status::Active, 4));
    let names: Vec<_> = version.tuned_parameters.keys().map(String::as_str).collect();
    assert_eq!(names, ["min_cointeraction_count", "popularity_discount_factor"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_survives_a_kill_at_every_change() {
    let undisturbed = asked().await;
    undisturbed.run(&undisturbed.process("p")).await;
    let expected = end_state(&undisturbed).await;
    let mut resumed = 0;
    for strike in [Strike::Before, Strike::After] {
        for nth in 1..60 {
            let world = asked().await;
            let hook = Die::at(nth, strike);
            let doomed = world.hooked("doomed", hook.clone());
            world.run_until(&doomed, || hook.is_dead()).await;
            let recorded = version(&world).await.trials;
            let next = world.process("next");
            recover(&next).await.unwrap();
            world.run(&next).await;
            assert_eq!(end_state(&world).await, expected, "killed {strike:?} change {nth}");
            let kept = version(&world).await.trials;
            assert!(recorded.iter().all(|trial| kept.contains(trial)), "what was recorded is kept");
            resumed += usize::from((1..4).contains(&recorded.len()));
            if !hook.is_dead() {
                break;
            }
        }
    }
    assert!(resumed > 2, "some searches went on in their midst");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_stops_when_it_is_asked_to() {
    let world = asked().await;
    let mut asked = version(&world).await;
    asked.recipe_arn = "arn:aws:personalize:::recipe/aws-user-personalization".into();
    world.put(&asked).await;
    let mut ctx = world.process("p");
    let (searching, searches) = watch::channel(false);
    ctx.progress = Arc::new(move |_, p| {
        if p.stage == "tune" {
            searching.send_replace(true);
        }
    });
    let mut searches = searches.clone();
    let stop = async {
        searches.wait_for(|begun| *begun).await.unwrap();
        let mut asked = version(&world).await;
        asked.status = Status::CreateStopping;
        world.put(&asked).await;
        ctx.stores.wakeups.notify(records::STOPS_CHANNEL).await;
    };
    tokio::join!(world.run(&ctx), stop);
    let stopped = version(&world).await;
    assert_eq!((stopped.status, stopped.artifact_key), (Status::CreateStopped, None));
    assert!(world.keys("artifacts/").await.is_empty());
}
