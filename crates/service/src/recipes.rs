//! The recipes of this server, read only.

use crate::Ctx;
use crate::paging::{Listed, Page, cut};
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::schema::DatasetDomain;
use tastemaker_domain::{ArnKind, Error, Result};

/// The recipes by name; those of a domain if one is given, which are none.
pub fn list(ctx: &Ctx, domain: Option<DatasetDomain>, page: Page) -> Result<Listed<RecipeDescriptor>> {
    let custom = if domain.is_none() { ctx.recipes.as_slice() } else { &[] };
    let mut sorted: Vec<_> = custom.iter().map(|r| (r.name.to_owned(), r.clone())).collect();
    sorted.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    let domain = domain.map_or("", DatasetDomain::as_str);
    cut(sorted, &["ListRecipes", domain], page, |place, last| place > last)
}

/// The recipe with this ARN.
pub fn describe(ctx: &Ctx, recipe_arn: &str) -> Result<RecipeDescriptor> {
    find(ctx, "recipeArn", ArnKind::Recipe, recipe_arn, RecipeDescriptor::arn)
}

/// The recipe that uses the algorithm with this ARN.
pub fn describe_algorithm(ctx: &Ctx, algorithm_arn: &str) -> Result<RecipeDescriptor> {
    find(ctx, "algorithmArn", ArnKind::Algorithm, algorithm_arn, RecipeDescriptor::algorithm_arn)
}

/// The recipe that uses the feature transformation with this ARN.
pub fn describe_feature_transformation(ctx: &Ctx, feature_transformation_arn: &str) -> Result<RecipeDescriptor> {
    let own = RecipeDescriptor::feature_transformation_arn;
    find(ctx, "featureTransformationArn", ArnKind::FeatureTransformation, feature_transformation_arn, own)
}

fn find(
    ctx: &Ctx,
    member: &str,
    kind: ArnKind,
    arn: &str,
    own: impl Fn(&RecipeDescriptor) -> String,
) -> Result<RecipeDescriptor> {
    kind.check(member, arn)?;
    ctx.recipes.iter().find(|r| own(r) == arn).cloned().ok_or_else(|| Error::unknown(arn))
}
