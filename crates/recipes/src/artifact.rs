//! The files of a trained model and the manifest that holds them together.
//!
//! Opening executes nothing: JSON and safetensors only. Every file's SHA-256 stands in the manifest, so damage is an
//! error and never a strange recommendation.

use crate::Error;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tastemaker_learn::ensemble::{Combination, ComponentReport, EnsembleReport, HeldOutCheck, Signal, SignalReport};

/// File name -> bytes.
pub type ArtifactFiles = BTreeMap<String, Vec<u8>>;

/// The manifest's file name.
pub const MANIFEST_FILE: &str = "manifest.json";
/// The model parameters' file name.
pub const MODEL_FILE: &str = "model.safetensors";
/// The file that describes the training. Nothing is answered from it, so damage to it takes no model down.
pub const REPORT_FILE: &str = "metrics.json";
/// The version of the manifest's format that this build writes. It reads every version from 1 on: version 1 has other names
/// for the same fields of an ensemble, in the report, too.
pub const FORMAT: u32 = 2;

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this format; [`FORMAT`].
    pub format: u32,
    /// The recipe's name.
    pub recipe: String,
    /// Every parameter of the recipe as it was used, defaults included.
    pub parameters: BTreeMap<String, String>,
    /// The seed of every random choice in training.
    pub seed: u64,
    /// Sizes of the training.
    pub counts: Counts,
    /// The weights of an ensemble's parts; absent for recipes of one part.
    #[serde(rename = "ensemble", alias = "blend", default, skip_serializing_if = "Option::is_none")]
    pub blend: Option<EnsembleFacts>,
    /// Every other file.
    pub files: BTreeMap<String, FileFacts>,
}

/// Sizes of a training run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Users after the recipe's own filters.
    pub users_trained: u64,
    /// Interactions after the recipe's own filters.
    pub interactions_trained: u64,
    /// Items that the model ranks.
    pub items: u64,
    /// Passes over the data.
    pub epochs: u64,
}

/// The fit of a blend on held-out users. Pairs hold the value in session and in the next session; quality is the mean
/// of NDCG@10 and MRR@25 over held-out points, without leaving out the items that a user has seen.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct EnsembleFacts {
    /// Every part that was offered, used or not.
    pub signals: Vec<SignalFacts>,
    /// Every part in use, all its signals together.
    #[serde(default)]
    pub components: Vec<ComponentFacts>,
    /// Held-out points.
    #[serde(alias = "moments")]
    pub points: [u64; 2],
    /// Of the blend.
    pub quality: [f64; 2],
    /// Quality in session by length of the history.
    pub by_history: Vec<HistoryFacts>,
    /// The comparison of the fitted weights with simpler ones, in session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out_check_in_session: Option<HeldOutCheckFacts>,
    /// The same for the next session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out_check_next_session: Option<HeldOutCheckFacts>,
    /// Departures from the plan, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl EnsembleFacts {
    /// Leaves the blend one signal in session and one in the next session.
    pub(crate) fn reduce_to(&mut self, chosen: [Signal; 2]) {
        let names = chosen.map(|signal| signal.name());
        for signal in &mut self.signals {
            for (mode, name) in names.iter().enumerate() {
                signal.weights[mode] = f32::from(u8::from(signal.name == *name));
                if signal.name == *name {
                    self.quality[mode] = signal.single[mode];
                }
            }
            signal.without = [0.0; 2];
        }
        let components = chosen.map(|signal| signal.component());
        self.components =
            components.iter().map(|name| ComponentFacts { name: (*name).to_owned(), without: [0.0; 2] }).collect();
        self.components.dedup();
        self.held_out_check_in_session = None;
        self.held_out_check_next_session = None;
        self.by_history.clear();
    }

    /// The names of the parts in use.
    pub fn component_names(&self) -> impl Iterator<Item = &str> {
        self.components.iter().map(|component| component.name.as_str())
    }

    /// Whether there are no weights for the next session, as for related items.
    pub fn is_of_one_mode(&self) -> bool {
        self.signals.iter().all(|signal| signal.weights[1] == 0.0)
    }

    /// Whether nothing but the popularity of items decides.
    pub fn is_only_popularity(&self) -> bool {
        let popularity = Signal::POPULARITY.component();
        !self.components.is_empty() && self.component_names().all(|name| name == popularity)
    }
}

/// One part of a blend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SignalFacts {
    pub name: String,
    /// 0: not used.
    pub weights: [f32; 2],
    /// Quality of this single part.
    #[serde(alias = "alone")]
    pub single: [f64; 2],
    /// Quality of the blend without it.
    pub without: [f64; 2],
}

/// A part of a blend taken out as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ComponentFacts {
    pub name: String,
    /// Quality of the blend without it.
    pub without: [f64; 2],
}

