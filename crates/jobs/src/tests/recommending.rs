//! Recommenders, from a training to answers and over every change.

use super::*;
use crate::recover;
use tastemaker_domain::resource::{RecommenderConfig, RecommenderUpdate};

pub(crate) const MOST_VIEWED: &str = "arn:aws:personalize:::recipe/aws-ecomm-popular-items-by-views";

const BEST_SELLERS: &str = "arn:aws:personalize:::recipe/aws-ecomm-popular-items-by-purchases";

async fn imported() -> World {
    let world = World::new().await;
    world.upload("ring.csv", &ring_csv(110, 10)).await;
    world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    world.run(&world.process("importer")).await;
    world
}

impl World {
    /// A model `id` of the recommender and the job that trains it, as the use case asks for them.
    async fn model(&self, id: &str, recipe_arn: &str) -> String {
        let model = arn(&format!("recommender/r/{id}"));
        self.train(id, "", |v| {
            v.arn = model.clone();
            v.solution_arn = arn("recommender/r");
            v.recipe_arn = recipe_arn.into();
        })
        .await;
        model
    }

    pub async fn recommender(&self, recipe_arn: &str) -> String {
        let training_arn = Some(self.model("1", recipe_arn).await);
        let recommender = Recommender {
            name: "r".into(),
            arn: arn("recommender/r"),
            dataset_group_arn: arn("dataset-group/shop"),
            recipe_arn: recipe_arn.into(),
            config: None,
            status: Status::CreatePending,
            failure_reason: None,
            latest_update: None,
            model_arn: None,
            training_arn,
            trained_ms: 1,
            metrics: Default::default(),
            created_ms: 1,
            updated_ms: 1,
        };
        self.put(&recommender).await;
        recommender.arn
    }

    async fn change(&self, change: impl FnOnce(&mut Recommender)) {
        let mut recommender: Recommender = self.get(&arn("recommender/r")).await;
        change(&mut recommender);
        self.put(&recommender).await;
    }

    async fn follow(&self, ctx: &Process) -> Recommender {
        self.job(JobKind::Recommend, &arn("recommender/r")).await;
        self.run(ctx).await;
        self.get(&arn("recommender/r")).await
    }

    async fn models(&self) -> Vec<String> {
        let prefix = arn("recommender/r/");
        let found = records::list_under::<SolutionVersion>(&*self.records, &prefix).await.unwrap();
        found.into_iter().map(|(_, model)| model.arn).collect()
    }
}

