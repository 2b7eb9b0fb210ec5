//! Opening of models: the files of an artifact, and the snapshot that answers from them.

use crate::blobs::blocking;
use crate::context::JobsCtx;
use crate::stop::Stop;
use std::sync::Arc;
use tastemaker_domain::Status;
use tastemaker_domain::campaign_config::{Exploration, influence};
use tastemaker_domain::cold_start::ColdStart;
use tastemaker_domain::recipe::{Ability, RecipeDescriptor};
use tastemaker_domain::resource::{BatchInferenceConfig, SolutionVersion};
use tastemaker_recipes::{ActionTastes, ArtifactFiles, artifact, trend_interval_s};
use tastemaker_serving::{
    CampaignSettings, HistoryColumns, Snapshot, SnapshotParts, TrainingHistories, UserVectorEncoder,
};
use tastemaker_store::{BlobsExt, Error, records};
use tastemaker_training::catalog::{Catalog, TASTES_FILE};
use tastemaker_training::scoring::Opened;

/// The parts that a snapshot is made from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ingredients {
    pub solution_version_arn: String,
    /// Its model's folder: histories without deleted users are another one.
    pub artifact_key: Option<String>,
    pub metadata_enabled: bool,
    /// As the configuration says; only recipes with exploration follow it.
    pub exploration: Exploration,
    /// Of freshness and popularity.
    pub influence: [f32; 2],
}

impl Ingredients {
    /// The parts as a text that is the same in every process.
    pub fn target(&self) -> String {
        let Self { solution_version_arn, artifact_key, metadata_enabled, exploration, influence } = self;
        let artifact_key = artifact_key.as_deref().unwrap_or_default();
        format!("{solution_version_arn} {artifact_key} {metadata_enabled} {exploration:?} {influence:?}")
    }
}

impl Ingredients {
    /// Whether the other is answered from by the same model.
    pub fn has_model_of(&self, other: &Self) -> bool {
        self.artifact_key.is_some()
            && self.artifact_key == other.artifact_key
            && self.solution_version_arn == other.solution_version_arn
    }

    /// The decisions of a campaign about the answers of a model of this recipe.
    pub fn settings(&self, recipe: &RecipeDescriptor) -> CampaignSettings {
        CampaignSettings {
            metadata_enabled: self.metadata_enabled || recipe.can(Ability::AlwaysMetadata),
            exploration: recipe.exploration(self.exploration),
            influence: self.influence,
        }
    }
}

/// A version's model without metadata, for a job of its own.
pub(crate) async fn snapshot_of(
    ctx: &JobsCtx,
    group_arn: &str,
    version_arn: &str,
    config: &BatchInferenceConfig,
) -> Result<Snapshot, Stop> {
    let ingredients = Ingredients {
        solution_version_arn: version_arn.to_owned(),
        artifact_key: None,
        metadata_enabled: false,
        exploration: Exploration::of(&config.item_exploration_config),
        influence: influence(&config.ranking_influence),
    };
    snapshot(ctx, group_arn, &ingredients).await
}

fn unreadable(version_arn: &str, error: &tastemaker_recipes::Error) -> Stop {
    Stop::Failed(format!("The model of {version_arn} cannot be opened: {error}. Train a new solution version."))
}

