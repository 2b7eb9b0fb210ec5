//! Trainings that are asked to stop end as CREATE STOPPED, whatever else happens.

use super::*;
use crate::recover;

async fn imported() -> World {
    let world = World::new().await;
    world.upload("ring.csv", &ring_csv(300, 10)).await;
    world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    world.run(&world.process("importer")).await;
    world
}

async fn end_state(world: &World) -> String {
    assert!(world.records.scan("job/", None, 1).await.unwrap().is_empty(), "no job is left");
    assert!(world.keys("artifacts/").await.is_empty(), "no model is left");
    let version: SolutionVersion = world.get(&arn("solution/s/v")).await;
    format!("{} {:?} {:?}", version.status, version.failure_reason, version.artifact_key)
}

const STOPPED: &str = "CREATE STOPPED None None";

#[tokio::test(flavor = "multi_thread")]
async fn a_running_training_stops() {
    let world = imported().await;
    let version = world.train("v", "aws-user-personalization", |_| {}).await;
    let mut ctx = world.process("p");
    let (training, trains) = watch::channel(false);
    ctx.progress = Arc::new(move |_, p| {
        if p.stage == "train" {
            training.send_replace(true);
        }
    });
    let mut trains = trains.clone();
    let asks = async {
        trains.wait_for(|begun| *begun).await.unwrap();
        let mut asked: SolutionVersion = world.get(&version).await;
        assert_eq!(asked.status, Status::CreateInProgress);
        asked.status = Status::CreateStopping;
        world.put(&asked).await;
        ctx.stores.wakeups.notify(records::STOPS_CHANNEL).await;
    };
    tokio::join!(world.run(&ctx), asks);
    assert_eq!(end_state(&world).await, STOPPED);
}

/// A step that does not look at its switch, as the inverse of a large matrix, holds up nobody but itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_cannot_be_interrupted_is_left_behind() {
    let world = imported().await;
    let version = world.train("v", "aws-popularity-count", |_| {}).await;
    let mut ctx = world.process("p");
    let (stuck, is_stuck) = watch::channel(false);
    let (free, until_free) = std::sync::mpsc::channel::<()>();
    let until_free = std::sync::Mutex::new(until_free);
    ctx.progress = Arc::new(move |_, p| {
        if p.stage == "split" {
            stuck.send_replace(true);
            // Until the test drops the other end.
            let _ = until_free.lock().unwrap().recv();
        }
    });
    let mut is_stuck = is_stuck.clone();
    let asks = async {
        is_stuck.wait_for(|stuck| *stuck).await.unwrap();
        let mut asked: SolutionVersion = world.get(&version).await;
        asked.status = Status::CreateStopping;
        world.put(&asked).await;
        ctx.stores.wakeups.notify(records::STOPS_CHANNEL).await;
    };
    tokio::join!(world.run(&ctx), asks);
    assert_eq!(end_state(&world).await, STOPPED, "while the step still runs");
    drop(free);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_training_stopped_before_it_began_never_begins() {
    let world = imported().await;
    world.train("v", "aws-user-personalization", |v| v.status = Status::CreateStopped).await;
    let mut ctx = world.process("p");
    ctx.progress = Arc::new(|_, _| panic!("it began"));
    world.run(&ctx).await;
    assert_eq!(end_state(&world).await, STOPPED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_while_stopping_is_a_stop() {
    let world = imported().await;
    world.train("v", "aws-none", |v| v.status = Status::CreateStopping).await;
    world.run(&world.process("p")).await;
    assert_eq!(end_state(&world).await, STOPPED);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_survives_a_kill_at_every_change() {
    for strike in [Strike::Before, Strike::After] {
        for nth in 1..10 {
            let world = imported().await;
            world.train("v", "aws-user-personalization", |v| v.status = Status::CreateStopping).await;
            let hook = Die::at(nth, strike);
            let doomed = world.hooked("doomed", hook.clone());
            world.run_until(&doomed, || hook.is_dead()).await;
            let next = world.process("next");
            recover(&next).await.unwrap();
            world.run(&next).await;
            assert_eq!(end_state(&world).await, STOPPED, "killed {strike:?} change {nth}");
            if !hook.is_dead() {
                break;
            }
        }
    }
}
