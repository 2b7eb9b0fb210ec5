//! The settings of jobs, as far as a running server takes them anew.

use crate::config::Config;
use anyhow::Result;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_jobs::{LiveSettings, Settings, ThemeWriter};

/// The threads, settings and writer of themes of jobs by a configuration. Reads the file of the writer's key.
pub fn of(config: &Config) -> Result<LiveSettings> {
    Ok(LiveSettings {
        threads: config.training_threads(),
        settings: Settings {
            update_interval: Duration::from_secs(config.serving.update_interval_s.get()),
            strict_imports: config.imports.strict,
            trainings_side_by_side: config.training.side_by_side.get(),
            checkpoint_every: Duration::from_secs(config.training.checkpoint_s),
            ..Settings::default()
        },
        theme_writer: config.themes.writer()?.map(|writer| Arc::new(writer) as Arc<dyn ThemeWriter>),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_config::config;

    #[test]
    fn every_key_reaches_the_jobs() -> Result<()> {
        let (_dir, config, _) = config(
            "training_threads = 3\n[training]\nside_by_side = 2\ncheckpoint_s = 5\n[imports]\nstrict = true\n\
             [serving]\nupdate_interval_s = 9\n[themes]\nurl = 'http://h/v1'\nmodel = 'm'",
        )?;
        let LiveSettings { threads, settings, theme_writer } = of(&config)?;
        assert_eq!(theme_writer.map(|writer| writer.name()).as_deref(), Some("m at http://h/v1/chat/completions"));
        assert_eq!((threads, settings.trainings_side_by_side, settings.strict_imports), (3, 2, true));
        assert_eq!((settings.checkpoint_every.as_secs(), settings.update_interval.as_secs()), (5, 9));
        Ok(())
    }
}
