//! Held-out histories cut into evaluation points: what a user had done, and what they did next.

use crate::request::TrainRequest;
use std::ops::Range;
use tastemaker_data::{Dataset, UserIx};
use tastemaker_learn::Event;
use tastemaker_learn::ensemble::{HISTORY_MAX, RETURN_AFTER_S};
use tastemaker_learn::models::repeat_consumption::EvaluationPoint;

/// Points of each mode, at most; more would hardly change a weight.
const POINTS_MAX: usize = 3000;
/// Points of one user in session, at most.
const PER_USER_MAX: usize = 4;
/// Points in time at which the past is tested against the future.
const BACKTESTS: usize = 2;
/// Users that the model of repeats learns from, at most.
const REPEAT_USERS_MAX: usize = 3000;
/// One event in this many, rounded up, is what a point asks for: the share of the offline metrics.
const TRUTH_ONE_IN: usize = 10;

/// Weights of events by their type, as `eventsConfig` says; all 1 without it.
pub(crate) struct EventWeights(Vec<f32>);

impl EventWeights {
    pub(crate) fn new(request: &TrainRequest) -> Self {
        match request.config.events.is_empty() {
            true => Self(Vec::new()),
            false => {
                Self(request.dataset.event_types.iter().map(|name| request.config.event_weight(name) as f32).collect())
            }
        }
    }

    fn of(&self, event_type: u16) -> f32 {
        self.0.get(usize::from(event_type)).copied().unwrap_or(1.0)
    }

    /// By event of the dataset, or empty for 1 throughout.
    pub(crate) fn column(&self, dataset: &Dataset) -> Vec<f32> {
        match self.0.is_empty() {
            true => Vec::new(),
            false => dataset.event_type_column().iter().map(|&event_type| self.of(event_type)).collect(),
        }
    }
}

/// The whole histories of some users.
pub(super) fn histories(dataset: &Dataset, users: &[usize]) -> Vec<Vec<Event>> {
    let history = |&user: &usize| {
        let sequence = dataset.sequence(UserIx(user as u32));
        Event::history(&sequence, 0..sequence.items.len())
    };
    users.iter().map(history).collect()
}

/// Evenly spread users for the model of repeats.
pub(super) fn some(users: &[usize]) -> Vec<usize> {
    users.iter().copied().step_by(users.len().div_ceil(REPEAT_USERS_MAX).max(1)).collect()
}

/// The next tenth of a history after several points in its newer half, the newest tenth first.
pub(super) fn in_session<'a>(histories: &'a [Vec<Event>], event_weights: &EventWeights) -> Vec<EvaluationPoint<'a>> {
    let mut points = Vec::new();
    for history in histories.iter().filter(|history| history.len() > 1) {
        let block = history.len().div_ceil(TRUTH_ONE_IN);
        for n in 1..=PER_USER_MAX {
            let Some(at) =
                history.len().checked_sub(n * block).filter(|&at| at > 0 && (n == 1 || 2 * at >= history.len()))
            else {
                break;
            };
            points.push(point(history, at..at + block, history[at - 1].time_s, event_weights));
        }
    }
    thin(points)
}

/// Points of the time axis with the horizon of each.
pub(super) struct Cuts(Vec<(i64, i64)>);

impl Cuts {
    /// From 40 % to 90 % of the events; a horizon is the time that the next tenth of the events takes.
    pub(super) fn of(times: &[i64]) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let at =
            |percent: usize| sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied();
        let cut = |percent: usize| Some((at(percent)?, at(percent + 10)?));
        Self((40..=90).step_by(5).filter_map(cut).collect())
    }

    /// The last of [`Cuts::of`] that do not overlap, oldest first.
    pub(super) fn backtest(times: &[i64]) -> Vec<(i64, i64)> {
        let all = Self::of(times).0;
        let mut last: Vec<_> = all.into_iter().rev().step_by(2).take(BACKTESTS).collect();
        last.reverse();
        last
    }

    /// A single one.
    pub(super) fn one(cut_s: i64, until_s: i64) -> Self {
        Self(vec![(cut_s, until_s)])
    }
}

