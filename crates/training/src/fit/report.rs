//! `metrics.json`: the offline metrics of a model, its training curve, the trials of a search, and notes.
//!
//! It is part of the artifact, so it holds nothing that differs between two trainings of the same data and seed: no times, no
//! machine.

use super::evaluation::Evaluation;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::tuning::{Trial, TrialOutcome};
use tastemaker_eval::bias::{self, PopularityBias};
use tastemaker_eval::comparison::Comparison;
use tastemaker_eval::{Report, bootstrap};
use tastemaker_learn::EpochEnd;
use tastemaker_recipes::artifact::EnsembleFacts;

/// The file's name in an artifact.
pub const REPORT_FILE: &str = tastemaker_recipes::artifact::REPORT_FILE;

/// The lengths at which bands of histories begin.
const HISTORY_BANDS: [usize; 6] = [1, 3, 10, 30, 100, 300];
const NDCG: &str = "normalized_discounted_cumulative_gain_at_10";
const MRR: &str = "mean_reciprocal_rank_at_25";

/// The report on a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingReport {
    /// The recipe's name.
    pub recipe: String,
    /// Every parameter of the recipe as it was used.
    pub parameters: BTreeMap<String, String>,
    /// Users that the evaluated model was trained on.
    pub training_users: usize,
    /// Users held out of it, by whom it was evaluated.
    pub test_users: usize,
    /// Offline metrics by AWS's key.
    pub metrics: BTreeMap<String, f64>,
    /// The same of the most popular items, for the same users.
    pub popularity_baseline: BTreeMap<String, f64>,
    /// The interval of each per-user metric that holds its mean with 95 % confidence, by resampling the users.
    pub confidence_95: BTreeMap<String, [f64; 2]>,
    /// The interval of each per-user metric that holds the mean difference from the popularity baseline with 95 % confidence, by
    /// resampling the users' differences.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub over_popularity_95: BTreeMap<String, [f64; 2]>,
    /// By the length of the history that the model was shown.
    pub by_history: Vec<HistoryBand>,
    /// The lean of the lists towards popular items; absent for models that list no items for users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub popularity_bias: Option<BiasFacts>,
    /// The lists beside those of the most popular items; absent for models that list no items for users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_popularity: Option<PopularityFacts>,
    /// The weights of a blend's parts, and the worth of each, on users held out within the training.
    #[serde(rename = "ensemble", alias = "blend", default, skip_serializing_if = "Option::is_none")]
    pub blend: Option<EnsembleFacts>,
    /// The epochs of the evaluated model's network; empty for recipes without epochs.
    pub training_curve: Vec<EpochFacts>,
    /// Departures from the plan, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The search for hyperparameters; empty without one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trials: Vec<TrialFacts>,
}

/// Lists beside those of the most popular items. Quality is the mean of NDCG@10 and the reciprocal rank within 25, measured by what
/// users took next.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PopularityFacts {
    /// Of the evaluated model, for users whom it has not seen.
    #[serde(alias = "judged")]
    pub evaluated: ListsByRequestTime,
    /// Of the model that serves, for the test users and up to 500 others, all of whom it has seen.
    pub served: ListsByRequestTime,
}

/// The lists of one model by when they were requested.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ListsByRequestTime {
    /// Right after the user's last event; absent where nobody could be asked.
    #[serde(alias = "within_a_visit", default, skip_serializing_if = "Option::is_none")]
    pub in_session: Option<ListFacts>,
    /// Six hours or more after the user's last event.
    #[serde(alias = "after_an_absence", default, skip_serializing_if = "Option::is_none")]
    pub next_session: Option<ListFacts>,
}

/// Lists of one model beside those of the most popular items. Pairs are the model's value and the popular items'.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ListFacts {
    pub users: usize,
    pub quality: [f64; 2],
    /// Of the difference in quality.
    pub standard_error: f64,
    /// The mean number of training interactions of the lists' items.
    pub mean_popularity: [f64; 2],
    /// Different lists of ten.
    pub distinct_lists: usize,
}

