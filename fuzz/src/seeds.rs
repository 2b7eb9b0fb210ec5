//! Seeds: inputs that the decoders understand, from which a search goes on.

use crate::tables::SCHEMAS;
use std::path::Path;
use std::{fs, io};
use tastemaker_compute::{ImportRules, import_csv};
use tastemaker_data::{Dataset, DatasetBuilder};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::{Cancel, TrainContext};
use tastemaker_recipes::artifact::MODEL_FILE;
use tastemaker_recipes::{ALL, ArtifactFiles, TrainRequest};

/// The seeds of a target: the files of `seeds/<target>`, in the order of their names, then those that are made here.
///
/// # Errors
/// When a file of seeds cannot be read.
pub fn seeds(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let mut seeds = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    if folder.is_dir() {
        let mut paths =
            fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        for path in paths {
            seeds.push(fs::read(path)?);
        }
    }
    seeds.extend(match target {
        "parquet" => parquet(),
        "artifact" => artifacts(),
        _ => Vec::new(),
    });
    Ok(seeds)
}

/// A Parquet file for each schema of the CSV target, as an import writes it.
fn parquet() -> Vec<Vec<u8>> {
    let rows = [
        "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu1,i1,1,click,2.5\nu2,i2,2,view,\n",
        "ITEM_ID,PRICE,YEAR,GENRES,TITLE\ni1,9.90,1999,a|b,One\ni2,,,,\n",
    ];
    let file = |(schema, text): (_, &str)| {
        let mut file = Vec::new();
        import_csv(text.as_bytes(), "seed.csv", schema, &ImportRules::default(), &mut file, &|_, _| {}, &|| false)
            .ok()
            .map(|_| file)
    };
    SCHEMAS.iter().zip(rows).filter_map(file).collect()
}

/// Users who walk round a ring of eight items.
fn toy() -> Dataset {
    let mut builder = DatasetBuilder::new();
    for user in 0..40i64 {
        for step in 0..6 {
            builder.push(&format!("u{user}"), &format!("i{}", (user + step) % 8), user * 10 + step, None, None);
        }
    }
    builder.build()
}

/// The tensors of a small model of each recipe that trains on interactions alone.
fn artifacts() -> Vec<Vec<u8>> {
    let (dataset, cancel, mut config) = (toy(), Cancel::new(), SolutionConfig::default());
    config.algorithm_hyper_parameters.insert("hidden_dimension".to_owned(), "32".to_owned());
    let mut seeds = Vec::new();
    for (place, recipe) in ALL.iter().enumerate() {
        let has_dimension = recipe.descriptor.parameters.iter().any(|parameter| parameter.name == "hidden_dimension");
        let config = if has_dimension { config.clone() } else { SolutionConfig::default() };
        let context = TrainContext {
            seed: 1,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let model = recipe.train(&TrainRequest::new(&dataset, &config), &context);
        let files = model.and_then(|model| recipe.write(&model, &config, 1, ArtifactFiles::new()));
        let Some(tensors) = files.ok().and_then(|mut files| files.remove(MODEL_FILE)) else { continue };
        let mut seed = vec![place as u8, dataset.items.len() as u8, 0];
        seed.extend(tensors);
        seeds.push(seed);
    }
    seeds
}
