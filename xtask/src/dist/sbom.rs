//! The software bill of materials in CycloneDX 1.5.

use super::dependencies::{Dependencies, Dependency};
use anyhow::Result;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Writes `<name>.cdx.json`.
pub fn write(out: &Path, name: &str, dependencies: &Dependencies, modified_s: u64) -> Result<PathBuf> {
    let path = out.join(format!("{name}.cdx.json"));
    std::fs::write(&path, serde_json::to_vec_pretty(&bill(dependencies, modified_s)?)?)?;
    Ok(path)
}

fn bill(dependencies: &Dependencies, modified_s: u64) -> Result<Value> {
    let timestamp = OffsetDateTime::from_unix_timestamp(i64::try_from(modified_s)?)?.format(&Rfc3339)?;
    let others = dependencies.all.iter().enumerate().filter(|(place, _)| !dependencies.is_root(*place));
    let edges = dependencies.all.iter().map(|package| {
        let names: Vec<String> =
            package.dependencies.iter().map(|place| reference(&dependencies.all[*place])).collect();
        json!({"ref": reference(package), "dependsOn": names})
    });
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": timestamp,
            "tools": {"components": [{"type": "application", "name": "cargo xtask dist"}]},
            "component": component(dependencies.root(), "application"),
        },
        "components": others.map(|(_, package)| component(package, "library")).collect::<Vec<Value>>(),
        "dependencies": edges.collect::<Vec<Value>>(),
    }))
}

fn component(package: &Dependency, kind: &str) -> Value {
    let mut component = json!({"type": kind, "bom-ref": reference(package), "name": package.name, "version": package.version,
        "scope": "required"});
    if package.from_registry {
        component["purl"] = reference(package).into();
    }
    if let Some(license) = &package.license {
        // The slash is an older form of "or", which SPDX does not have.
        component["licenses"] = json!([{"expression": license.replace('/', " OR ")}]);
    }
    if let Some(checksum) = &package.checksum {
        component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
    }
    if let Some(repository) = &package.repository {
        component["externalReferences"] = json!([{"type": "vcs", "url": repository}]);
    }
    component
}

/// The package URL, by which the bill refers to a package.
fn reference(package: &Dependency) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version.replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_has_what_scanners_ask_for() {
        let package = Dependency {
            name: "zstd-sys".into(),
            version: "2.0.1+zstd.1.5".into(),
            from_registry: true,
            license: Some("MIT/Apache-2.0".into()),
            repository: None,
            checksum: Some("ab".into()),
            folder: PathBuf::new(),
            dependencies: Vec::new(),
        };
        let told = component(&package, "library");
        assert_eq!(told["purl"], "pkg:cargo/zstd-sys@2.0.1%2Bzstd.1.5");
        assert_eq!(told["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(told["hashes"][0]["content"], "ab");
        assert!(told.get("externalReferences").is_none());
        let own = component(&Dependency { from_registry: false, ..package }, "application");
        assert!(own.get("purl").is_none());
    }
}
