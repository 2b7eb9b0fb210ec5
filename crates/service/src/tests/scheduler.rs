//! The scheduler, by a clock that the test moves.

use super::*;
use crate::campaigns::CampaignChange;
use crate::scheduler::{SchedulerConfig, tick};
use crate::solutions::SolutionChange;
use crate::{campaigns, solution_versions, solutions};
use tastemaker_domain::resource::{CampaignConfig, TrainingType};

const HOUR: Duration = Duration::from_secs(3600);
const DAY_MS: i64 = 24 * 3600 * 1000;
const AUTO: SchedulerConfig = SchedulerConfig { trains: true, first_training_delay: HOUR };

impl World {
    fn pass(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Ticks, lets the trainings that began end as `status` and returns their ARNs.
    async fn trained_by_itself(&self, status: Status) -> Vec<String> {
        let begun = tick(&self.ctx, &AUTO).await.expect("a tick");
        for arn in &begun {
            let version = solution_versions::describe(&self.ctx, arn).await.expect("there");
            assert_eq!((version.status, version.training_type), (Status::CreatePending, TrainingType::Automatic));
            assert_eq!(version.training_mode, TrainingMode::Full);
            assert!(self.jobs().await.iter().any(|job| job.resource_arn == *arn));
            self.end(&version, status).await;
        }
        begun
    }

    /// An import that has ended now.
    async fn new_data(&self, name: &str) {
        let import = self.import(name, &self.arn("dataset/shop/INTERACTIONS"), ImportMode::Full).await.expect("a job");
        let mut ended = self.end(&import, Status::Active).await;
        ended.updated_ms = self.now_ms.load(Ordering::SeqCst);
        self.write(&ended).await;
    }
}

const NONE: [String; 0] = [];

#[tokio::test]
async fn the_first_training_comes_after_the_delay_and_the_next_by_the_schedule() {
    let world = World::new();
    world.shop().await;
    world.new_data("one").await;
    world.solution("gru").await.expect("a solution");
    world.pass(3_599_999);
    assert_eq!(world.trained_by_itself(Status::Active).await, NONE);
    world.pass(1);
    assert_eq!(world.trained_by_itself(Status::Active).await.len(), 1);
    assert_eq!(world.trained_by_itself(Status::Active).await, NONE);

    world.pass(7 * DAY_MS);
    assert_eq!(world.trained_by_itself(Status::Active).await, NONE, "nothing new came in");
    world.new_data("two").await;
    assert_eq!(world.trained_by_itself(Status::CreateFailed).await.len(), 1);
    world.pass(1);
    world.new_data("three").await;
    world.pass(7 * DAY_MS - 2);
    assert_eq!(world.trained_by_itself(Status::Active).await, NONE, "a failed training counts");
    world.pass(1);
    assert_eq!(world.trained_by_itself(Status::Active).await.len(), 1);
}

/// A day or more in the future is what a clock that ran ahead wrote; nothing waits for that time to come again.
#[tokio::test]
async fn a_clock_that_ran_ahead_and_was_set_back_holds_up_no_training() {
    let ahead = 3650 * DAY_MS;
    let world = World::new();
    world.shop().await;
    world.pass(ahead);
    world.new_data("one").await;
    world.solution("gru").await.expect("a solution");
    world.pass(HOUR.as_millis() as i64);
    assert_eq!(world.trained_by_itself(Status::Active).await.len(), 1);
    world.pass(-ahead);
    assert_eq!(world.trained_by_itself(Status::Active).await.len(), 1, "the training of the future does not count");
    assert_eq!(world.trained_by_itself(Status::Active).await, NONE, "the one of now does");
    world.new_data("two").await;
    world.pass(7 * DAY_MS - 1);
    assert_eq!(world.trained_by_itself(Status::Active).await, NONE);
    world.pass(1);
    assert_eq!(world.trained_by_itself(Status::Active).await.len(), 1);
}

/// Clocks are also set back by little, all the time.
#[tokio::test]
async fn a_clock_that_is_corrected_begins_nothing_early() {
    let world = World::new();
    world.shop().await;
    world.new_data("one").await;
    world.solution("gru").await.expect("a solution");
    world.pass(-3_600_000);
    assert_eq!(world.trained_by_itself(Status::Active).await, NONE);
    world.pass(2 * 3_600_000);
    assert_eq!(world.trained_by_itself(Status::Active).await.len(), 1);
}

#[tokio::test]
async fn an_explicit_training_takes_the_place_of_the_first() {
    let world = World::new();
    world.shop().await;
    world.new_data("one").await;
    world.solution("gru").await.expect("a solution");
    world.pass(1);
    let version = world.train("gru").await.expect("a version");
    world.pass(7 * DAY_MS);
    assert_eq!(world.trained_by_itself(Status::Active).await, NONE, "it is still under way");
    world.end(&version, Status::CreateStopped).await;
    world.new_data("two").await;
    assert_eq!(world.trained_by_itself(Status::Active).await.len(), 1);
}

#[tokio::test]
async fn streamed_events_are_new_data() {
    let world = World::new();
    world.shop().await;
    let tracker = world.tracker("shop").await.expect("a tracker");
    world.solution("gru").await.expect("a solution");
    world.pass(DAY_MS);
    assert_eq!(world.trained_by_itself(Status::Active).await, NONE, "there is nothing to train on");
    let append = async |id: &str| {
        let stream = records::interactions_stream(&tracker.dataset_group_arn);
        let event = tastemaker_store::NewEvent { id: id.into(), body: "{}".into() };
        world.ctx.stores.events.append(&stream, vec![event]).await.expect("appended")[0]
    };
    let first = append("a").await;
    let begun = world.trained_by_itself(Status::Active).await;
    let mut version = solution_versions::describe(&world.ctx, &begun[0]).await.expect("there");
    version.events_position = Some(first);
    world.write(&version).await;
    world.pass(7 * DAY_MS);
    assert_eq!(world.trained_by_itself(Status::Active).await, NONE);
    append("b").await;
    assert_eq!(world.trained_by_itself(Status::Active).await.len(), 1);
}

#[tokio::test]
async fn an_update_turns_it_off_and_on_and_sets_the_schedule() {
    let world = World::new();
    world.shop().await;
    world.new_data("one").await;
    let solution = world.solution("gru").await.expect("a solution");
    let change = async |on: Option<bool>, schedule: Option<&str>| {
        let auto_training_schedule = schedule.map(str::to_owned);
        let change = SolutionChange { perform_auto_training: on, auto_training_schedule, ..Default::default() };
        solutions::update(&world.ctx, &solution.arn, change).await
    };
    world.pass(1);
    let off = change(Some(false), None).await.expect("updated");
    assert_eq!((off.perform_auto_training, off.updated_ms > off.created_ms), (false, true));
    world.pass(DAY_MS);
    assert_eq!(world.trained_by_itself(Status::Active).await, NONE);

    let on = change(Some(true), Some("rate(1 day)")).await.expect("updated");
    let update = on.latest_update.expect("an update");
    assert_eq!((update.status, update.auto_training_schedule.as_deref()), (Status::Active, Some("rate(1 day)")));
    world.pass(3_599_999);
    assert_eq!(world.trained_by_itself(Status::Active).await, NONE, "the hour begins anew");
    world.pass(1);
    assert_eq!(world.trained_by_itself(Status::Active).await.len(), 1);
    world.pass(DAY_MS);
    world.new_data("two").await;
    assert_eq!(world.trained_by_itself(Status::Active).await.len(), 1);

    refused(change(None, Some("rate(31 days)")).await, "InvalidInput", &["schedulingExpression", "rate(31 days)"]);
    world.end(&solution, Status::CreateFailed).await;
    refused(change(None, None).await, "InUse", &["CREATE FAILED"]);
    refused(
        solutions::update(&world.ctx, &world.arn("solution/none"), SolutionChange::default()).await,
        "NotFound",
        &["solution/none"],
    );
}

#[tokio::test]
async fn a_running_import_delays_it_and_the_server_can_be_told_not_to() {
    let world = World::new();
    world.shop().await;
    world.new_data("one").await;
    world.solution("gru").await.expect("a solution");
    world.pass(3_600_000);
    let off = SchedulerConfig { trains: false, ..AUTO };
    assert_eq!(tick(&world.ctx, &off).await, Ok(vec![]));
    let import = world.import("two", &world.arn("dataset/shop/INTERACTIONS"), ImportMode::Full).await.expect("a job");
    assert_eq!(world.trained_by_itself(Status::Active).await, NONE);
    world.end(&import, Status::CreateFailed).await;
    assert_eq!(world.trained_by_itself(Status::Active).await.len(), 1);
}

#[tokio::test]
async fn two_servers_begin_one_training() {
    let world = World::new();
    world.shop().await;
    world.new_data("one").await;
    world.solution("gru").await.expect("a solution");
    world.pass(3_600_000);
    let (one, other) = tokio::join!(tick(&world.ctx, &AUTO), tick(&world.ctx, &AUTO));
    assert_eq!(one.expect("a tick").len() + other.expect("a tick").len(), 1);
}

#[tokio::test]
async fn a_synchronized_campaign_follows_the_newest_version() {
    let world = World::new();
    let latest = |solution: &str| world.arn(&format!("solution/{solution}/$LATEST"));
    world.shop().await;
    let first = world.trained().await;
    let create = async |version: &str, follows: bool| {
        let mut new = world.new_campaign("web", version);
        new.config = Some(CampaignConfig { sync_with_latest_solution_version: Some(follows), ..Default::default() });
        campaigns::create(&world.ctx, &world.caller, new).await
    };
    refused(create(&first.arn, true).await, "InvalidInput", &["syncWithLatestSolutionVersion", "/$LATEST", &first.arn]);
    let campaign = create(&latest("gru"), true).await.expect("a campaign");
    assert_eq!(campaign.solution_version_arn, first.arn);
    let campaign = world.end(&campaign, Status::Active).await;

    assert_eq!(tick(&world.ctx, &AUTO).await, Ok(vec![]));
    world.tick();
    let second = world.train("gru").await.expect("a version");
    assert_eq!(tick(&world.ctx, &AUTO).await, Ok(vec![]), "the version is being trained");
    world.end(&second, Status::Active).await;
    assert_eq!(tick(&world.ctx, &AUTO).await, Ok(vec![campaign.arn.clone()]));
    assert_eq!(tick(&world.ctx, &AUTO).await, Ok(vec![]), "the update is under way");
    let mut updating = campaigns::describe(&world.ctx, &campaign.arn).await.expect("there");
    assert_eq!(updating.solution_version_arn, first.arn);
    let update = updating.latest_update.as_mut().expect("an update");
    assert_eq!((&update.solution_version_arn, update.status), (&second.arn, Status::CreatePending));
    assert!(world.jobs().await.iter().any(|job| job.resource_arn == campaign.arn && job.kind == JobKind::Deploy));

    update.status = Status::CreateFailed;
    world.write(&updating).await;
    assert_eq!(tick(&world.ctx, &AUTO).await, Ok(vec![]), "a version that cannot be deployed is not tried for ever");

    let explicit = CampaignChange { solution_version_arn: Some(second.arn.clone()), ..Default::default() };
    let words = ["syncWithLatestSolutionVersion", &second.arn];
    refused(campaigns::update(&world.ctx, &campaign.arn, explicit.clone()).await, "InvalidInput", &words);
    let off = CampaignChange { config: Some(CampaignConfig::default()), ..explicit };
    let updated = campaigns::update(&world.ctx, &campaign.arn, off).await.expect("updated");
    assert_eq!(updated.latest_update.map(|u| u.solution_version_arn), Some(second.arn));
}

#[tokio::test]
async fn a_recommender_is_trained_again_after_seven_days() {
    let world = World::new();
    world.video_shop().await;
    world.new_data("one").await;
    let recommender = world.recommender("aws-vod-most-popular").await.expect("a recommender");
    let model = recommender.training_arn.clone().expect("a training");
    world.pass(7 * DAY_MS);
    assert_eq!(tick(&world.ctx, &AUTO).await, Ok(vec![]), "it is not ACTIVE");
    let mut active = recommender.clone();
    (active.status, active.model_arn, active.training_arn) = (Status::Active, Some(model.clone()), None);
    world.write(&active).await;
    let trained = solution_versions::describe(&world.ctx, &model).await;
    refused(trained, "InvalidInput", &["solutionVersionArn"]);
    let (_, trained) =
        records::load::<SolutionVersion>(&*world.ctx.stores.records, &model).await.expect("read").expect("there");
    world.end(&trained, Status::Active).await;
    assert_eq!(tick(&world.ctx, &AUTO).await, Ok(vec![]), "nothing new came in");
    world.new_data("two").await;
    let mut inactive = active.clone();
    inactive.status = Status::Inactive;
    world.write(&inactive).await;
    assert_eq!(tick(&world.ctx, &AUTO).await, Ok(vec![]), "not while INACTIVE");
    world.write(&active).await;
    let begun = tick(&world.ctx, &AUTO).await.expect("a tick");
    assert_eq!(begun.len(), 1);
    let retraining = crate::recommenders::describe(&world.ctx, &recommender.arn).await.expect("there");
    assert_eq!((retraining.status, retraining.training_arn.as_slice()), (Status::Active, &begun[..]));
    assert_eq!(tick(&world.ctx, &AUTO).await, Ok(vec![]));
    let listed = solution_versions::list(&world.ctx, &world.caller, None, crate::Page::default()).await;
    assert_eq!(listed.expect("listed").items, [], "its models are nobody's solution versions");
}
