//! Writes the seeds of a target into a folder: `seeds TARGET FOLDER`.

use std::path::PathBuf;
use tastemaker_fuzz::{TARGETS, seeds, target};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (name, folder) = (arguments.next().unwrap_or_default(), PathBuf::from(arguments.next().unwrap_or_default()));
    if target(&name).is_none() {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        return Err(format!("the targets are {}, not '{name}'", names.join(", ")).into());
    }
    for (n, seed) in seeds(&name)?.iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{n}")), seed)?;
    }
    Ok(())
}
