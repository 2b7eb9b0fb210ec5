//! The check of `trainingDataConfig`: the columns that take part in training.

use crate::Ctx;
use crate::lookup::schema_of;
use std::collections::BTreeMap;
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::solution_config::TrainingDataConfig;
use tastemaker_domain::{Error, Member, MemberPath, Result};

/// Datasets of which columns can be chosen.
const TYPES: [DatasetType; 3] = [DatasetType::Interactions, DatasetType::Items, DatasetType::Users];

/// Columns without which there is nothing to train on.
const KEYS: [&str; 3] = ["USER_ID", "ITEM_ID", "TIMESTAMP"];

/// Checks `<parent>.trainingDataConfig` for a group and gives its dataset types in upper case. A dataset that does not exist yet
/// is not looked into.
pub(crate) async fn check_training_data(
    ctx: &Ctx,
    parent: Member,
    group_arn: &str,
    data: TrainingDataConfig,
) -> Result<TrainingDataConfig> {
    let member = parent.then(Member::TrainingDataConfig);
    let excluded = by_type(ctx, member.clone().then(Member::ExcludedDatasetColumns), group_arn, data.excluded).await?;
    let included = by_type(ctx, member.clone().then(Member::IncludedDatasetColumns), group_arn, data.included).await?;
    for (dataset_type, columns) in &excluded {
        if included.contains_key(dataset_type) {
            let text = format!(
                "{member} names {dataset_type} in both {} and {}; give one of them.",
                Member::ExcludedDatasetColumns,
                Member::IncludedDatasetColumns
            );
            return Err(Error::invalid(member, text));
        }
        if let Some(key) = columns.iter().find(|c| KEYS.iter().any(|key| key.eq_ignore_ascii_case(c))) {
            let path = member.then(Member::ExcludedDatasetColumns).key(dataset_type);
            let text = format!("{path}: {key} cannot be excluded; training needs it.");
            return Err(Error::invalid(path, text));
        }
    }
    Ok(TrainingDataConfig { excluded, included })
}

async fn by_type(
    ctx: &Ctx,
    member: MemberPath,
    group_arn: &str,
    columns: BTreeMap<String, Vec<String>>,
) -> Result<BTreeMap<String, Vec<String>>> {
    let mut checked = BTreeMap::new();
    for (word, columns) in columns {
        let Some(dataset_type) = TYPES.into_iter().find(|t| t.as_str().eq_ignore_ascii_case(&word)) else {
            let text = format!("{member}: '{word}' is not one of the dataset types [INTERACTIONS, ITEMS, USERS].");
            return Err(Error::invalid(member, text));
        };
        if let Some(schema) = schema_of(ctx, group_arn, dataset_type).await? {
            let known = |column: &str| schema.fields.iter().any(|field| field.name.eq_ignore_ascii_case(column));
            if let Some(unknown) = columns.iter().find(|column| !known(column)) {
                let names: Vec<_> = schema.fields.iter().map(|field| field.name.as_str()).collect();
                let path = member.key(dataset_type.as_str());
                let text = format!("{path}: the dataset has no column '{unknown}'; it has [{}].", names.join(", "));
                return Err(Error::invalid(path, text));
            }
        }
        if checked.insert(dataset_type.as_str().to_owned(), columns).is_some() {
            let text = format!("{member} names {} twice.", dataset_type.as_str());
            return Err(Error::invalid(member, text));
        }
    }
    Ok(checked)
}
