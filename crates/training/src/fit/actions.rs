//! Training of recipes of actions.
//!
//! As [`super::fit`], with the users who respond to actions in place of those who take items: a tenth of them is held out, and the
//! truth of each is what they took in the newest tenth of their responses. Popularity is how many users took an action.

use super::data_requirements;
use super::error::FitError;
use super::outcome::FitOutcome;
use super::packing::brief_outcome;
use super::request::FitRequest;
use crate::catalog::{CATALOG_FILE, Catalog, TASTES_FILE};
use tastemaker_data::{Dataset, ItemIx, UserIx};
use tastemaker_eval::{Report, TestUser, metrics, report, split};
use tastemaker_learn::models::popularity::PopularityModel;
use tastemaker_learn::models::propensity::Response;
use tastemaker_learn::sentences::{SPLIT_USERS, TEST_USERS};
use tastemaker_learn::{Event, Progress, Scorer, ScoringContext, Scratch, TrainContext};
use tastemaker_recipes::{ActionTastes, ArtifactFiles, TrainRequest};

pub(super) fn fit(request: &FitRequest, context: &TrainContext) -> Result<FitOutcome, FitError> {
    let FitRequest { recipe, dataset, .. } = *request;
    data_requirements::check(dataset).map_err(FitError::TooLittleData)?;
    let Some(all) = request.responses else {
        return Err(FitError::TooLittleData(format!(
            "{} needs an Actions dataset. Create one and import actions.",
            recipe.descriptor.name
        )));
    };
    let say = |stage, note: String| (context.progress)(Progress::of(stage, note));
    let split = split::personalize(all, context.seed);
    say("split", SPLIT_USERS.with(&[&split.train.users.len(), &split.tests.len()]));
    let evaluated = recipe.train(&TrainRequest { responses: Some(&split.train), ..request.of(dataset) }, context)?;

    say("evaluate", TEST_USERS.with(&[&split.tests.len()]));
    let tastes = ActionTastes::of(&evaluated)?;
    let tests: Vec<TestUser> = split.tests.iter().map(|test| taken(all, test)).collect();
    let evaluate = |scorer: &dyn Scorer| -> Result<Report, FitError> {
        context.cancel.check().map_err(|_| FitError::Cancelled)?;
        let mut scratch = Scratch::default();
        let list = |test: &TestUser| list(scorer, &tastes, dataset, all, test, &mut scratch);
        let lists: Vec<Vec<u32>> = tests.iter().map(list).collect();
        Ok(report(&tests, &lists, all.items.len()))
    };
    let (report, popular) = (evaluate(&*evaluated.scorer)?, PopularityModel::from_counts(takers(&split.train)));
    let baseline = evaluate(&popular.map_err(|error| FitError::Internal(error.to_string()))?)?;

    let as_refit = |p: Progress| (context.progress)(Progress { stage: "refit", ..p });
    let on_all = TrainRequest { responses: Some(all), ..request.of(dataset) };
    let served = recipe.train(&on_all, &TrainContext { progress: &as_refit, ..*context })?;
    let catalogs = [(CATALOG_FILE, Catalog::new(all)), (TASTES_FILE, Catalog::new(dataset))];
    let catalogs = catalogs.iter().map(|(name, catalog)| Ok(((*name).to_owned(), catalog.to_bytes()?)));
    let catalogs = catalogs.collect::<Result<ArtifactFiles, tastemaker_recipes::Error>>()?;
    brief_outcome(request, context, &served, (report, baseline), Some(catalogs))
}

/// The test user with the actions that they took, in place of all that they responded to.
fn taken(all: &Dataset, test: &TestUser) -> TestUser {
    let sequence = all.sequence(test.user);
    let mut truth = Vec::new();
    for (&action, &event_type) in sequence.items.iter().zip(sequence.event_types).skip(test.input.len()) {
        let response = Response::of(all.event_types.id(u32::from(event_type)));
        if response == Some(Response::Taken) && !truth.contains(&action) {
            truth.push(action);
        }
    }
    TestUser { truth, ..test.clone() }
}

/// The actions in a model's order for a test user at the end of what it is shown.
fn list(
    scorer: &dyn Scorer,
    tastes: &ActionTastes,
    dataset: &Dataset,
    all: &Dataset,
    test: &TestUser,
    scratch: &mut Scratch,
) -> Vec<u32> {
    let sequence = all.sequence(test.user);
    let event = |n: usize| Event {
        event_type: sequence.event_types[n],
        ..Event::new(ItemIx(sequence.items[n]), sequence.times[n])
    };
    let history: Vec<Event> = (0..test.input.len()).map(event).collect();
    let now_s = sequence.times.get(test.input.len()).copied();
    let user = dataset.users.get(all.users.id(test.user.0));
    let items = user.map(|user| dataset.sequence(UserIx(user)));
    // What the user took later is not known yet.
    let known = items.map_or(&[][..], |items| {
        let until = now_s.map_or(items.items.len(), |now| items.times.partition_point(|&time| time < now));
        &items.items[..until]
    });
    let mut taste = Vec::new();
    tastes.of_user(known, &mut taste);
    let state = scorer.encode(&history, scratch);
    let ask = ScoringContext { now_s, user_vector: &taste, ..ScoringContext::default() };
    let ranked = scorer.top_k(&state, &ask, metrics::LIST_LEN, None, scratch);
    ranked.items.into_iter().map(|(action, _)| action.0).collect()
}

/// The number of users who took each action.
fn takers(dataset: &Dataset) -> Vec<f32> {
    let taken = dataset.with_event_types(|name| Response::of(name) == Some(Response::Taken));
    crate::catalog::popularity(&taken)
}