/// The points of users who had been away for a while before a cut and came back in the time after it.
pub(super) fn next_session<'a>(
    histories: &'a [Vec<Event>],
    cuts: &Cuts,
    event_weights: &EventWeights,
) -> Vec<EvaluationPoint<'a>> {
    let mut points = Vec::new();
    for history in histories {
        for &(cut_s, until_s) in &cuts.0 {
            let at = history.partition_point(|event| event.time_s < cut_s);
            let end = history.partition_point(|event| event.time_s <= until_s);
            if at > 0 && end > at && cut_s.saturating_sub(history[at - 1].time_s) >= RETURN_AFTER_S {
                points.push(point(history, at..end, cut_s, event_weights));
            }
        }
    }
    thin(points)
}

/// The users who came back after one cut, with their histories: those of the points of [`next_session`] and of nobody else.
pub(super) struct Returns {
    pub cut_s: i64,
    until_s: i64,
    histories: Vec<Vec<Event>>,
}

impl Returns {
    /// Those of each cut of [`Cuts::backtest`] among `users`.
    pub(super) fn backtest(dataset: &Dataset, users: &[usize]) -> Vec<Self> {
        let of = |(cut_s, until_s)| {
            let came_back = |user: &usize| {
                let times = dataset.sequence(UserIx(*user as u32)).times;
                let at = times.partition_point(|&time_s| time_s < cut_s);
                let end = times.partition_point(|&time_s| time_s <= until_s);
                at > 0 && end > at && cut_s.saturating_sub(times[at - 1]) >= RETURN_AFTER_S
            };
            let chosen = thin(users.iter().copied().filter(came_back).collect());
            Self { cut_s, until_s, histories: histories(dataset, &chosen) }
        };
        Cuts::backtest(dataset.time_column()).into_iter().map(of).collect()
    }

    pub(super) fn points(&self, event_weights: &EventWeights) -> Vec<EvaluationPoint<'_>> {
        next_session(&self.histories, &Cuts::one(self.cut_s, self.until_s), event_weights)
    }
}

/// The same with no more history than a user's state carries.
pub(super) fn newest(mut points: Vec<EvaluationPoint<'_>>) -> Vec<EvaluationPoint<'_>> {
    points.iter_mut().for_each(|m| m.history = &m.history[m.history.len().saturating_sub(HISTORY_MAX)..]);
    points
}

fn point<'a>(
    history: &'a [Event],
    asked: Range<usize>,
    now_s: i64,
    event_weights: &EventWeights,
) -> EvaluationPoint<'a> {
    let events = &history[asked.clone()];
    let mut truth: Vec<u32> = events.iter().map(|event| event.item.0).collect();
    truth.sort_unstable();
    truth.dedup();
    let weight =
        events.iter().map(|event| event_weights.of(event.event_type)).sum::<f32>() / events.len().max(1) as f32;
    EvaluationPoint { history: &history[..asked.start], now_s, truth, weight }
}

