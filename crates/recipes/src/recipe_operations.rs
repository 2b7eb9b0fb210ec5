//! The operations on every recipe: checking its data, training, reducing and updating its models, writing and opening artifacts.

use crate::artifact::{self, ArtifactFiles, Counts, MODEL_FILE, Manifest};
use crate::model::{Model, Reduction};
use crate::recipe::Recipe;
use crate::request::{ItemsRefresh, TrainRequest};
use crate::{Error, ensemble, requirements, rescoring};
use std::sync::Arc;
use tastemaker_domain::Member;
use tastemaker_domain::parameters;
use tastemaker_domain::recipe::{Ability, ModelFamily};
use tastemaker_domain::solution_config::{Sensitivity, SolutionConfig};
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::{Scorer, TrainContext};

impl Recipe {
    /// Whether all of a group's data is enough for the recipe; [`Error::Invalid`] says what is missing. Training takes less, as a part
    /// of the users is held out.
    pub fn check_data(&self, request: &TrainRequest) -> Result<(), Error> {
        requirements::check(self.descriptor, request)
    }

    /// Trains a model. [`Error::Invalid`] for parameters that the recipe's table refuses.
    pub fn train(&self, request: &TrainRequest, context: &TrainContext) -> Result<Model, Error> {
        let request = &self.seen(request);
        // What was added to a former model is made anew.
        let plain = request.warm_start.map(|model| self.without_additions(model)).transpose()?;
        let bare = TrainRequest { warm_start: plain.as_ref(), ..*request };
        let model = (self.train)(self.descriptor, &bare, context)?;
        rescoring::rescored(self.descriptor, request, model, request.warm_start, context)
    }

