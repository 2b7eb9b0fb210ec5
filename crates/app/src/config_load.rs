//! The configuration from all its sources, checked.

use crate::config::{Config, ConfigFlags};
use crate::config_error::{of_rule, of_value};
use crate::config_fault::ConfigFaults;
use crate::config_source::{EffectiveSetting, Source};
use crate::config_sources::{Environment, Layers};
use crate::config_tree::{leaves, remove};
use crate::webhooks_config;
use anyhow::{Context, Result, bail};
use figment::Figment;
use figment::providers::Serialized;
use serde_json::Value;
use tastemaker_console::config::{Setting, SettingSource};
use tastemaker_domain::role::Roles;
use tastemaker_wire::sigv4::is_region;

impl Config {
    /// Merges all sources and checks the result.
    pub fn load(flags: &ConfigFlags) -> Result<Self> {
        Self::load_from(flags, &Environment::of_process())
    }

    /// The same with the variables of an environment. The error names every fault that was found.
    pub fn load_from(flags: &ConfigFlags, environment: &Environment) -> Result<Self> {
        let layers = Layers::collect(flags, environment).context("bad configuration")?;
        for unknown in &layers.unknown_variables {
            tracing::warn!("{unknown}");
        }
        let mut config = Self::of(&layers)?;
        config.effective = effective(&config, &layers);
        config.settings = shown(&config.effective);
        Ok(config)
    }

    fn of(layers: &Layers) -> Result<Self, ConfigFaults> {
        let mut faults = layers.faults.clone();
        let mut given = layers.merged.clone();
        let config = loop {
            let merged = Figment::from(Serialized::defaults(Self::default())).merge(Serialized::defaults(&given));
            let error = match merged.extract::<Self>() {
                Ok(config) => break config,
                Err(error) => error,
            };
            // What is wrong is left out and the rest looked at again, so that one look finds every fault.
            let (path, fault) = of_value(&error, layers);
            let known = faults.contains(&fault);
            faults.push(fault);
            if known || !remove(&mut given, &path) {
                return Err(ConfigFaults(faults));
            }
        };
        if faults.is_empty() {
            faults = config.broken_rules().iter().map(|error| of_rule(error, layers)).collect();
        }
        if faults.is_empty() { Ok(config) } else { Err(ConfigFaults(faults)) }
    }

    /// The rules that values of the right kind break; each sentence begins with a setting.
    fn broken_rules(&self) -> Vec<anyhow::Error> {
        let rules = [
            self.check_identity(),
            self.auth.first_key().map(drop),
            self.console.check(),
            self.s3.external_buckets().map(drop).context("s3.external"),
            self.store.check(),
            self.backup.check(&self.store),
            webhooks_config::receivers(&self.webhooks).map(drop),
            self.log.check(),
            self.telemetry.check(),
            self.check_role(),
            self.tls.check(),
            self.check_listener(),
        ];
        rules.into_iter().filter_map(Result::err).collect()
    }

    fn check_identity(&self) -> Result<()> {
        let digits = self.account_id.len() == 12 && self.account_id.bytes().all(|b| b.is_ascii_digit());
        if !digits {
            bail!("account_id must be twelve digits, not '{}'", self.account_id);
        }
        if !is_region(&self.region) {
            bail!(
                "region must be 1 to 32 lower-case letters, digits and hyphens, such as us-east-1, not '{}'",
                self.region
            );
        }
        Ok(())
    }

    fn check_role(&self) -> Result<()> {
        if self.roles() != Roles::all() && !self.shares_storage() {
            bail!(
                "role is {}, and nobody else can have the other roles: a data directory is one process's own. Several processes \
                 share the work where store.records and store.events are databases on a server and store.blobs is a place that all of \
                 them reach; leave role out, or give all",
                self.roles()
            );
        }
        Ok(())
    }

    fn check_listener(&self) -> Result<()> {
        if !self.listens_on_loopback()? && !self.insecure_http && !self.tls.is_on() {
            bail!(
                "listen '{}' can be reached from other machines and there is no TLS: give --tls-certificate and --tls-key, put a \
                 TLS proxy in front of it and give --insecure-http, or listen on 127.0.0.1",
                self.listen
            );
        }
        Ok(())
    }
}

/// Settings in effect as the console shows them.
pub fn shown(effective: &[EffectiveSetting]) -> Vec<Setting> {
    let source = |source: &Option<Source>| match source {
        None => SettingSource::Default,
        Some(Source::File { .. }) => SettingSource::File,
        Some(Source::Flag(_)) => SettingSource::Flag,
        Some(Source::Variable(_) | Source::SecretFile { .. } | Source::Credential(_)) => SettingSource::Environment,
    };
    let setting = |found: &EffectiveSetting| Setting {
        source: source(&found.source),
        key: found.key.clone(),
        value: found.value.to_string(),
    };
    effective.iter().map(setting).collect()
}

