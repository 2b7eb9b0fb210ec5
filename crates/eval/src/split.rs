//! The split behind Personalize's offline metrics.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use tastemaker_data::{Dataset, UserIx};

/// One test user in this many.
pub const TEST_USERS_ONE_IN: usize = 10;
/// One event in this many, rounded up, is the truth of a test user.
pub const TRUTH_ONE_IN: usize = 10;
/// Events a user needs to be a test user: one to tell the model, one to find.
pub const TEST_USER_EVENTS_MIN: usize = 2;

/// Training data and the users held out of it.
#[derive(Debug, Clone, Default)]
pub struct Split {
    /// All events of the other users. Items and event types keep the indices of the whole dataset.
    pub train: Dataset,
    /// The held-out users, in dataset order.
    pub tests: Vec<TestUser>,
}

/// A held-out user's history and what came after it; item indices of the whole dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestUser {
    /// Index in the whole dataset; the input is the head of this user's sequence.
    pub user: UserIx,
    /// The older events, oldest first; what a model is shown.
    pub input: Vec<u32>,
    /// The distinct items of the newer events, oldest first; what a model should find.
    pub truth: Vec<u32>,
}

/// Holds out one tenth of the users (rounded, at least one) and of each of them the newest tenth of the events (rounded
/// up), as the Amazon Personalize developer guide describes for its metrics: "90 % of users train, 10 % test; oldest 90 %
/// of a test user's interactions are input, newest 10 % the ground truth".
///
/// Test users are drawn without replacement from the users with at least two events; the same `seed` draws the same
/// users. Without such a user there are no tests and `train` is the whole dataset.
pub fn personalize(dataset: &Dataset, seed: u64) -> Split {
    let long_enough = |user: &UserIx| dataset.sequence(*user).items.len() >= TEST_USER_EVENTS_MIN;
    let users = dataset.users.len();
    let eligible: Vec<UserIx> = (0..users as u32).map(UserIx).filter(long_enough).collect();
    let wanted = ((users + TEST_USERS_ONE_IN / 2) / TEST_USERS_ONE_IN).max(1).min(eligible.len());
    let chosen = draw(eligible, wanted, seed);
    let mut held_out = vec![false; users];
    for user in &chosen {
        held_out[user.0 as usize] = true;
    }
    Split {
        train: dataset.with_users(|user| !held_out[user.0 as usize]),
        tests: chosen.into_iter().map(|user| test_user(user, dataset.sequence(user).items)).collect(),
    }
}

/// One event in this many of each user, rounded up, is the truth of a segmentation.
pub const SEGMENT_TRUTH_ONE_IN: usize = 5;

/// Training data of every user, and what each of them did afterwards.
#[derive(Debug, Clone, Default)]
pub struct TimeSplit {
    /// The older events. Users, items and event types keep the indices of the whole dataset.
    pub train: Dataset,
    /// `[users]`: the distinct items of the newer events, ascending.
    pub truths: Vec<Vec<u32>>,
}

/// Holds out the newest fifth of every user's events (rounded up, none of a single one), as Personalize does for
/// USER_SEGMENTATION recipes.
pub fn segmentation(dataset: &Dataset) -> TimeSplit {
    let heads = |events: usize| if events < 2 { events } else { events - events.div_ceil(SEGMENT_TRUTH_ONE_IN) };
    let truth = |items: &[u32]| {
        let mut truth = items[heads(items.len())..].to_vec();
        truth.sort_unstable();
        truth.dedup();
        truth
    };
    TimeSplit {
        train: dataset.heads(heads),
        truths: dataset.sequences().map(|(_, sequence)| truth(sequence.items)).collect(),
    }
}

/// `wanted` of `from` without replacement, in their original order (the head of a Fisher-Yates shuffle).
fn draw(mut from: Vec<UserIx>, wanted: usize, seed: u64) -> Vec<UserIx> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    for k in 0..wanted {
        let other = random.random_range(k..from.len());
        from.swap(k, other);
    }
    from.truncate(wanted);
    from.sort_unstable();
    from
}

