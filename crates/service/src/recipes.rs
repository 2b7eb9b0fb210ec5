//! The catalog of recipes, read only.

use crate::paging::{Listed, Page, cut};
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::schema::DatasetDomain;
use tastemaker_domain::{ArnKind, Error, Member, MemberPath, Result};

/// The recipes by name; only the use cases of a domain if one is given.
pub fn list(domain: Option<DatasetDomain>, page: Page) -> Result<Listed<&'static RecipeDescriptor>> {
    let fitting = catalog::ALL.iter().copied().filter(|r| domain.is_none() || r.domain() == domain);
    let sorted = fitting.map(|r| (r.name.to_owned(), r)).collect();
    let domain = domain.map_or("", DatasetDomain::as_str);
    cut(sorted, &["ListRecipes", domain], page, |place, last| place > last)
}

/// The recipe with this ARN.
pub fn describe(recipe_arn: &str) -> Result<&'static RecipeDescriptor> {
    find(Member::RecipeArn, ArnKind::Recipe, recipe_arn, RecipeDescriptor::arn)
}

/// The recipe that uses the algorithm with this ARN.
pub fn describe_algorithm(algorithm_arn: &str) -> Result<&'static RecipeDescriptor> {
    find(Member::AlgorithmArn, ArnKind::Algorithm, algorithm_arn, RecipeDescriptor::algorithm_arn)
}

/// The recipes that use the feature transformation with this ARN, of which there is at least one.
pub fn describe_feature_transformation(feature_transformation_arn: &str) -> Result<Vec<&'static RecipeDescriptor>> {
    let kind = ArnKind::FeatureTransformation;
    find(
        Member::FeatureTransformationArn,
        kind,
        feature_transformation_arn,
        RecipeDescriptor::feature_transformation_arn,
    )?;
    let uses = |r: &&&RecipeDescriptor| r.feature_transformation_arn() == feature_transformation_arn;
    Ok(catalog::ALL.iter().filter(uses).copied().collect())
}

fn find(
    member: impl Into<MemberPath>,
    kind: ArnKind,
    arn: &str,
    own: impl Fn(&RecipeDescriptor) -> String,
) -> Result<&'static RecipeDescriptor> {
    kind.check(member, arn)?;
    catalog::ALL.iter().copied().find(|r| own(r) == arn).ok_or_else(|| Error::unknown(arn))
}
