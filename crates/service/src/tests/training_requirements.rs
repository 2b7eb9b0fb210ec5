//! Trainings that must fail are refused when they are asked for.

use super::*;

fn items(fields: &str) -> String {
    format!(r#"{{"type":"record","name":"Items","fields":[{{"name":"ITEM_ID","type":"string"}},{fields}]}}"#)
}

/// The training of `recipe` over interactions and items with these columns.
async fn trained(recipe: &str, fields: Option<&str>, change: impl Fn(&mut NewSolution)) -> Result<SolutionVersion> {
    let world = World::new();
    world.shop().await;
    if let Some(fields) = fields {
        world.schema("things", &items(fields)).await.expect("a schema");
        world.dataset("shop", "things", DatasetType::Items).await.expect("a dataset");
    }
    let mut new = world.new_solution("s");
    new.recipe_arn = format!("arn:aws:personalize:::recipe/{recipe}");
    change(&mut new);
    crate::solutions::create(&world.ctx, &world.caller, new).await.expect("a solution, whatever data there is");
    world.train("s").await
}

#[tokio::test]
async fn a_dataset_that_the_recipe_needs() {
    let genres = Some(r#"{"name":"GENRES","type":["null","string"],"categorical":true}"#);
    for (recipe, fields, missing) in [
        ("aws-next-best-action", genres, Some("no Actions dataset")),
        ("aws-semantic-similarity", None, Some("no Items dataset")),
        ("aws-item-attribute-affinity", None, Some("no Items dataset")),
        ("aws-hrnn-coldstart", None, Some("no Items dataset")),
        ("aws-hrnn-coldstart", genres, None),
        ("aws-hrnn", None, None),
        ("aws-hrnn-metadata", None, None),
    ] {
        let version = trained(recipe, fields, |_| {}).await;
        match missing {
            Some(missing) => refused(version, "InvalidInput", &["dataset-group/shop", missing, recipe]),
            None => assert_eq!(version.expect("a version").status, Status::CreatePending, "{recipe}"),
        }
    }
}

#[tokio::test]
async fn columns_that_the_recipe_needs() {
    let (name, about) =
        (r#"{"name":"NAME","type":"string","itemName":true}"#, r#"{"name":"ABOUT","type":"string","textual":true}"#);
    let created = r#"{"name":"CREATION_TIMESTAMP","type":"long"}"#;
    let semantic = async |fields: &str| trained("aws-semantic-similarity", Some(fields), |_| {}).await;
    for fields in [created.to_owned(), format!("{name},{created}"), format!("{about},{created}")] {
        refused(semantic(&fields).await, "InvalidInput", &["itemName", "textual", "aws-similar-items"]);
    }
    assert!(semantic(&format!("{name},{about}")).await.is_ok());

    let attributes = async |fields: &str, left_out: &[&str]| {
        let change = |new: &mut NewSolution| {
            let columns = left_out.iter().map(|column| (*column).to_owned()).collect();
            let excluded = [("ITEMS".to_owned(), columns)].into();
            new.config.training_data = Some(TrainingDataConfig { excluded, included: Default::default() });
        };
        trained("aws-item-attribute-affinity", Some(fields), change).await
    };
    let (year, words) = (r#"{"name":"YEAR","type":"int"}"#, r#"{"name":"WORDS","type":"string"}"#);
    let lacking = ["neither textual nor reserved", "aws-item-affinity"];
    for fields in [created.to_owned(), format!("{about},{created}"), format!("{words},{created}")] {
        refused(attributes(&fields, &[]).await, "InvalidInput", &lacking);
    }
    assert!(attributes(&format!("{year},{created}"), &[]).await.is_ok());
    refused(attributes(&format!("{year},{created}"), &["YEAR"]).await, "InvalidInput", &lacking);
}