/// At most [`POINTS_MAX`], evenly spread.
fn thin<T>(points: Vec<T>) -> Vec<T> {
    let (all, kept) = (points.len(), points.len().min(POINTS_MAX));
    let chosen = |n: usize| n * kept / all != (n + 1) * kept / all;
    points.into_iter().enumerate().filter(|(n, _)| chosen(*n)).map(|(_, point)| point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::ItemIx;

    const EQUAL: EventWeights = EventWeights(Vec::new());

    #[test]
    fn a_point_counts_as_much_as_what_was_done_in_it() {
        let event = |n: u32| Event { event_type: (n % 2) as u16, ..Event::new(ItemIx(n), i64::from(n)) };
        let history: Vec<Event> = (0..20).map(event).collect();
        let event_weights = EventWeights(vec![0.5, 1.5]);
        assert_eq!(point(&history, 4..6, 3, &event_weights).weight, 1.0);
        assert_eq!(point(&history, 5..6, 4, &event_weights).weight, 1.5);
        assert_eq!(point(&history, 5..6, 4, &EQUAL).weight, 1.0);
    }

    fn history(times: &[i64]) -> Vec<Event> {
        times.iter().zip(0..).map(|(&time, item)| Event::new(ItemIx(item % 30), time)).collect()
    }

    #[test]
    fn a_visit_goes_on_with_the_next_tenth() {
        let long = history(&(0..40).collect::<Vec<_>>());
        let points = in_session(std::slice::from_ref(&long), &EQUAL);
        let sizes: Vec<_> = points.iter().map(|m| (m.history.len(), m.truth.len(), m.now_s)).collect();
        assert_eq!(sizes, [(36, 4, 35), (32, 4, 31), (28, 4, 27), (24, 4, 23)]);
        for (events, expected) in [(1, 0), (2, 1), (3, 1), (5, 2)] {
            let short = history(&(0..events).collect::<Vec<_>>());
            assert_eq!(in_session(&[short], &EQUAL).len(), expected, "{events} events");
        }
    }

    #[test]
    fn who_was_away_is_asked_about_the_time_after() {
        let day = 86_400;
        let cuts = Cuts::of(&(0..1000).map(|n| n * day / 10).collect::<Vec<_>>());
        assert_eq!(cuts.0.len(), 11);
        // Gone from day 38 on, back on day 42 within the horizon of the cut at day 40.
        let away = history(&[38 * day, 42 * day, 80 * day]);
        let points = next_session(std::slice::from_ref(&away), &cuts, &EQUAL);
        assert_eq!((points[0].history.len(), points[0].now_s, points[0].truth.clone()), (1, 40 * day, vec![1]));
        // Active every hour: never away.
        let busy = history(&(0..2400).map(|hour| hour * 3600).collect::<Vec<_>>());
        assert!(next_session(&[busy], &cuts, &EQUAL).is_empty());
        assert!(next_session(&[away], &Cuts::of(&[]), &EQUAL).is_empty());
    }

    #[test]
    fn who_came_back_is_who_has_a_point() {
        let day = 86_400;
        let mut builder = tastemaker_data::DatasetBuilder::new();
        for user in 0..5000i64 {
            let first = user % 90;
            for (n, time_s) in [first, first + user % 4, first + user % 11, 95].into_iter().enumerate() {
                builder.push(&user.to_string(), &n.to_string(), time_s * day + user, None, None);
            }
        }
        let dataset = builder.build();
        let users: Vec<usize> = (0..dataset.users.len()).filter(|user| user % 7 > 0).collect();
        let all = histories(&dataset, &users);
        let returns = Returns::backtest(&dataset, &users);
        let cuts = Cuts::backtest(dataset.time_column());
        assert_eq!(returns.len(), cuts.len());
        let shown = |points: Vec<EvaluationPoint<'_>>| -> Vec<String> {
            points.iter().map(|point| format!("{point:?}")).collect()
        };
        for (returns, (cut_s, until_s)) in returns.iter().zip(cuts) {
            let expected = shown(next_session(&all, &Cuts::one(cut_s, until_s), &EQUAL));
            assert!(!expected.is_empty());
            assert_eq!(shown(returns.points(&EQUAL)), expected);
        }
    }

    #[test]
    fn as_many_points_as_may_be_are_kept_evenly() {
        let histories: Vec<Vec<Event>> =
            (0..POINTS_MAX + 1000).map(|user| history(&[user as i64, 1 + user as i64])).collect();
        let points = in_session(&histories, &EQUAL);
        assert_eq!(points.len(), POINTS_MAX);
        let older = points.iter().filter(|point| point.now_s < (POINTS_MAX + 1000) as i64 / 2).count();
        assert_eq!(older, POINTS_MAX / 2);
    }

    #[test]
    fn long_histories_are_cut_to_the_newest() {
        let long = history(&(0..2000).collect::<Vec<_>>());
        let points = newest(in_session(std::slice::from_ref(&long), &EQUAL));
        assert!(points.iter().all(|m| m.history.len() == HISTORY_MAX));
        assert_eq!(points[0].history[HISTORY_MAX - 1].time_s, 1799);
    }
}
