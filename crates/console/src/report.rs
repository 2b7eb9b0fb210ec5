//! A reader's view of the report of a training. It takes whatever members are there, so that reports of other builds are read as
//! far as they go.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The report of a training.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Report {
    /// The recipe's name.
    pub recipe: String,
    /// Every parameter of the recipe as it was used.
    pub parameters: BTreeMap<String, String>,
    /// Users that the evaluated model was trained on.
    pub training_users: u64,
    /// Users held out of it, by whom it was evaluated.
    pub test_users: u64,
    /// Offline metrics by AWS's key.
    pub metrics: BTreeMap<String, f64>,
    /// The same of the most popular items, for the same users.
    pub popularity_baseline: BTreeMap<String, f64>,
    /// The 95 % interval of each metric that is a mean over users.
    pub confidence_95: BTreeMap<String, [f64; 2]>,
    /// The 95 % interval of the difference between the model and the popularity baseline, user by user.
    pub over_popularity_95: BTreeMap<String, [f64; 2]>,
    /// By the length of the history that the model was shown.
    pub by_history: Vec<HistoryBand>,
    /// The model's lists beside those of the most popular items.
    pub against_popularity: Option<AgainstPopularity>,
    /// The parts of an ensemble; absent for models of one part.
    #[serde(alias = "blend")]
    pub ensemble: Option<Ensemble>,
    /// The epochs of the evaluated model's network.
    pub training_curve: Vec<Epoch>,
    /// Departures from the plan, in sentences.
    pub notes: Vec<String>,
    /// The search for hyperparameters.
    pub trials: Vec<Trial>,
}

/// Users with histories of some length. Pairs are the model's value and the popularity baseline's.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct HistoryBand {
    /// Events, at least.
    pub events_from: u64,
    pub users: u64,
    pub ndcg_at_10: [f64; 2],
    pub mrr_at_25: [f64; 2],
    /// The 95 % interval of the model's NDCG@10, where the report has it.
    pub ndcg_at_10_95: Option<[f64; 2]>,
}

/// Lists beside those of the most popular items.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct AgainstPopularity {
    /// Of the evaluated model, for users whom it has not seen.
    pub evaluated: ByRequestTime,
}

/// Lists by when they were requested.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct ByRequestTime {
    /// Right after the user's last event.
    pub in_session: Option<Lists>,
    /// Six hours or more after it.
    pub next_session: Option<Lists>,
}

/// Lists of one model beside those of the most popular items: pairs are the model's value and the popular items'.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Lists {
    pub users: u64,
    pub quality: [f64; 2],
    /// Of the difference in quality.
    pub standard_error: f64,
}

/// The fit of an ensemble on held-out users. Pairs hold the value in session and in the next session; quality is the mean of
/// NDCG@10 and MRR@25.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Ensemble {
    /// Every part that was offered, used or not.
    pub signals: Vec<Signal>,
    /// Every part in use, all its signals together.
    pub components: Vec<Component>,
    /// Of the whole.
    pub quality: [f64; 2],
}

/// One part of an ensemble.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Signal {
    /// Its name.
    pub name: String,
    /// Zero: not used.
    pub weights: [f64; 2],
    /// Quality of this part alone.
    #[serde(alias = "alone")]
    pub single: [f64; 2],
    /// Quality of the ensemble without it; zero where that was not measured.
    pub without: [f64; 2],
}

/// A part of an ensemble taken out as a whole.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Quality of the ensemble without it; zero where that was not measured.
    pub without: [f64; 2],
}

/// One pass over the data.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Epoch {
    pub epoch: u64,
    pub loss: f64,
    pub ndcg_at_10: Option<f64>,
}

/// One trial of the search.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Trial {
    pub number: u64,
    pub parameters: BTreeMap<String, String>,
    pub quality: Option<f64>,
    pub end: String,
}

impl Report {
    /// The report in its JSON; `None` where that is no report.
    pub fn read(json: &serde_json::Value) -> Option<Self> {
        Self::deserialize(json).ok()
    }

    /// Whether the model is better than the most popular items beyond noise; `None` where the report does not say.
    pub fn beats_popularity(&self) -> Option<bool> {
        if let Some([low, _]) = self.over_popularity_95.get(NDCG_AT_25) {
            return Some(*low > 0.0);
        }
        let lists = self.against_popularity.as_ref()?.evaluated.in_session.as_ref()?;
        Some(lists.quality[0] - lists.quality[1] > STANDARD_ERRORS * lists.standard_error)
    }
}

/// The metric that stands for the whole on overviews.
pub const NDCG_AT_25: &str = "normalized_discounted_cumulative_gain_at_25";

/// A difference of means counts as real from this many standard errors on.
const STANDARD_ERRORS: f64 = 2.5;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_that_are_absent_or_unknown_are_no_faults() {
        assert_eq!(Report::read(&json!({})), Some(Report::default()));
        let read = Report::read(
            &json!({"metrics": {"coverage": 0.5}, "later": [1], "training_curve": [{"epoch": 1, "loss": 2.0}]}),
        );
        let read = read.unwrap();
        assert_eq!((read.metrics["coverage"], read.training_curve[0].ndcg_at_10), (0.5, None));
        assert_eq!(Report::read(&json!("text")), None);
    }

    #[test]
    fn the_comparison_with_popularity_is_by_user_where_that_is_known() {
        let lists = |model: f64| {
            json!({"against_popularity": {"evaluated": {"in_session": {
            "users": 90, "quality": [model, 0.1], "standard_error": 0.01}}}})
        };
        let beats = |json: &serde_json::Value| Report::read(json).unwrap().beats_popularity();
        assert_eq!(beats(&lists(0.13)), Some(true));
        assert_eq!(beats(&lists(0.12)), Some(false));
        assert_eq!(beats(&json!({})), None);
        let paired = |low: f64| json!({"over_popularity_95": {NDCG_AT_25: [low, 0.2]}});
        assert_eq!(beats(&paired(0.01)), Some(true));
        assert_eq!(beats(&paired(-0.01)), Some(false));
    }
}