/// Quality for histories of some length.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct HistoryFacts {
    /// Events, at least.
    pub events_from: u64,
    #[serde(alias = "moments")]
    pub points: u64,
    pub quality: f64,
}

/// Quality on users that the weights were not chosen on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldOutCheckFacts {
    /// Users who were compared.
    pub users: u64,
    /// Of the fitted weights.
    pub fitted: f64,
    /// Of the best single signal.
    pub single: f64,
    /// Of the best signals of two parts or more with equal weights.
    pub equal: f64,
    /// The signals of the better of the two.
    pub names: Vec<String>,
    /// Of the difference between the better of the two and the fitted weights.
    pub standard_error: f64,
    /// `fitted`, `single` or `equal`: the weights in use.
    pub used: String,
    /// Why the fitted weights are not used, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl From<&HeldOutCheck> for HeldOutCheckFacts {
    fn from(check: &HeldOutCheck) -> Self {
        let round = |x: f64| (x * 1e4).round() / 1e4;
        let used = match check.used {
            Combination::Fitted => "fitted",
            Combination::SingleSignal => "single",
            Combination::EqualWeights => "equal",
        };
        Self {
            users: check.users as u64,
            fitted: round(check.fitted),
            single: round(check.single),
            equal: round(check.equal),
            names: check.names.clone(),
            standard_error: round(check.standard_error),
            used: used.to_owned(),
            note: check.note.clone(),
        }
    }
}

impl From<&EnsembleReport> for EnsembleFacts {
    fn from(report: &EnsembleReport) -> Self {
        let round = |x: f64| (x * 1e4).round() / 1e4;
        let signal = |s: &SignalReport| SignalFacts {
            name: s.name.clone(),
            weights: s.weights,
            single: s.single.map(round),
            without: s.without.map(round),
        };
        let component = |c: &ComponentReport| ComponentFacts { name: c.name.to_owned(), without: c.without.map(round) };
        let band = |&(from, points, quality): &(usize, usize, f64)| HistoryFacts {
            events_from: from as u64,
            points: points as u64,
            quality: round(quality),
        };
        Self {
            signals: report.signals.iter().map(signal).collect(),
            components: report.components.iter().map(component).collect(),
            points: report.points.map(|n| n as u64),
            quality: report.quality.map(round),
            by_history: report.by_history.iter().map(band).collect(),
            held_out_check_in_session: report.held_out_checks[0].as_ref().map(HeldOutCheckFacts::from),
            held_out_check_next_session: report.held_out_checks[1].as_ref().map(HeldOutCheckFacts::from),
            notes: report.notes.clone(),
        }
    }
}

/// Length and digest of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

fn facts(bytes: &[u8]) -> FileFacts {
    FileFacts { bytes: bytes.len() as u64, sha256: hex::encode(Sha256::digest(bytes)) }
}

/// Adds the manifest, completed with the facts of `files`, to them.
pub fn seal(mut manifest: Manifest, mut files: ArtifactFiles) -> Result<ArtifactFiles, Error> {
    manifest.files = files.iter().map(|(name, bytes)| (name.clone(), facts(bytes))).collect();
    let mut text =
        serde_json::to_vec_pretty(&manifest).map_err(|e| Error::Artifact(format!("{MANIFEST_FILE}: {e}")))?;
    text.push(b'\n');
    files.insert(MANIFEST_FILE.to_owned(), text);
    Ok(files)
}

/// The file called `name`.
pub fn file<'a>(files: &'a ArtifactFiles, name: &str) -> Result<&'a [u8], Error> {
    files.get(name).map(Vec::as_slice).ok_or_else(|| Error::Artifact(format!("{name} is missing")))
}

/// Reads a manifest's bytes without looking at the other files.
pub fn read_manifest(bytes: &[u8]) -> Result<Manifest, Error> {
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    let broken = |e: serde_json::Error| Error::Artifact(format!("{MANIFEST_FILE}: {e}"));
    let version: Version = serde_json::from_slice(bytes).map_err(broken)?;
    if !(1..=FORMAT).contains(&version.format) {
        return Err(Error::Artifact(format!(
            "{MANIFEST_FILE}: format {} is not supported, this build reads formats 1 to {FORMAT}",
            version.format
        )));
    }
    serde_json::from_slice(bytes).map_err(broken)
}

/// The manifest, after checking that every file it lists is there and unchanged.
pub fn verify(files: &ArtifactFiles) -> Result<Manifest, Error> {
    let manifest = read_manifest(file(files, MANIFEST_FILE)?)?;
    for (name, expected) in manifest.files.iter().filter(|(name, _)| *name != REPORT_FILE) {
        let found = facts(file(files, name)?);
        if found != *expected {
            return Err(Error::Artifact(format!(
                "{name} is damaged: {} bytes with SHA-256 {}, the manifest says {} bytes with {}",
                found.bytes, found.sha256, expected.bytes, expected.sha256
            )));
        }
    }
    Ok(manifest)
}
