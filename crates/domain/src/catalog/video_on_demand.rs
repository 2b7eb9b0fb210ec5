//! The use cases of domain VIDEO_ON_DEMAND.

use crate::recipe::{Ability, ModelFamily, RecipeDescriptor, RecipeType, UseCase};
use crate::schema::{DatasetDomain, DatasetType};

const fn use_case(
    title: &'static str,
    event_type: Option<&'static str>,
    leaves_out: Option<&'static str>,
) -> Option<UseCase> {
    Some(UseCase { title, domain: DatasetDomain::VideoOnDemand, event_type, leaves_out })
}

/// Because you watched X.
pub static AWS_VOD_BECAUSE_YOU_WATCHED_X: RecipeDescriptor = RecipeDescriptor {
    name: "aws-vod-because-you-watched-x",
    description: "Because you watched X: videos watched by those who watched a given one, less what the user has watched.",
    recipe_type: RecipeType::RelatedItems,
    algorithm: "aws-vod-because-you-watched-x",
    feature_transformation: "aws-vod-because-you-watched-x",
    needs_user: true,
    needs_item: true,
    model: ModelFamily::ItemNeighbors,
    use_case: use_case("Because you watched X", Some("Watch"), Some("Watch")),
    ..RecipeDescriptor::PLAIN
};

/// More like X.
pub static AWS_VOD_MORE_LIKE_X: RecipeDescriptor = RecipeDescriptor {
    name: "aws-vod-more-like-x",
    description: "More like X: videos similar to a given one in content and audience, less what the user has watched.",
    recipe_type: RecipeType::RelatedItems,
    algorithm: "aws-vod-more-like-x",
    feature_transformation: "aws-vod-more-like-x",
    needs_user: true,
    needs_item: true,
    needs_datasets: &[DatasetType::Interactions, DatasetType::Items],
    model: ModelFamily::ItemNeighbors,
    abilities: &[Ability::MetadataRelations],
    use_case: use_case("More like X", None, Some("Watch")),
    ..RecipeDescriptor::PLAIN
};

/// Most popular.
pub static AWS_VOD_MOST_POPULAR: RecipeDescriptor = RecipeDescriptor {
    name: "aws-vod-most-popular",
    description: "Most popular: the videos that most users watched.",
    recipe_type: RecipeType::PopularItems,
    algorithm: "aws-vod-most-popular",
    feature_transformation: "aws-vod-most-popular",
    needs_user: true,
    use_case: use_case("Most popular", Some("Watch"), None),
    ..RecipeDescriptor::PLAIN
};

/// Trending now.
pub static AWS_VOD_TRENDING_NOW: RecipeDescriptor = RecipeDescriptor {
    name: "aws-vod-trending-now",
    description: "Trending now: the videos whose audience grows fastest, judged anew every two hours.",
    recipe_type: RecipeType::PopularItems,
    algorithm: "aws-vod-trending-now",
    feature_transformation: "aws-vod-trending-now",
    abilities: &[Ability::Trending],
    use_case: use_case("Trending now", None, None),
    ..RecipeDescriptor::PLAIN
};

/// Top picks for you.
pub static AWS_VOD_TOP_PICKS: RecipeDescriptor = RecipeDescriptor {
    name: "aws-vod-top-picks",
    description: "Top picks for you: videos for this user, with some that are new, less what the user has watched.",
    recipe_type: RecipeType::UserPersonalization,
    algorithm: "aws-vod-top-picks",
    feature_transformation: "aws-vod-top-picks",
    needs_user: true,
    needs_datasets: &[DatasetType::Interactions, DatasetType::Items],
    model: ModelFamily::Ensemble,
    abilities: &[Ability::Exploration],
    use_case: use_case("Top picks for you", None, Some("Watch")),
    ..RecipeDescriptor::PLAIN
};
