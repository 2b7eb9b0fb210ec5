//! The least data that a training accepts.

use tastemaker_data::Dataset;
use tastemaker_domain::limits::{TRAINING_INTERACTIONS_MIN, TRAINING_USER_INTERACTIONS_MIN, TRAINING_USERS_MIN};

/// Whether `dataset`, already filtered by event type and value, is enough; else a text for the customer that names each
/// broken rule and the count found.
pub(super) fn check(dataset: &Dataset) -> Result<(), String> {
    let interactions = dataset.len();
    let long_enough = |w: &&[usize]| w[1] - w[0] >= TRAINING_USER_INTERACTIONS_MIN;
    let users = dataset.offsets().windows(2).filter(long_enough).count();
    let mut broken = Vec::new();
    if interactions < TRAINING_INTERACTIONS_MIN {
        broken.push(format!(
            "The dataset has {interactions} interactions after filtering; training needs at least \
             {TRAINING_INTERACTIONS_MIN}."
        ));
    }
    if users < TRAINING_USERS_MIN {
        let subject = if broken.is_empty() { "The dataset" } else { "It" };
        broken.push(format!(
            "{subject} has {users} users with at least {TRAINING_USER_INTERACTIONS_MIN} interactions; training needs at \
             least {TRAINING_USERS_MIN}."
        ));
    }
    if broken.is_empty() { Ok(()) } else { Err(broken.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::DatasetBuilder;

    fn dataset(users: usize, events: usize) -> Dataset {
        let mut builder = DatasetBuilder::new();
        for user in 0..users {
            for k in 0..events {
                builder.push(&user.to_string(), &k.to_string(), k as i64, None, None);
            }
        }
        builder.build()
    }

    #[test]
    fn each_broken_rule_is_named_with_what_was_found() {
        let cases = [
            (25, 40, None),
            (1000, 1, Some("The dataset has 0 users with at least 2 interactions; training needs at least 25.")),
            (333, 3, Some("The dataset has 999 interactions after filtering; training needs at least 1000.")),
            (
                24,
                33,
                Some(
                    "The dataset has 792 interactions after filtering; training needs at least 1000. It has 24 users \
                     with at least 2 interactions; training needs at least 25.",
                ),
            ),
            (24, 42, Some("The dataset has 24 users with at least 2 interactions; training needs at least 25.")),
        ];
        for (users, events, expected) in cases {
            assert_eq!(check(&dataset(users, events)).err().as_deref(), expected, "{users} x {events}");
        }
        assert!(check(&Dataset::default()).is_err());
    }
}
