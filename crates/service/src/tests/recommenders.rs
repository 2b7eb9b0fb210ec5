//! Recommenders of domain dataset groups.

use super::*;
use crate::{Page, recommenders};
use recommenders::NewRecommender;
use std::collections::BTreeMap;
use tastemaker_domain::resource::{Recommender, RecommenderConfig};
use tastemaker_domain::schema::DatasetDomain;
use tastemaker_domain::solution_config::TrainingDataConfig;

const FILMS: &str = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
 {"name":"GENRES","type":"string","categorical":true},{"name":"CREATION_TIMESTAMP","type":"long"}]}"#;

const WATCHES: &str = r#"{"type":"record","name":"Interactions","fields":[{"name":"USER_ID","type":"string"},
 {"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},{"name":"EVENT_TYPE","type":"string"}]}"#;

impl World {
    /// Group `shop` of VIDEO_ON_DEMAND with its Interactions dataset.
    pub async fn video_shop(&self) {
        let domain = Some(DatasetDomain::VideoOnDemand);
        let new = NewSchema { name: "watches".into(), text: WATCHES.into(), domain };
        crate::schemas::create(&self.ctx, &self.caller, new).await.expect("a schema");
        let new = NewDatasetGroup {
            name: "shop".into(),
            role_arn: None,
            kms_key_arn: None,
            domain,
            tags: Default::default(),
        };
        crate::dataset_groups::create(&self.ctx, &self.caller, new).await.expect("a group");
        self.dataset("shop", "watches", DatasetType::Interactions).await.expect("a dataset");
    }

    /// The Items dataset of `shop`.
    pub async fn films(&self) {
        let domain = Some(DatasetDomain::VideoOnDemand);
        let new = NewSchema { name: "films".into(), text: FILMS.into(), domain };
        crate::schemas::create(&self.ctx, &self.caller, new).await.expect("a schema");
        self.dataset("shop", "films", DatasetType::Items).await.expect("a dataset");
    }

    pub fn new_recommender(&self, recipe: &str) -> NewRecommender {
        NewRecommender {
            name: "r".into(),
            dataset_group_arn: self.arn("dataset-group/shop"),
            recipe_arn: format!("arn:aws:personalize:::recipe/{recipe}"),
            config: None,
            tags: Default::default(),
        }
    }

    pub async fn recommender(&self, recipe: &str) -> Result<Recommender> {
        recommenders::create(&self.ctx, &self.caller, self.new_recommender(recipe)).await
    }
}

fn exploring() -> RecommenderConfig {
    let item_exploration_config = BTreeMap::from([("explorationWeight".to_owned(), "0.5".to_owned())]);
    RecommenderConfig { item_exploration_config, ..RecommenderConfig::default() }
}

fn excluding(dataset_type: &str, column: &str) -> RecommenderConfig {
    let excluded = BTreeMap::from([(dataset_type.to_owned(), vec![column.to_owned()])]);
    let training_data = Some(TrainingDataConfig { excluded, included: BTreeMap::new() });
    RecommenderConfig { training_data, ..RecommenderConfig::default() }
}

#[tokio::test]
async fn a_recommender_begins_with_the_training_of_its_model() {
    let world = World::new();
    world.video_shop().await;
    let recommender = world.recommender("aws-vod-most-popular").await.expect("a recommender");
    assert_eq!((recommender.arn.as_str(), recommender.status), (&*world.arn("recommender/r"), Status::CreatePending));
    let jobs = world.jobs().await;
    let model = recommender.training_arn.clone().expect("a training");
    assert_eq!(jobs.iter().map(|j| (j.kind, &j.resource_arn)).collect::<Vec<_>>(), [(JobKind::Train, &model)]);
    let (_, model) =
        records::load::<SolutionVersion>(&*world.ctx.stores.records, &model).await.expect("read").expect("there");
    assert_eq!((model.event_type.as_deref(), model.status), (None, Status::CreatePending));
    assert_eq!((model.training_mode, model.perform_tuning), (TrainingMode::Full, false));
    assert_eq!(recommenders::describe(&world.ctx, &recommender.arn).await.as_ref(), Ok(&recommender));
    let group = world.arn("dataset-group/shop");
    let listed = recommenders::list(&world.ctx, &world.caller, Some(&group), Page::default()).await;
    assert_eq!(listed.map(|l| l.items), Ok(vec![recommender.clone()]));

    refused(world.recommender("aws-vod-most-popular").await, "AlreadyExists", &[&recommender.arn]);
    refused(recommenders::delete(&world.ctx, &recommender.arn).await, "InUse", &["CREATE PENDING"]);
    refused(crate::dataset_groups::delete(&world.ctx, &group).await, "InUse", &[&recommender.arn]);
    world.end(&recommender, Status::CreateFailed).await;
    assert_eq!(recommenders::delete(&world.ctx, &recommender.arn).await, Ok(()));
    assert!(records::list::<SolutionVersion>(&*world.ctx.stores.records).await.expect("read").is_empty());
    refused(recommenders::describe(&world.ctx, &recommender.arn).await, "NotFound", &[&recommender.arn]);
}

#[tokio::test]
async fn recommenders_are_checked() {
    let world = World::new();
    world.video_shop().await;
    let create = async |recipe: &str, config: Option<RecommenderConfig>| {
        recommenders::create(&world.ctx, &world.caller, NewRecommender { config, ..world.new_recommender(recipe) })
            .await
    };
    refused(create("aws-sims", None).await, "InvalidInput", &["recipeArn", "aws-sims", "CreateSolution"]);
    refused(create("aws-none", None).await, "NotFound", &["aws-none"]);
    let words = ["recipeArn", "ECOMMERCE", "VIDEO_ON_DEMAND"];
    refused(create("aws-ecomm-popular-items-by-views", None).await, "InvalidInput", &words);
    let popular = "aws-vod-most-popular";
    refused(create(popular, Some(exploring())).await, "InvalidInput", &["itemExplorationConfig", popular]);
    let metadata = RecommenderConfig { enable_metadata_with_recommendations: Some(true), ..Default::default() };
    refused(create(popular, Some(metadata)).await, "InvalidInput", &["enableMetadata", "Items dataset"]);
    let none = RecommenderConfig { min_recommendation_requests_per_second: Some(0), ..Default::default() };
    refused(create(popular, Some(none)).await, "InvalidInput", &["minRecommendationRequestsPerSecond", "0"]);
    for (dataset_type, column, words) in [
        ("ACTIONS", "X", &["'ACTIONS'", "excludedDatasetColumns"][..]),
        ("interactions", "COLOUR", &["'COLOUR'", "EVENT_TYPE", "INTERACTIONS"]),
        ("Interactions", "TIMESTAMP", &["TIMESTAMP", "cannot be excluded"]),
    ] {
        refused(create(popular, Some(excluding(dataset_type, column))).await, "InvalidInput", words);
    }
    let mut both = excluding("Interactions", "EVENT_TYPE");
    if let Some(data) = both.training_data.as_mut() {
        data.included.insert("INTERACTIONS".into(), vec!["USER_ID".into()]);
    }
    refused(create(popular, Some(both)).await, "InvalidInput", &["both", "INTERACTIONS"]);
    let picks = "aws-vod-top-picks";
    refused(create(picks, Some(exploring())).await, "InvalidInput", &["dataset-group/shop", "no Items dataset", picks]);
    world.films().await;
    let mut beyond = exploring();
    beyond.item_exploration_config.insert("explorationWeight".into(), "2".into());
    refused(create(picks, Some(beyond)).await, "InvalidInput", &["recommenderConfig.itemExploration", "[0, 1]", "2"]);
    assert!(create(picks, Some(exploring())).await.is_ok());
    world.shop_of_no_domain().await;
    let mut custom = world.new_recommender(popular);
    custom.dataset_group_arn = world.arn("dataset-group/plain");
    refused(recommenders::create(&world.ctx, &world.caller, custom).await, "InvalidInput", &["domain", "none"]);
}

impl World {
    async fn shop_of_no_domain(&self) {
        self.group("plain").await.expect("a group");
    }
}

#[tokio::test]
async fn only_what_fits_the_status_is_done() {
    let world = World::new();
    world.video_shop().await;
    world.films().await;
    let recommender = world.recommender("aws-vod-top-picks").await.expect("a recommender");
    let arn = &recommender.arn;
    refused(recommenders::stop(&world.ctx, arn).await, "InUse", &["CREATE PENDING", "ACTIVE"]);
    refused(recommenders::start(&world.ctx, arn).await, "InUse", &["CREATE PENDING", "INACTIVE"]);
    refused(recommenders::update(&world.ctx, arn, exploring()).await, "InUse", &["CREATE PENDING"]);
    refused(recommenders::stop(&world.ctx, &world.arn("recommender/x")).await, "NotFound", &["recommender/x"]);

    let mut active = recommender.clone();
    (active.status, active.model_arn, active.training_arn) = (Status::Active, active.training_arn.take(), None);
    world.write(&active).await;
    let updated = recommenders::update(&world.ctx, arn, exploring()).await.expect("updated");
    assert_eq!((updated.config, updated.training_arn), (None, None));
    assert_eq!(updated.latest_update.map(|u| (u.config, u.status)), Some((exploring(), Status::CreatePending)));
    refused(recommenders::update(&world.ctx, arn, exploring()).await, "InUse", &["update", "CREATE PENDING"]);
    refused(recommenders::stop(&world.ctx, arn).await, "InUse", &["update"]);
    refused(recommenders::delete(&world.ctx, arn).await, "InUse", &["update"]);

    world.write(&active).await;
    let updated =
        recommenders::update(&world.ctx, arn, excluding("Interactions", "event_type")).await.expect("updated");
    assert!(updated.training_arn.is_some(), "other columns need another model");

    world.write(&active).await;
    assert_eq!(recommenders::stop(&world.ctx, arn).await, Ok(()));
    assert_eq!(recommenders::describe(&world.ctx, arn).await.map(|r| r.status), Ok(Status::StopPending));
    assert!(world.jobs().await.iter().any(|j| j.kind == JobKind::Recommend && j.resource_arn == *arn));
    refused(recommenders::stop(&world.ctx, arn).await, "InUse", &["STOP PENDING"]);
    active.status = Status::Inactive;
    world.write(&active).await;
    assert_eq!(recommenders::start(&world.ctx, arn).await, Ok(()));
    assert_eq!(recommenders::describe(&world.ctx, arn).await.map(|r| r.status), Ok(Status::StartPending));
    world.write(&active).await;
    assert_eq!(recommenders::delete(&world.ctx, arn).await, Ok(()));
}
