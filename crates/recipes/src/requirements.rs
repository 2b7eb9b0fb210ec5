//! The minimum of data that a recipe needs to learn from.

use crate::request::TrainRequest;
use crate::segments::{is_attribute, one_time_only};
use crate::{Error, use_case};
use tastemaker_data::Dataset;
use tastemaker_domain::recipe::{DataRequirement, RecipeDescriptor};
use tastemaker_domain::schema::Field;

/// [`Error::Invalid`] says what is missing, and which recipe would work instead where one would.
pub(crate) fn check(descriptor: &RecipeDescriptor, request: &TrainRequest) -> Result<(), Error> {
    use_case::check(descriptor, request.dataset)?;
    let missing = descriptor.requirements.iter().find_map(|requirement| match requirement {
        DataRequirement::ItemAttributes => item_attributes(descriptor, request),
        DataRequirement::ItemTexts => item_texts(descriptor, request),
        DataRequirement::SeveralItems => several_items(descriptor, request.dataset),
        DataRequirement::SeveralTimes => several_times(descriptor, request.dataset),
    });
    missing.map_or(Ok(()), |text| Err(Error::Invalid(text)))
}

fn several_times(RecipeDescriptor { name, .. }: &RecipeDescriptor, dataset: &Dataset) -> Option<String> {
    (!dataset.is_empty() && one_time_only(dataset)).then(|| {
        format!(
            "{name} learns from what users do next, and all {} interactions have the same TIMESTAMP. Import interactions with \
             the times at which they happened, or use aws-popularity-count or aws-sims, which need no times.",
            dataset.len()
        )
    })
}

fn several_items(RecipeDescriptor { name, .. }: &RecipeDescriptor, dataset: &Dataset) -> Option<String> {
    let one_only = !dataset.is_empty() && dataset.item_column().windows(2).all(|pair| pair[0] == pair[1]);
    one_only.then(|| {
        format!(
            "{name} chooses among items, and all {} interactions are with the same one. Import interactions with several items.",
            dataset.len()
        )
    })
}

fn item_texts(RecipeDescriptor { name, .. }: &RecipeDescriptor, request: &TrainRequest) -> Option<String> {
    let schema = request.item_schema;
    let marked = |of: fn(&Field) -> bool| schema.is_none_or(|schema| schema.fields.iter().any(of));
    let mut missing = Vec::new();
    if !marked(|field| field.item_name) {
        missing.push("a string column marked itemName");
    }
    if !marked(|field| field.textual) {
        missing.push("a textual column");
    }
    if !missing.is_empty() {
        return Some(format!(
            "{name} compares what items are called and how they are described; the Items schema lacks {}. Mark such columns \
             and import the items again, or use aws-similar-items, which takes any metadata.",
            missing.join(" and ")
        ));
    }
    let too_few = request.items.is_none_or(|table| table.ids.len() < 2);
    too_few.then(|| format!("{name} needs at least 2 items with texts. Import items."))
}

fn item_attributes(RecipeDescriptor { name, .. }: &RecipeDescriptor, request: &TrainRequest) -> Option<String> {
    let columns = || request.items.iter().flat_map(|table| &table.columns).map(|(name, _)| name.as_str());
    let any = columns().any(|column| is_attribute(column, request.item_schema));
    (!any).then(|| {
        format!(
            "{name} needs a column of the Items dataset that is neither textual nor reserved; training has [{}]. Add one, \
             such as a categorical string, or use aws-item-affinity, which needs none.",
            columns().collect::<Vec<_>>().join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segments::{ITEM_AFFINITY, ITEM_ATTRIBUTE_AFFINITY};
    use crate::semantic_similarity::SEMANTIC_SIMILARITY;
    use crate::{Recipe, popular};
    use tastemaker_data::{Column, DatasetBuilder, TableBuilder, table::Value};
    use tastemaker_domain::schema::Schema;
    use tastemaker_domain::solution_config::SolutionConfig;

    fn dataset(step_s: i64) -> Dataset {
        let mut builder = DatasetBuilder::new();
        (0..60).for_each(|n| builder.push(&(n % 7).to_string(), &(n % 5).to_string(), n * step_s, None, None));
        builder.build()
    }

    fn refusal(recipe: &Recipe, request: &TrainRequest) -> Option<String> {
        recipe.check_data(request).err().map(|error| error.to_string())
    }

    #[test]
    fn meaning_needs_texts_and_everything_else_a_choice() {
        let (config, dataset) = (SolutionConfig::default(), dataset(1));
        let schema = |marks: [&str; 2]| {
            let text = format!(
                r#"{{"type":"record","name":"Items","fields":[{{"name":"ITEM_ID","type":"string"}},
                {{"name":"NAME","type":"string"{}}},{{"name":"ABOUT","type":["null","string"]{}}}]}}"#,
                marks[0], marks[1]
            );
            Schema::parse(&text, None).unwrap()
        };
        let mut items = TableBuilder::new(vec![("NAME".to_owned(), Column::Text(vec![]))]);
        ["0", "1", "2"].iter().for_each(|id| items.set(id, [Some(Value::Text((*id).into()))]));
        let items = items.build();
        let refused = |schema: &Schema| {
            let with =
                TrainRequest { items: Some(&items), item_schema: Some(schema), ..TrainRequest::new(&dataset, &config) };
            refusal(&SEMANTIC_SIMILARITY, &with)
        };
        assert_eq!(refused(&schema([r#","itemName":true"#, r#","textual":true"#])), None);
        let text = refused(&schema(["", ""])).unwrap();
        assert!(text.contains("itemName and a textual column") && text.contains("aws-similar-items"), "{text}");
        let mut one = DatasetBuilder::new();
        (0..2000).for_each(|n| one.push(&(n % 70).to_string(), "only", n, None, None));
        let one = one.build();
        for recipe in crate::ALL.iter().filter(|recipe| recipe.descriptor.name != "aws-semantic-similarity") {
            assert!(recipe.check_data(&TrainRequest::new(&one, &config)).is_err(), "{}", recipe.descriptor.name);
        }
    }

    #[test]
    fn segments_need_times_and_attributes() {
        let config = SolutionConfig::default();
        let (still, moving) = (dataset(0), dataset(1));
        let text = refusal(&ITEM_AFFINITY, &TrainRequest::new(&still, &config)).unwrap();
        assert!(text.contains("all 35 interactions have the same TIMESTAMP") && text.contains("aws-sims"), "{text}");
        assert_eq!(refusal(&ITEM_AFFINITY, &TrainRequest::new(&moving, &config)), None);
        let nothing = DatasetBuilder::new().build();
        assert_eq!(
            refusal(&ITEM_AFFINITY, &TrainRequest::new(&nothing, &config)),
            None,
            "how many there are is another rule"
        );
        assert_eq!(refusal(&popular::POPULARITY_COUNT, &TrainRequest::new(&still, &config)), None);
        let table = |name: &str| TableBuilder::new(vec![(name.to_owned(), Column::Integer(vec![]))]).build();
        for (column, fits) in [("CREATION_TIMESTAMP", false), ("YEAR", true)] {
            let items = table(column);
            let request = TrainRequest { items: Some(&items), ..TrainRequest::new(&moving, &config) };
            let found = refusal(&ITEM_ATTRIBUTE_AFFINITY, &request);
            assert_eq!(found.is_none(), fits, "{found:?}");
            assert!(fits || found.is_some_and(|t| t.contains(column) && t.contains("aws-item-affinity")));
        }
    }
}
