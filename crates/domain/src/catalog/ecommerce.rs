//! The use cases of domain ECOMMERCE.

use crate::recipe::{Ability, ModelFamily, RecipeDescriptor, RecipeType, UseCase};
use crate::schema::DatasetDomain;

const fn use_case(
    title: &'static str,
    event_type: Option<&'static str>,
    leaves_out: Option<&'static str>,
) -> Option<UseCase> {
    Some(UseCase { title, domain: DatasetDomain::Ecommerce, event_type, leaves_out })
}

/// Most viewed.
pub static AWS_ECOMM_POPULAR_ITEMS_BY_VIEWS: RecipeDescriptor = RecipeDescriptor {
    name: "aws-ecomm-popular-items-by-views",
    description: "Most viewed: the items that most users viewed.",
    recipe_type: RecipeType::PopularItems,
    algorithm: "aws-ecomm-popular-items-by-views",
    feature_transformation: "aws-ecomm-popular-items-by-views",
    needs_user: true,
    use_case: use_case("Most viewed", Some("View"), None),
    ..RecipeDescriptor::PLAIN
};

/// Best sellers.
pub static AWS_ECOMM_POPULAR_ITEMS_BY_PURCHASES: RecipeDescriptor = RecipeDescriptor {
    name: "aws-ecomm-popular-items-by-purchases",
    description: "Best sellers: the items that most users purchased.",
    recipe_type: RecipeType::PopularItems,
    algorithm: "aws-ecomm-popular-items-by-purchases",
    feature_transformation: "aws-ecomm-popular-items-by-purchases",
    needs_user: true,
    use_case: use_case("Best sellers", Some("Purchase"), None),
    ..RecipeDescriptor::PLAIN
};

/// Frequently bought together.
pub static AWS_ECOMM_FREQUENTLY_BOUGHT_TOGETHER: RecipeDescriptor = RecipeDescriptor {
    name: "aws-ecomm-frequently-bought-together",
    description: "Frequently bought together: the items that users purchase along with a given one.",
    recipe_type: RecipeType::RelatedItems,
    algorithm: "aws-ecomm-frequently-bought-together",
    feature_transformation: "aws-ecomm-frequently-bought-together",
    needs_item: true,
    model: ModelFamily::ItemNeighbors,
    use_case: use_case("Frequently bought together", Some("Purchase"), None),
    abilities: &[Ability::Baskets],
    ..RecipeDescriptor::PLAIN
};

/// Customers who viewed X also viewed.
pub static AWS_ECOMM_CUSTOMERS_WHO_VIEWED_X_ALSO_VIEWED: RecipeDescriptor = RecipeDescriptor {
    name: "aws-ecomm-customers-who-viewed-x-also-viewed",
    description: "Customers who viewed X also viewed: items viewed by those who viewed a given one, less what the user has \
                  purchased.",
    recipe_type: RecipeType::RelatedItems,
    algorithm: "aws-ecomm-customers-who-viewed-x-also-viewed",
    feature_transformation: "aws-ecomm-customers-who-viewed-x-also-viewed",
    needs_user: true,
    needs_item: true,
    model: ModelFamily::ItemNeighbors,
    use_case: use_case("Customers who viewed X also viewed", Some("View"), Some("Purchase")),
    ..RecipeDescriptor::PLAIN
};

/// Recommended for you.
pub static AWS_ECOMM_RECOMMENDED_FOR_YOU: RecipeDescriptor = RecipeDescriptor {
    name: "aws-ecomm-recommended-for-you",
    description: "Recommended for you: items for this user, with some that are new, less what the user has purchased.",
    recipe_type: RecipeType::UserPersonalization,
    algorithm: "aws-ecomm-recommended-for-you",
    feature_transformation: "aws-ecomm-recommended-for-you",
    needs_user: true,
    model: ModelFamily::Ensemble,
    abilities: &[Ability::Exploration],
    use_case: use_case("Recommended for you", None, Some("Purchase")),
    ..RecipeDescriptor::PLAIN
};