fn answers(ctx: &Process) -> bool {
    ctx.serving.campaigns.contains(&arn("recommender/r"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recommender_trains_answers_stops_starts_and_is_updated() {
    let world = imported().await;
    let ctx = world.process("p");
    world.recommender(MOST_VIEWED).await;
    world.run(&ctx).await;
    let active: Recommender = world.get(&arn("recommender/r")).await;
    assert_eq!((active.status, active.training_arn, active.failure_reason), (Status::Active, None, None));
    assert_eq!((active.model_arn, active.metrics.len()), (Some(arn("recommender/r/1")), 8));
    assert!(answers(&ctx));

    world.change(|r| r.status = Status::StopPending).await;
    assert_eq!(world.follow(&ctx).await.status, Status::Inactive);
    assert!(!answers(&ctx));
    let again = world.process("again");
    again.deployer.warm_up(&again).await.unwrap();
    assert!(!answers(&again), "a restart leaves it stopped");
    world.change(|r| r.status = Status::StartPending).await;
    assert_eq!(world.follow(&ctx).await.status, Status::Active);
    assert!(answers(&ctx));

    let config = RecommenderConfig { enable_metadata_with_recommendations: Some(true), ..Default::default() };
    let update = RecommenderUpdate {
        config: config.clone(),
        status: Status::CreatePending,
        failure_reason: None,
        created_ms: 5,
        updated_ms: 5,
    };
    world.change(|r| r.latest_update = Some(update)).await;
    let updated = world.follow(&ctx).await;
    assert_eq!((updated.config, updated.latest_update.map(|u| u.status)), (Some(config), Some(Status::Active)));
    assert!(ctx.serving.snapshot(&arn("recommender/r")).unwrap().metadata_enabled());

    world.records.commit(vec![], vec![records::delete::<Recommender>(&arn("recommender/r"))]).await.unwrap();
    ctx.deployer.warm_up(&ctx).await.unwrap();
    assert!(!answers(&ctx));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retraining_replaces_the_model_or_changes_nothing() {
    let world = imported().await;
    let ctx = world.process("p");
    world.recommender(MOST_VIEWED).await;
    world.run(&ctx).await;

    let second = world.model("2", MOST_VIEWED).await;
    world.change(|r| r.training_arn = Some(second.clone())).await;
    world.run(&ctx).await;
    let retrained: Recommender = world.get(&arn("recommender/r")).await;
    assert_eq!((retrained.status, retrained.model_arn.as_ref()), (Status::Active, Some(&second)));
    assert_eq!(world.models().await, std::slice::from_ref(&second));
    let key = world.get::<SolutionVersion>(&second).await.artifact_key.unwrap();
    assert!(world.keys("artifacts/").await.iter().all(|k| k.starts_with(&key)), "the old files are gone");

    let third = world.model("3", BEST_SELLERS).await;
    world.change(|r| r.training_arn = Some(third.clone())).await;
    world.run(&ctx).await;
    let kept: Recommender = world.get(&arn("recommender/r")).await;
    assert_eq!((kept.status, kept.model_arn, kept.training_arn), (Status::Active, Some(second.clone()), None));
    assert_eq!(world.models().await, [second]);
    assert!(answers(&ctx));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named() {
    let because = "arn:aws:personalize:::recipe/aws-vod-top-picks";
    for (recipe, words) in [
        (BEST_SELLERS, &["at least 1000", "EVENT_TYPE Purchase", "has 0"][..]),
        (because, &["has no Items dataset", "aws-vod-top-picks"]),
        ("arn:aws:personalize:::recipe/aws-none", &["has no recipe", "aws-none"]),
    ] {
        let world = imported().await;
        let items = records::delete::<Dataset>(&arn("dataset/shop/ITEMS"));
        world.records.commit(vec![], vec![items]).await.unwrap();
        world.recommender(recipe).await;
        world.run(&world.process("p")).await;
        let failed: Recommender = world.get(&arn("recommender/r")).await;
        assert_eq!((failed.status, failed.training_arn), (Status::CreateFailed, None));
        let reason = failed.failure_reason.unwrap();
        assert!(words.iter().all(|word| reason.contains(word)), "{reason}");
        assert!(world.models().await.is_empty() && world.keys("artifacts/").await.is_empty());
    }
}

/// Killed at every change of the storage while a first or second model is trained, while it is stopped and started.
#[tokio::test(flavor = "multi_thread")]
async fn recommenders_survive_a_kill_at_every_change() {
    for scene in ["first", "second", "stop", "start"] {
        for strike in [Strike::Before, Strike::After] {
            for nth in 1..60 {
                let world = imported().await;
                world.recommender(MOST_VIEWED).await;
                let expected = match scene {
                    "first" => (Status::Active, "recommender/r/1"),
                    _ => {
                        world.run(&world.process("before")).await;
                        match scene {
                            "second" => {
                                let second = world.model("2", MOST_VIEWED).await;
                                world.change(|r| r.training_arn = Some(second)).await;
                                (Status::Active, "recommender/r/2")
                            }
                            "stop" => {
                                world.change(|r| r.status = Status::StopPending).await;
                                world.job(JobKind::Recommend, &arn("recommender/r")).await;
                                (Status::Inactive, "recommender/r/1")
                            }
                            _ => {
                                world.change(|r| r.status = Status::StartPending).await;
                                world.job(JobKind::Recommend, &arn("recommender/r")).await;
                                (Status::Active, "recommender/r/1")
                            }
                        }
                    }
                };
                let hook = Die::at(nth, strike);
                let doomed = world.hooked("doomed", hook.clone());
                world.run_until(&doomed, || hook.is_dead()).await;
                let next = world.process("next");
                recover(&next).await.unwrap();
                world.run(&next).await;
                recover(&world.process("last")).await.unwrap();

                let context = format!("{scene} killed {strike:?} change {nth}");
                let ended: Recommender = world.get(&arn("recommender/r")).await;
                assert_eq!((ended.status, ended.training_arn), (expected.0, None), "{context}");
                assert_eq!(ended.model_arn, Some(arn(expected.1)), "{context}");
                assert_eq!(world.models().await, [arn(expected.1)], "{context}");
                let key = world.get::<SolutionVersion>(&arn(expected.1)).await.artifact_key.unwrap();
                let files = world.keys("artifacts/").await;
                assert!(files.len() == 4 && files.iter().all(|k| k.starts_with(&key)), "{context}: {files:?}");
                if !hook.is_dead() {
                    break;
                }
            }
        }
    }
}
