//! Training of USER_SEGMENTATION recipes.
//!
//! As [`super::fit`], but every user is in training with the older four fifths of their events, and what is evaluated are segments:
//! for each item (or each value of each column) the users who are named first, against those who took it in the newest fifth.
//! Beside it the most active users, who are the same for everything.

use super::data_requirements;
use super::error::FitError;
use super::outcome::FitOutcome;
use super::packing::brief_outcome;
use super::request::FitRequest;
use crate::segmentation::{SegmentOptions, SegmentQuery, UserHistories, rank};
use std::collections::BTreeSet;
use tastemaker_data::UserIx;
use tastemaker_eval::segments::{JudgedSegment, report, size};
use tastemaker_eval::split;
use tastemaker_learn::sentences::{SEGMENTS, SPLIT_INTERACTIONS};
use tastemaker_learn::{Progress, TrainContext};
use tastemaker_recipes::Segmenter;

/// Segments that are evaluated, evenly spread over all.
const EVALUATED_MAX: usize = 1000;

pub(super) fn fit(request: &FitRequest, context: &TrainContext) -> Result<FitOutcome, FitError> {
    let FitRequest { recipe, dataset, .. } = *request;
    data_requirements::check(dataset).map_err(FitError::TooLittleData)?;
    let say = |stage, note: String| (context.progress)(Progress::of(stage, note));

    let split = split::segmentation(dataset);
    say("split", SPLIT_INTERACTIONS.with(&[&split.train.len(), &dataset.len()]));
    let segmenter = Segmenter::of(&recipe.train(&request.of(&split.train), context)?)?;

    let groups = evaluated_groups(&segmenter, dataset.items.len(), &split.truths);
    say("evaluate", SEGMENTS.with(&[&groups.len()]));
    let histories = UserHistories::of(&split.train);
    let queries: Vec<SegmentQuery> =
        groups.iter().map(|g| SegmentQuery { vector: segmenter.sum(g.items.iter().copied()), allowed: None }).collect();
    let most = size(histories.len());
    let options = SegmentOptions { most, threads: context.threads, cancel: context.cancel };
    let named = rank(&segmenter, &histories, request.users, &queries, &options)?;
    let segments = |named: Vec<Vec<u32>>| -> Vec<JudgedSegment> {
        let segment = |(named, group): (Vec<u32>, &Group)| JudgedSegment { named, truth: group.takers.clone() };
        named.into_iter().zip(&groups).map(segment).collect()
    };
    let baseline = vec![most_active(&histories, most); groups.len()];
    let (report, baseline) = (report(&segments(named), histories.len()), report(&segments(baseline), histories.len()));

    let as_refit = |p: Progress| (context.progress)(Progress { stage: "refit", ..p });
    let served = recipe.train(&request.of(dataset), &TrainContext { progress: &as_refit, ..*context })?;
    brief_outcome(request, context, &served, (report, baseline), None)
}

/// Items that a segment is asked for together, and who took one of them afterwards.
struct Group {
    items: Vec<u32>,
    /// Ascending.
    takers: Vec<u32>,
}

fn evaluated_groups(segmenter: &Segmenter, items: usize, truths: &[Vec<u32>]) -> Vec<Group> {
    let mut takers: Vec<Vec<u32>> = vec![Vec::new(); items];
    for (user, truth) in (0u32..).zip(truths) {
        truth.iter().for_each(|&item| takers[item as usize].push(user));
    }
    let groups = match segmenter.is_by_attributes() {
        true => segmenter.groups(1),
        false => (0..items as u32).map(|item| vec![item]).collect(),
    };
    let of = |items: Vec<u32>| {
        let all: BTreeSet<u32> = items.iter().flat_map(|&item| takers[item as usize].iter().copied()).collect();
        Group { items, takers: all.into_iter().collect() }
    };
    let wanted: Vec<Group> = groups.into_iter().map(of).filter(|group| !group.takers.is_empty()).collect();
    let stride = wanted.len().div_ceil(EVALUATED_MAX).max(1);
    wanted.into_iter().step_by(stride).collect()
}

/// The users with most events, the first of `histories` where equal.
fn most_active(histories: &UserHistories, most: usize) -> Vec<u32> {
    let mut users: Vec<UserIx> = (0..histories.len() as u32).map(UserIx).collect();
    users.sort_by_key(|user| std::cmp::Reverse(histories.history(user.0).len()));
    users.into_iter().take(most).map(|user| user.0).collect()
}
