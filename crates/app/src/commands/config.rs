//! `tastemaker config`: the settings with their defaults, those in effect with their places, and the faults of a file.

use crate::config::{Config, ConfigFlags};
use crate::config_reference::{commented_toml, markdown, toml_text};
use crate::config_rules;
use crate::config_source::EffectiveSetting;
use crate::config_sources::Environment;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// Flags of `config`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("shown").required(true).args(["defaults", "effective", "check", "reference"]))]
pub struct ConfigCommandFlags {
    #[command(flatten)]
    config: ConfigFlags,
    /// Print a TOML file with every setting as a comment, and its default
    #[arg(long)]
    defaults: bool,
    /// Print every setting as a server with these flags, variables and file would have it, and the place of its value
    #[arg(long)]
    effective: bool,
    /// Name every fault of a file, together with the variables and flags beside it
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    check: Option<PathBuf>,
    /// Print the reference of all settings as Markdown
    #[arg(long)]
    reference: bool,
}

/// Prints what was asked for. Fails where the configuration has faults.
pub fn run(flags: &ConfigCommandFlags) -> Result<()> {
    if flags.defaults {
        print!("{}", commented_toml());
    } else if flags.reference {
        print!("{}", markdown());
    } else if let Some(file) = &flags.check {
        check(file, &flags.config)?;
    } else {
        print!("{}", effective(&Config::load(&flags.config)?));
    }
    Ok(())
}

/// A line of TOML for each setting, with the place of its value behind it.
fn effective(config: &Config) -> String {
    let line = |setting: &EffectiveSetting| {
        let place = setting.source.as_ref().map_or("default".to_owned(), ToString::to_string);
        format!("{} = {}  # {place}\n", setting.key, toml_text(&setting.value))
    };
    config.effective.iter().map(line).collect()
}

fn check(file: &Path, flags: &ConfigFlags) -> Result<()> {
    let flags = ConfigFlags { config: Some(file.to_owned()), ..flags.clone() };
    let environment = Environment::of_process();
    let config = Config::load_from(&flags, &environment)?;
    config_rules::check(&config, &flags, &environment)?;
    let set = config.effective.iter().filter(|setting| setting.source.is_some()).count();
    println!("{}: no faults; {set} settings are not at their default", file.display());
    Ok(())
}
