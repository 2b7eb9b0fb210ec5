//! The rules that a start finds broken when it takes settings which are right by themselves: those of the files that they name, for
//! example.

use crate::config::{Config, ConfigFlags};
use crate::config_error::of_rule;
use crate::config_fault::ConfigFaults;
use crate::config_sources::{Environment, Layers};
use crate::data_dir::Credentials;
use crate::{http_settings, recommendations_settings};
use anyhow::Result;
use tastemaker_http::Access;

/// Looks at every rule before anything is opened, and names each that is broken with the place of its setting.
pub fn check(config: &Config, flags: &ConfigFlags, environment: &Environment) -> Result<()> {
    let broken = broken(config);
    if broken.is_empty() {
        return Ok(());
    }
    let layers = Layers::collect(flags, environment)?;
    Err(ConfigFaults(broken.iter().map(|error| of_rule(error, &layers)).collect()).into())
}

fn broken(config: &Config) -> Vec<anyhow::Error> {
    // No rule looks at the keys themselves.
    let keys = Credentials::random();
    let recommendations = recommendations_settings::http_settings(config, &keys);
    let access = recommendations.as_ref().map_or_else(|_| Access::open(), |settings| settings.access.clone());
    let all = [
        http_settings::listener(config, &access, &keys).map(drop),
        recommendations.map(drop),
        config.themes.writer().map(drop),
        config.tls.open().map(drop),
    ];
    all.into_iter().filter_map(Result::err).collect()
}