fn test_user(user: UserIx, events: &[u32]) -> TestUser {
    let (input, newest) = events.split_at(events.len() - events.len().div_ceil(TRUTH_ONE_IN));
    let mut truth = Vec::with_capacity(newest.len());
    for &item in newest {
        if !truth.contains(&item) {
            truth.push(item);
        }
    }
    TestUser { user, input: input.to_vec(), truth }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tastemaker_data::DatasetBuilder;

    fn dataset(lengths: &[usize]) -> Dataset {
        let mut builder = DatasetBuilder::new();
        for (user, &length) in lengths.iter().enumerate() {
            for k in 0..length {
                builder.push(&format!("u{user}"), &format!("i{}", (user + k) % 30), k as i64, None, None);
            }
        }
        builder.build()
    }

    #[test]
    fn a_tenth_of_the_users_and_the_newest_tenth_of_their_events() {
        let whole = dataset(&[25; 100]);
        let split = personalize(&whole, 1);
        assert_eq!((split.tests.len(), split.train.users.len()), (10, 90));
        assert_eq!(split.train.items.len(), whole.items.len());
        for test in &split.tests {
            assert_eq!((test.input.len(), test.truth.len()), (22, 3));
            assert_eq!(test.truth[0], (test.input[21] + 1) % 30);
            assert_eq!(whole.sequence(test.user).items[..22], test.input);
        }
        assert_eq!(split.train.len(), 90 * 25);
    }

    #[test]
    fn the_seed_alone_decides_who_is_tested() {
        let whole = dataset(&[5; 100]);
        let tests = |seed| personalize(&whole, seed).tests;
        assert_eq!(tests(3), tests(3));
        assert_ne!(tests(3), tests(4));
    }

    #[test]
    fn users_with_one_event_are_never_tested() {
        let split = personalize(&dataset(&[1, 1, 1, 2, 1]), 9);
        assert_eq!(split.tests.len(), 1);
        assert_eq!((split.tests[0].input.len(), split.tests[0].truth.len()), (1, 1));
        let none = personalize(&dataset(&[1, 1]), 9);
        assert!(none.tests.is_empty());
        assert_eq!(none.train.users.len(), 2);
        assert!(personalize(&Dataset::default(), 9).tests.is_empty());
    }

    #[test]
    fn a_tenth_of_the_users_is_rounded() {
        let tested = [5, 14, 15, 24, 25].map(|users| personalize(&dataset(&vec![5; users]), 1).tests.len());
        assert_eq!(tested, [1, 1, 2, 2, 3]);
    }

    #[test]
    fn a_segmentation_holds_out_the_newest_fifth_of_everybody() {
        let whole = dataset(&[10, 1, 2, 6]);
        let split = segmentation(&whole);
        assert_eq!(split.train.offsets(), &[0, 8, 9, 10, 14]);
        assert_eq!(split.truths, vec![vec![8, 9], vec![], vec![3], vec![7, 8]]);
        assert_eq!(split.train.users.len(), 4);
    }

    #[test]
    fn repeated_truth_counts_once() {
        let mut events = vec![1; 18];
        events.extend([7, 7]);
        let user = UserIx(4);
        assert_eq!(test_user(user, &events), TestUser { user, input: vec![1; 18], truth: vec![7] });
    }

    #[test]
    fn test_users_are_in_the_order_of_the_dataset() {
        let users: Vec<u32> = personalize(&dataset(&[5; 200]), 1).tests.iter().map(|test| test.user.0).collect();
        assert_eq!(users.len(), 20);
        assert!(users.is_sorted(), "{users:?}");
    }

    #[test]
    fn the_truth_of_a_segmentation_is_ascending_and_without_repeats() {
        let mut builder = DatasetBuilder::new();
        let items = ["a", "b", "c", "a", "b", "a", "a", "b", "c", "b", "a", "b"];
        for (at, item) in items.iter().enumerate() {
            builder.push("u", item, at as i64, None, None);
        }
        let whole = builder.build();
        let [a, b] = ["a", "b"].map(|item| whole.items.get(item).unwrap());
        assert_eq!(segmentation(&whole).truths, [[a.min(b), a.max(b)]]);
    }

    proptest! {
        #[test]
        fn no_event_is_lost_and_no_test_user_is_trained_on(
            lengths in proptest::collection::vec(1usize..25, 1..60), seed: u64
        ) {
            let whole = dataset(&lengths);
            let split = personalize(&whole, seed);
            let tested: usize = split.tests.iter().map(|t| t.input.len() + t.truth.len()).sum();
            prop_assert_eq!(split.train.len() + tested, whole.len());
            prop_assert_eq!(split.train.users.len() + split.tests.len(), whole.users.len());
            prop_assert!(split.tests.iter().all(|t| !t.input.is_empty() && !t.truth.is_empty()));
        }
    }
}