impl ListFacts {
    pub(super) fn new(comparison: &Comparison, mean_popularity: [f64; 2], distinct_lists: usize) -> Self {
        Self {
            users: comparison.users,
            quality: [comparison.model, comparison.baseline].map(round),
            standard_error: round(comparison.standard_error),
            mean_popularity: mean_popularity.map(round),
            distinct_lists,
        }
    }
}

/// Users with histories of some length. Pairs are the model's value and the popularity baseline's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct HistoryBand {
    /// Events, at least.
    pub events_from: usize,
    pub users: usize,
    pub ndcg_at_10: [f64; 2],
    pub mrr_at_25: [f64; 2],
    /// The interval that holds the model's mean NDCG@10 with 95 % confidence, by resampling the users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ndcg_at_10_95: Option<[f64; 2]>,
}

/// See [`PopularityBias`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ListBias {
    pub mean_popularity: f64,
    pub head_share: f64,
    pub gini: f64,
}

/// The bias of the model's lists beside that of what the users took and that of the most popular items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BiasFacts {
    pub model: ListBias,
    pub taken: ListBias,
    pub popularity_baseline: ListBias,
}

/// One pass over the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct EpochFacts {
    pub epoch: usize,
    pub loss: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ndcg_at_10: Option<f64>,
}

/// One trial of the search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialFacts {
    /// Its number in the search; trial 0 has the values without a search.
    pub number: usize,
    /// The hyperparameters that were varied, with their values.
    pub parameters: BTreeMap<String, String>,
    /// The mean of NDCG@10 and MRR@25 on the validation users; absent for a trial that was ended early or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<f64>,
    /// `judged`, `ended early`, or why it failed.
    pub end: String,
    /// NDCG@10 of the network after each epoch.
    pub curve: Vec<f64>,
}

impl From<&Trial> for TrialFacts {
    fn from(trial: &Trial) -> Self {
        Self {
            number: trial.number,
            parameters: trial.parameters.clone(),
            quality: trial.quality().map(round),
            end: match &trial.outcome {
                TrialOutcome::Judged(_) => "judged".to_owned(),
                TrialOutcome::Stopped => "ended early".to_owned(),
                TrialOutcome::Failed(why) => why.clone(),
            },
            curve: trial.curve.iter().copied().map(round).collect(),
        }
    }
}

/// The parts of a report.
pub(super) struct Findings<'a> {
    pub recipe: &'a str,
    pub parameters: BTreeMap<String, String>,
    pub training_users: usize,
    /// Interactions by item in the training part.
    pub counts: Vec<f64>,
    pub model: &'a Evaluation,
    pub baseline: &'a Evaluation,
    /// The items that the test users took.
    pub taken: Vec<Vec<u32>>,
    pub against_popularity: Option<PopularityFacts>,
    pub notes: Vec<String>,
    pub blend: Option<EnsembleFacts>,
    pub curve: Vec<EpochEnd>,
    pub trials: &'a [Trial],
    pub seed: u64,
}

impl TrainingReport {
    pub(super) fn new(findings: Findings) -> Self {
        let Findings { model, baseline, .. } = &findings;
        let bias = |lists: &[Vec<u32>]| ListBias::from(bias::popularity_bias(lists, &findings.counts));
        let interval = |(key, values): (&&'static str, &Vec<f64>)| {
            let interval = bootstrap::interval_95(values, findings.seed)?;
            Some(((*key).to_owned(), interval.map(round)))
        };
        let difference = |(key, values): (&&'static str, &Vec<f64>)| {
            let of_baseline = baseline.report.per_user.get(key).filter(|others| others.len() == values.len())?;
            let differences: Vec<f64> = values.iter().zip(of_baseline).map(|(value, other)| value - other).collect();
            Some(((*key).to_owned(), bootstrap::interval_95(&differences, findings.seed)?.map(round)))
        };
        let epoch = |end: &EpochEnd| EpochFacts {
            epoch: end.number,
            loss: round(end.loss),
            ndcg_at_10: end.quality.map(round),
        };
        Self {
            recipe: findings.recipe.to_owned(),
            training_users: findings.training_users,
            test_users: model.report.users,
            metrics: model.report.rounded(),
            popularity_baseline: baseline.report.rounded(),
            confidence_95: model.report.per_user.iter().filter_map(interval).collect(),
            over_popularity_95: model.report.per_user.iter().filter_map(difference).collect(),
            by_history: by_history(&model.report, &baseline.report, findings.seed),
            popularity_bias: Some(BiasFacts {
                model: bias(&model.lists),
                taken: bias(&findings.taken),
                popularity_baseline: bias(&baseline.lists),
            }),
            training_curve: findings.curve.iter().map(epoch).collect(),
            trials: findings.trials.iter().map(TrialFacts::from).collect(),
            against_popularity: findings.against_popularity,
            blend: findings.blend,
            notes: findings.notes,
            parameters: findings.parameters,
        }
    }