/// Every setting as it is in effect, by its key, secrets without their values.
fn effective(config: &Config, layers: &Layers) -> Vec<EffectiveSetting> {
    let values = serde_json::to_value(config).unwrap_or_default();
    let one = |(path, value): (Vec<String>, &Value)| EffectiveSetting {
        key: path.join("."),
        value: value.clone(),
        source: layers.source_of_value(&path).cloned(),
    };
    leaves(&values).into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TrainingConfig;
    use crate::tls_config::TlsFlags;
    use std::path::PathBuf;

    #[test]
    fn flags_beat_the_file_and_unknown_keys_are_refused() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("t.toml");
        std::fs::write(
            &file,
            "region = 'eu-west-1'\nlisten = '127.0.0.1:1'\n[recommendations.columns]\nname = 'TITLE'\n[training]\nauto = false\n",
        )?;
        let mut flags =
            ConfigFlags { config: Some(file.clone()), listen: Some("127.0.0.1:2".into()), ..Default::default() };
        let config = Config::load(&flags)?;
        assert_eq!((config.region.as_str(), config.listen.as_str()), ("eu-west-1", "127.0.0.1:2"));
        assert_eq!(config.recommendations.columns.name.as_deref(), Some("TITLE"));
        assert_eq!(config.training, TrainingConfig { auto: false, ..TrainingConfig::default() });
        assert_eq!(config.serving.update_interval_s.get(), 7200);
        std::fs::write(&file, "[serving]\nupdate_interval_s = 60")?;
        assert_eq!(Config::load(&flags)?.serving.update_interval_s.get(), 60);
        std::fs::write(&file, "[serving]\nupdate_interval_s = 0")?;
        assert!(format!("{:#}", Config::load(&flags).expect_err("zero")).contains("at least 1"));
        std::fs::write(&file, "[imports]\nstrict = true")?;
        assert!(Config::load(&flags)?.imports.strict && !Config::default().imports.strict);
        std::fs::write(&file, "[limits]\nsolutions_per_group = 3")?;
        let limits = Config::load(&flags)?.limits.quotas();
        assert_eq!((limits.solutions_per_group, limits.schemas), (3, 5_000));
        for (text, word) in [
            ("[limits]\nschemas = 0", "at least 1"),
            ("[limits]\nschema = 1", "schema"),
            ("[imports]\nstrikt = true", "strikt"),
        ] {
            std::fs::write(&file, text)?;
            assert!(format!("{:#}", Config::load(&flags).expect_err(text)).contains(word));
        }
        std::fs::write(&file, "listne = 'x'")?;
        assert!(format!("{:#}", Config::load(&flags).expect_err("typo")).contains("listne"));
        flags.config = Some(dir.path().join("absent.toml"));
        assert!(Config::load(&flags).is_err());
        Ok(())
    }

    #[test]
    fn the_settings_in_the_documents_are_settings() -> Result<()> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let guides = std::fs::read_dir(root.join("docs/guide"))?.map(|entry| Ok(entry?.path()));
        let documents = [root.join("README.md"), root.join("README.ko.md")].map(Ok).into_iter();
        let mut found = 0;
        for path in documents.chain(guides).collect::<Result<Vec<PathBuf>>>()? {
            let text = std::fs::read_to_string(&path)?;
            for block in text.split("```toml\n").skip(1).filter_map(|rest| rest.split("\n```").next()) {
                let loaded = crate::test_config::config(block);
                assert!(
                    loaded.is_ok(),
                    "{}: {block}\n{:#}",
                    path.display(),
                    loaded.err().unwrap_or_else(|| anyhow::anyhow!(""))
                );
                found += 1;
            }
        }
        assert!(found >= 8, "{found}");
        Ok(())
    }

    #[test]
    fn an_open_listener_needs_a_word() -> Result<()> {
        let mut flags = ConfigFlags { listen: Some("0.0.0.0:4100".into()), ..Default::default() };
        let error = Config::load(&flags).expect_err("no TLS");
        assert!(error.to_string().contains("--insecure-http"), "{error}");
        flags.tls = TlsFlags { certificate: Some("c".into()), key: Some("k".into()), ..TlsFlags::default() };
        assert!(Config::load(&flags)?.tls.is_on());
        flags.tls = TlsFlags::default();
        flags.insecure_http = true;
        assert!(!Config::load(&flags)?.listens_on_loopback()?);
        flags.account_id = Some("12".into());
        assert!(Config::load(&flags).is_err());
        flags.account_id = None;
        flags.region = Some("x'; y".into());
        assert!(Config::load(&flags).is_err());
        Ok(())
    }

    #[test]
    fn an_account_id_may_be_read_as_a_number() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("t.toml");
        let flags = ConfigFlags { config: Some(file.clone()), ..Default::default() };
        for (text, expected) in [("12345678901", "012345678901"), ("'012345678901'", "012345678901")] {
            std::fs::write(&file, format!("account_id = {text}"))?;
            assert_eq!(Config::load(&flags)?.account_id, expected);
        }
        Ok(())
    }
}
