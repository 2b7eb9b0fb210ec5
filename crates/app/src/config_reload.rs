//! The settings that a running server takes anew, and the comparison of a new configuration with the one in effect.

use crate::config_source::EffectiveSetting;
use std::collections::{BTreeMap, BTreeSet};

/// Settings that a running server takes anew, and tables of which it takes everything.
const RELOADED: &[&[&str]] = &[
    &["recommendations"],
    &["braze"],
    &["limits"],
    &["http", "hosts"],
    &["http", "origins"],
    &["http", "metrics_token_file"],
    &["http", "identity_providers"],
    &["tls"],
    &["log"],
    &["training"],
    &["training_threads"],
    &["imports"],
    &["serving", "update_interval_s"],
    &["key_limits"],
    &["console", "base_path"],
    &["console", "read_only"],
    &["console", "login"],
    &["console", "session_hours"],
    &["console", "hosts"],
    &["console", "upload_bytes_max"],
    &["console", "language"],
    &["console", "image_hosts"],
    &["console", "token"],
    &["webhooks"],
    &["backup"],
    &["themes"],
    &["telemetry"],
    &["s3"],
];

/// Whether a running server takes the setting at this path anew.
pub fn is_reloaded(path: &[String]) -> bool {
    RELOADED
        .iter()
        .any(|known| known.len() <= path.len() && known.iter().zip(path).all(|(known, given)| known == given))
}

/// The differences of a new configuration from the one in effect.
#[derive(Debug, Default, PartialEq)]
pub struct Changes {
    /// Settings that count from now on.
    pub taken: Vec<String>,
    /// Settings that count after a restart.
    pub after_restart: Vec<String>,
    /// Every setting as it is in effect now.
    pub effective: Vec<EffectiveSetting>,
}

/// Compares the settings in effect with new ones. `may` says of a reloaded setting whether it can be taken this time.
pub fn compare(current: &[EffectiveSetting], new: &[EffectiveSetting], may: impl Fn(&str) -> bool) -> Changes {
    let by_key = |settings: &[EffectiveSetting]| -> BTreeMap<String, EffectiveSetting> {
        settings.iter().map(|setting| (setting.key.clone(), setting.clone())).collect()
    };
    let (current, mut effective) = (by_key(current), by_key(new));
    let mut changes = Changes::default();
    let keys: BTreeSet<String> = current.keys().chain(effective.keys()).cloned().collect();
    for key in keys {
        let (old, new) = (current.get(&key), effective.get(&key));
        let same = old.map(|old| &old.value) == new.map(|new| &new.value);
        let path: Vec<String> = key.split('.').map(str::to_owned).collect();
        if same {
            continue;
        }
        if is_reloaded(&path) && may(&key) {
            changes.taken.push(key);
            continue;
        }
        match old {
            Some(old) => drop(effective.insert(key.clone(), old.clone())),
            None => drop(effective.remove(&key)),
        }
        changes.after_restart.push(key);
    }
    changes.effective = effective.into_values().collect();
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config_keys::{find, is_table};
    use serde_json::json;

    #[test]
    fn what_is_reloaded_are_settings() {
        for path in RELOADED {
            let path: Vec<String> = path.iter().map(|segment| (*segment).to_owned()).collect();
            assert!(find(&path).is_some() || is_table(&path), "{path:?}");
        }
    }

    #[test]
    fn a_change_counts_now_or_after_a_restart() {
        let setting = |key: &str, value: i64| EffectiveSetting { key: key.into(), value: json!(value), source: None };
        let current =
            [setting("listen", 1), setting("limits.schemas", 1), setting("region", 1), setting("data_dir", 1)];
        let new = [setting("listen", 2), setting("limits.schemas", 2), setting("region", 1), setting("braze.x", 3)];
        let changes = compare(&current, &new, |key| key != "limits.solutions");
        assert_eq!(changes.taken, ["braze.x", "limits.schemas"]);
        assert_eq!(changes.after_restart, ["data_dir", "listen"]);
        let expected = [
            setting("braze.x", 3),
            setting("data_dir", 1),
            setting("limits.schemas", 2),
            setting("listen", 1),
            setting("region", 1),
        ];
        assert_eq!(changes.effective, expected);
    }
}
