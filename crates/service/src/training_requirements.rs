//! The requirements of a recipe on the datasets of a group, as far as they can be judged before a training reads the data.

use crate::Ctx;
use crate::lookup::{dataset_prefix, find, schema_of};
use tastemaker_domain::recipe::{DataRequirement, RecipeDescriptor};
use tastemaker_domain::resource::Dataset;
use tastemaker_domain::schema::{DatasetType, FieldType};
use tastemaker_domain::solution_config::TrainingDataConfig;
use tastemaker_domain::{Error, Member, Result};

/// Columns of the Items dataset that say nothing about what an item is.
const RESERVED: [&str; 2] = ["ITEM_ID", "CREATION_TIMESTAMP"];

/// Refuses to begin a training that must fail: one without a dataset or without columns that the recipe needs.
pub(crate) async fn check(
    ctx: &Ctx,
    descriptor: &RecipeDescriptor,
    group_arn: &str,
    training_data: Option<&TrainingDataConfig>,
) -> Result<()> {
    let name = descriptor.name;
    for dataset_type in descriptor.needs_datasets {
        let arn = dataset_prefix(group_arn) + dataset_type.as_str();
        if find::<Dataset>(ctx, &arn).await?.is_none_or(|(_, dataset)| dataset.status.is_deleting()) {
            return Err(Error::InvalidInput(format!(
                "{group_arn} has no {} dataset, which {name} needs. Create one and import data.",
                dataset_type.record_name()
            )));
        }
    }
    let texts = descriptor.requirements.contains(&DataRequirement::ItemTexts);
    let attributes = descriptor.requirements.contains(&DataRequirement::ItemAttributes);
    if !texts && !attributes {
        return Ok(());
    }
    let Some(schema) = schema_of(ctx, group_arn, DatasetType::Items).await? else { return Ok(()) };
    let takes = |column: &str| training_data.is_none_or(|data| data.takes(DatasetType::Items.as_str(), column));
    let fields = || schema.fields.iter().filter(|field| takes(&field.name));
    if texts && !(fields().any(|field| field.item_name) && fields().any(|field| field.textual)) {
        return Err(Error::InvalidInput(format!(
            "{name} compares what items are called and how they are described: the Items dataset of {group_arn} needs a string \
             column marked {} and a textual column. Mark such columns, or use aws-similar-items, which takes any metadata.",
            Member::ItemName
        )));
    }
    let is_read = |kind: FieldType, marked: bool| kind != FieldType::String || marked;
    let is_attribute = |field: &&tastemaker_domain::schema::Field| {
        let marked = field.categorical || field.item_name;
        !field.textual && !RESERVED.contains(&field.name.as_str()) && is_read(field.field_type, marked)
    };
    if attributes && fields().find(is_attribute).is_none() {
        return Err(Error::InvalidInput(format!(
            "{name} needs a column of the Items dataset that is neither textual nor reserved; that of {group_arn} has none. Add \
             one, such as a categorical string, or use aws-item-affinity, which needs none."
        )));
    }
    Ok(())
}