    /// Metrics alone, for models that are evaluated in a way of their own.
    pub(super) fn brief(
        recipe: &str,
        parameters: BTreeMap<String, String>,
        training_users: usize,
        model: &Report,
        baseline: &Report,
    ) -> Self {
        Self {
            recipe: recipe.to_owned(),
            parameters,
            training_users,
            test_users: model.users,
            metrics: model.rounded(),
            popularity_baseline: baseline.rounded(),
            confidence_95: BTreeMap::new(),
            over_popularity_95: BTreeMap::new(),
            by_history: Vec::new(),
            popularity_bias: None,
            against_popularity: None,
            blend: None,
            training_curve: Vec::new(),
            notes: Vec::new(),
            trials: Vec::new(),
        }
    }

    /// The file's bytes.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }

    /// The report of a file's bytes.
    pub fn from_json(bytes: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(bytes)
    }
}

fn by_history(model: &Report, baseline: &Report, seed: u64) -> Vec<HistoryBand> {
    let bands = |report: &Report, key| report.by_history(key, &HISTORY_BANDS);
    let pairs = |key| bands(model, key).into_iter().zip(bands(baseline, key));
    pairs(NDCG)
        .zip(pairs(MRR))
        .map(|((ndcg, ndcg_baseline), (mrr, mrr_baseline))| HistoryBand {
            events_from: ndcg.0,
            users: ndcg.1,
            ndcg_at_10: [ndcg.2, ndcg_baseline.2].map(round),
            mrr_at_25: [mrr.2, mrr_baseline.2].map(round),
            ndcg_at_10_95: bootstrap::interval_95(&of_band(model, NDCG, ndcg.0), seed).map(|ends| ends.map(round)),
        })
        .collect()
}

/// The values of the users whose history is in the band that begins at `from` events.
fn of_band(report: &Report, key: &str, from: usize) -> Vec<f64> {
    let until = HISTORY_BANDS.into_iter().find(|&begin| begin > from).unwrap_or(usize::MAX);
    let values = report.per_user.get(key).map_or(&[][..], Vec::as_slice);
    let of = report.history_lengths.iter().zip(values).filter(|(events, _)| (from..until).contains(events));
    of.map(|(_, value)| *value).collect()
}

impl From<PopularityBias> for ListBias {
    fn from(bias: PopularityBias) -> Self {
        Self {
            mean_popularity: round(bias.mean_popularity),
            head_share: round(bias.head_share),
            gini: round(bias.gini),
        }
    }
}

/// To four decimals, and never what JSON cannot hold.
fn round(x: f64) -> f64 {
    if x.is_finite() { (x * 1e4).round() / 1e4 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_first_format_are_read() -> Result<(), serde_json::Error> {
        let lists =
            r#"{"users":3,"quality":[0.2,0.1],"standard_error":0.01,"mean_popularity":[1.0,2.0],"distinct_lists":4}"#;
        let first = format!(r#"{{"judged":{{"within_a_visit":{lists}}},"served":{{"after_an_absence":{lists}}}}}"#);
        let second = format!(r#"{{"evaluated":{{"in_session":{lists}}},"served":{{"next_session":{lists}}}}}"#);
        let read: PopularityFacts = serde_json::from_str(&first)?;
        assert_eq!(serde_json::to_string(&read)?, second);
        assert_eq!(serde_json::from_str::<PopularityFacts>(&second)?, read);
        Ok(())
    }
}