/// The files of a version's model.
pub(crate) async fn files_of(ctx: &JobsCtx, version_arn: &str, artifact_key: &str) -> Result<ArtifactFiles, Stop> {
    let mut files = ArtifactFiles::new();
    let manifest = ctx.stores.blobs.read_all(&format!("{artifact_key}/{}", artifact::MANIFEST_FILE)).await?;
    let names = artifact::read_manifest(&manifest).map_err(|error| unreadable(version_arn, &error))?.files.into_keys();
    files.insert(artifact::MANIFEST_FILE.to_owned(), manifest.into());
    for name in names {
        match ctx.stores.blobs.read_all(&format!("{artifact_key}/{name}")).await {
            Ok(bytes) => drop(files.insert(name, bytes.into())),
            // A description that nothing is answered from.
            Err(Error::Corrupt(what) | Error::NotFound(what)) if name == artifact::REPORT_FILE => {
                tracing::error!(
                    what,
                    version_arn,
                    "the report of a model cannot be read; the model answers without it"
                );
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(files)
}

/// The files of an ACTIVE version's model.
pub(crate) async fn artifact_of(ctx: &JobsCtx, version: &SolutionVersion) -> Result<ArtifactFiles, Stop> {
    match version.artifact_key.as_ref().filter(|_| version.status == Status::Active) {
        Some(key) => files_of(ctx, &version.arn, key).await,
        None => Err(not_active(&version.arn)),
    }
}

fn not_active(version_arn: &str) -> Stop {
    Stop::Failed(format!("{version_arn} is not ACTIVE. Deploy an ACTIVE solution version."))
}

pub(super) async fn snapshot(ctx: &JobsCtx, group_arn: &str, ingredients: &Ingredients) -> Result<Snapshot, Stop> {
    let version_arn = &ingredients.solution_version_arn;
    let version =
        records::load::<SolutionVersion>(&*ctx.stores.records, version_arn).await?.map(|(_, version)| version);
    let version = version.ok_or_else(|| not_active(version_arn))?;
    let files = artifact_of(ctx, &version).await?;
    let unreadable = |error: tastemaker_recipes::Error| unreadable(version_arn, &error);
    let opened = blocking(move || Ok((Opened::new(&files)?, user_vector_encoder(&files)?)));
    let (opened, user_vector_encoder) = opened.await?.map_err(unreadable)?;
    let popular = opened.catalog.popular().map_err(unreadable)?;
    let events = HistoryColumns {
        items: opened.catalog.history_items,
        times: opened.catalog.history_times,
        event_types: opened.catalog.history_event_types,
    };
    let histories = TrainingHistories::new(opened.catalog.users, opened.catalog.offsets, events).ok_or_else(|| {
        Stop::Failed(format!("The histories of {version_arn} are damaged. Train a new solution version."))
    })?;
    let recipe = opened.recipe.descriptor;
    let CampaignSettings { metadata_enabled, exploration, influence } = ingredients.settings(recipe);
    let trend_interval_s = trend_interval_s(recipe, &version.config).map_err(unreadable)?;
    let cold_start = ColdStart::of(recipe, &version.config, version.created_ms / 1000);
    let cold_start = cold_start.map_err(|error| Stop::Failed(error.to_string()))?;
    let weighted = version.config.events.into_iter().map(|event| event.event_type);
    let counted_types = version.event_type.into_iter().chain(weighted).collect();
    Snapshot::new(SnapshotParts {
        dataset_group_arn: group_arn.to_owned(),
        solution_version_arn: version.arn,
        recipe,
        scorer: opened.scorer,
        popular: Arc::new(popular),
        items: opened.catalog.items.into(),
        event_types: opened.catalog.event_types.into(),
        histories: histories.into(),
        impressions: opened.catalog.impressions.into(),
        counted_types,
        metadata_enabled,
        exploration,
        cold_start,
        user_vector_encoder: user_vector_encoder.map(Arc::new),
        trend_interval_s,
        influence,
    })
    .map_err(|error| Stop::Failed(error.to_string()))
}

/// The items beside a model of actions, and how users stand with them.
fn user_vector_encoder(files: &ArtifactFiles) -> Result<Option<UserVectorEncoder>, tastemaker_recipes::Error> {
    let Some(model) = ActionTastes::open(files)? else { return Ok(None) };
    let catalog = Catalog::from_bytes(artifact::file(files, TASTES_FILE)?)?;
    let damaged = || tastemaker_recipes::Error::Artifact(format!("{TASTES_FILE} does not fit the model"));
    if catalog.items.len() != model.items() {
        return Err(damaged());
    }
    let events = HistoryColumns {
        items: catalog.history_items,
        times: catalog.history_times,
        event_types: catalog.history_event_types,
    };
    let histories = TrainingHistories::new(catalog.users, catalog.offsets, events).ok_or_else(damaged)?;
    let encode = move |items: &[u32], vector: &mut Vec<f32>| model.of_user(items, vector);
    Ok(Some(UserVectorEncoder { items: catalog.items, histories, encode: Box::new(encode) }))
}
