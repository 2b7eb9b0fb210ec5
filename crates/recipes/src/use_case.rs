//! The domains' use cases: their events, their requirements on the data, their parameters.

use crate::Error;
use std::borrow::Cow;
use tastemaker_data::Dataset;
use tastemaker_domain::catalog;
use tastemaker_domain::limits::TRAINING_INTERACTIONS_MIN;
use tastemaker_domain::parameters::{Values, resolve};
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::solution_config::SolutionConfig;

/// The events that a recipe learns from: those of the use case's type in any case, or all.
pub(crate) fn events<'a>(descriptor: &RecipeDescriptor, dataset: &'a Dataset) -> Cow<'a, Dataset> {
    match descriptor.use_case.and_then(|use_case| use_case.event_type) {
        Some(wanted) => Cow::Owned(dataset.with_event_types(|name| name.eq_ignore_ascii_case(wanted))),
        None => Cow::Borrowed(dataset),
    }
}

/// Whether all the data has enough events for the recipe's use case; [`Error::Invalid`] names the event type, the least number and
/// the number found.
pub(crate) fn check(descriptor: &RecipeDescriptor, dataset: &Dataset) -> Result<(), Error> {
    let Some(use_case) = descriptor.use_case else { return Ok(()) };
    let found = events(descriptor, dataset).len();
    if found >= TRAINING_INTERACTIONS_MIN {
        return Ok(());
    }
    let what = use_case.event_type.map(|wanted| format!(" with EVENT_TYPE {wanted}")).unwrap_or_default();
    Err(Error::Invalid(format!(
        "{} needs at least {TRAINING_INTERACTIONS_MIN} interactions{what}; the dataset has {found}.",
        descriptor.name
    )))
}

/// The parameters of a recipe, or for a use case the defaults of the recipe it is made of.
pub(crate) fn values(descriptor: &RecipeDescriptor, config: &SolutionConfig) -> Result<Values, Error> {
    let own = resolve(descriptor, config)?;
    match descriptor.use_case {
        Some(_) => Ok(resolve(&catalog::AWS_USER_PERSONALIZATION, &SolutionConfig::default())?),
        None => Ok(own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::DatasetBuilder;

    #[test]
    fn the_use_cases_own_events_count_and_too_few_are_named() {
        let mut builder = DatasetBuilder::new();
        for n in 0..1500 {
            let event_type = if n < 1000 { "VIEW" } else { "Purchase" };
            builder.push(&(n % 40).to_string(), &(n % 7).to_string(), n, Some(event_type), None);
        }
        let dataset = builder.build();
        let views = events(&catalog::AWS_ECOMM_POPULAR_ITEMS_BY_VIEWS, &dataset);
        assert_eq!((views.len(), views.items.len()), (1000, 7));
        assert!(check(&catalog::AWS_ECOMM_POPULAR_ITEMS_BY_VIEWS, &dataset).is_ok());
        let error = check(&catalog::AWS_ECOMM_POPULAR_ITEMS_BY_PURCHASES, &dataset).unwrap_err();
        let text = "needs at least 1000 interactions with EVENT_TYPE Purchase; the dataset has 500.";
        assert!(error.to_string().ends_with(text), "{error}");
        assert_eq!(events(&catalog::AWS_VOD_MORE_LIKE_X, &dataset).len(), 1500);
        assert!(check(&catalog::AWS_VOD_TOP_PICKS, &Dataset::default()).is_err());
        assert!(check(&catalog::AWS_SIMS, &Dataset::default()).is_ok());
    }
}