    /// The part of a request that the recipe learns from.
    fn seen<'a>(&self, request: &TrainRequest<'a>) -> TrainRequest<'a> {
        if self.descriptor.learns_from_metadata {
            return *request;
        }
        TrainRequest { items: None, item_schema: None, users: None, contexts: None, ..*request }
    }

    /// Whether the model is an ensemble that lists items for users, so that its lists can be compared with those of the most popular
    /// items and [`Recipe::reduced`].
    pub fn lists_for_users(&self) -> bool {
        self.descriptor.model == ModelFamily::Ensemble
    }

    /// `model` reduced to less, trained on the users of `request` that it was trained on. [`Error::Invalid`] for recipes whose models do
    /// not list items for users.
    pub fn reduced(
        &self,
        request: &TrainRequest,
        model: &Model,
        to: Reduction,
        context: &TrainContext,
    ) -> Result<Model, Error> {
        let request = &self.seen(request);
        if !self.lists_for_users() {
            return Err(Error::Invalid(format!("Recipe {} lists no items for users.", self.descriptor.name)));
        }
        let reduced = ensemble::reduced(self.descriptor, request, &self.without_additions(model)?, to, context)?;
        // Without held-out users nothing can be fitted anew.
        let former = model.held_out.is_empty().then_some(model);
        rescoring::rescored(self.descriptor, request, reduced, former, context)
    }

    /// The scorer of `model` without the customer's optimization objective, which trades relevance away on purpose.
    pub fn scorer_without_objective(&self, model: &Model, config: &SolutionConfig) -> Result<Arc<dyn Scorer>, Error> {
        if config.objective.as_ref().is_none_or(|objective| objective.sensitivity == Sensitivity::Off) {
            return Ok(model.scorer.clone());
        }
        Ok(self.without_additions(model)?.scorer)
    }

    /// `model` as it was before [`rescoring::rescored`].
    fn without_additions(&self, model: &Model) -> Result<Model, Error> {
        match rescoring::inner(&model.tensors)? {
            Some(tensors) => Ok(Model { scorer: (self.open)(&tensors)?, tensors, ..model.clone() }),
            None => Ok(model.clone()),
        }
    }

    /// The model of these tensors, with what was added to it.
    pub fn scorer(&self, tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
        match rescoring::inner(tensors)? {
            Some(own) => rescoring::opened((self.open)(&own)?, tensors),
            None => (self.open)(tensors),
        }
    }

    /// `model` with new items and events, by the little that needs no learning: `trainingMode` UPDATE. The first items of the
    /// request's dataset are the model's, in the same order. [`Error::Invalid`] for recipes that only learn anew.
    pub fn update(&self, request: &TrainRequest, model: &Model, context: &TrainContext) -> Result<Model, Error> {
        let request = &self.seen(request);
        let Some(update) = self.update.filter(|_| self.descriptor.can(Ability::UpdateTraining)) else {
            return Err(Error::Invalid(format!(
                "Recipe {} has no {} UPDATE.",
                self.descriptor.name,
                Member::TrainingMode
            )));
        };
        if request.dataset.items.len() < model.scorer.item_count() {
            return Err(Error::Invalid("The data lacks items that the model ranks.".to_owned()));
        }
        let updated = update(self.descriptor, request, &self.without_additions(model)?, context)?;
        rescoring::rescored(self.descriptor, request, updated, Some(model), context)
    }

    /// The model of an artifact over the items as they are now, without learning anything: `performIncrementalUpdate`.
    /// [`Error::Invalid`] for recipes that only learn anew.
    pub fn refresh_items(&self, files: &ArtifactFiles, refresh: &ItemsRefresh) -> Result<Model, Error> {
        let Some(refresh_items) = self.refresh_items.filter(|_| self.descriptor.can(Ability::IncrementalUpdate)) else {
            return Err(Error::Invalid(format!(
                "Recipe {} has no {}.",
                self.descriptor.name,
                Member::PerformIncrementalUpdate
            )));
        };
        refresh_items(files, refresh)
    }

    /// The artifact of `model`: `model.safetensors`, the caller's `companions` (such as a catalog), and a manifest with
    /// the parameters of `config`, the seed, counts and the SHA-256 of every other file.
    pub fn write(
        &self,
        model: &Model,
        config: &SolutionConfig,
        seed: u64,
        companions: ArtifactFiles,
    ) -> Result<ArtifactFiles, Error> {
        let values = parameters::resolve(self.descriptor, config)?;
        let manifest = Manifest {
            format: artifact::FORMAT,
            recipe: self.descriptor.name.to_owned(),
            parameters: values.iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect(),
            seed,
            counts: Counts {
                users_trained: model.users_trained as u64,
                interactions_trained: model.interactions_trained as u64,
                items: model.scorer.item_count() as u64,
                epochs: model.epochs as u64,
            },
            blend: model.blend.clone(),
            files: Default::default(),
        };
        let mut files = companions;
        files.insert(MODEL_FILE.to_owned(), model.tensors.to_safetensors()?);
        artifact::seal(manifest, files)
    }

    /// The scorer of an artifact. Every file that the manifest lists is checked against its SHA-256 first;
    /// [`Error::Artifact`] names the file and the rule it breaks.
    pub fn open(&self, files: &ArtifactFiles) -> Result<Arc<dyn Scorer>, Error> {
        let manifest = artifact::verify(files)?;
        if manifest.recipe != self.descriptor.name {
            return Err(Error::Artifact(format!(
                "{}: recipe must be {}, it is {}",
                artifact::MANIFEST_FILE,
                self.descriptor.name,
                manifest.recipe
            )));
        }
        let bytes = artifact::file(files, MODEL_FILE)?;
        let scorer = self.scorer(&Tensors::from_safetensors(bytes)?)?;
        if scorer.item_count() as u64 != manifest.counts.items {
            return Err(Error::Artifact(format!(
                "{MODEL_FILE} ranks {} items, the manifest says {}",
                scorer.item_count(),
                manifest.counts.items
            )));
        }
        Ok(scorer)
    }

    /// A model to continue training from.
    pub fn reopen(&self, files: &ArtifactFiles) -> Result<Model, Error> {
        let scorer = self.open(files)?;
        let manifest = artifact::verify(files)?;
        let tensors = Tensors::from_safetensors(artifact::file(files, MODEL_FILE)?)?;
        Ok(Model {
            scorer,
            tensors,
            users_trained: manifest.counts.users_trained as usize,
            interactions_trained: manifest.counts.interactions_trained as usize,
            epochs: manifest.counts.epochs as usize,
            blend: manifest.blend,
            held_out: Vec::new(),
        })
    }
}
