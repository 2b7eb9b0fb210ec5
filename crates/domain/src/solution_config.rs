//! A solution's configuration: the customer's choices for training.

use crate::tuning_config::TuningConfig;
use crate::words::words;
use crate::{Error, Member, MemberPath, Result};
use std::collections::BTreeMap;

/// `solutionConfig`. Keys and values of the maps are the customer's strings, checked against
/// the recipe's hyperparameter table when the solution is created.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct SolutionConfig {
    pub event_value_threshold: Option<f32>,
    pub algorithm_hyper_parameters: BTreeMap<String, String>,
    pub feature_transformation_parameters: BTreeMap<String, String>,
    /// `rate(<n> days)`: the pause between automatic trainings, checked by [`schedule_days`].
    pub auto_training_schedule: Option<String>,
    /// The columns of the datasets that take part in training.
    pub training_data: Option<TrainingDataConfig>,
    /// `hpoConfig`: how hyperparameters are searched for a solution with `performHPO`.
    pub tuning: Option<TuningConfig>,
    /// The event types that train and how much each counts; all alike without any.
    pub events: Vec<EventParameter>,
    /// The attribute that recommended items should have much of.
    pub objective: Option<Objective>,
}

/// The weight of the events of a type in training.
#[derive(Debug, Clone, PartialEq)]
pub struct EventParameter {
    /// The type, compared in any case.
    pub event_type: String,
    /// Only events of at least this value.
    pub event_value_threshold: Option<f64>,
    /// In [0, 1]; the ratios between types matter.
    pub weight: f64,
}

impl EventParameter {
    /// Whether an event is of this type and of enough value.
    pub fn takes(&self, event_type: &str, value: Option<f64>) -> bool {
        let same = self.event_type.eq_ignore_ascii_case(event_type)
            || self.event_type.to_lowercase() == event_type.to_lowercase();
        same && self.event_value_threshold.is_none_or(|least| value.is_some_and(|value| value >= least))
    }
}

/// `optimizationObjective`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objective {
    /// A numeric column of the Items dataset.
    pub item_attribute: String,
    /// Its weight against relevance.
    pub sensitivity: Sensitivity,
}

words! {
    /// The weight of an objective.
    #[allow(missing_docs)]
    pub enum Sensitivity {
        Off = "OFF",
        Low = "LOW",
        Medium = "MEDIUM",
        High = "HIGH",
    }
}

/// Columns that take part in training, by dataset type in upper case. A type is in one of the two maps at most.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct TrainingDataConfig {
    pub excluded: BTreeMap<String, Vec<String>>,
    pub included: BTreeMap<String, Vec<String>>,
}

impl TrainingDataConfig {
    /// Whether training may see the column of the dataset type (upper case).
    pub fn takes(&self, dataset_type: &str, column: &str) -> bool {
        let names = |map: &BTreeMap<String, Vec<String>>| {
            map.get(dataset_type).map(|columns| columns.iter().any(|c| c.eq_ignore_ascii_case(column)))
        };
        names(&self.included).unwrap_or(true) && !names(&self.excluded).unwrap_or(false)
    }
}

/// Days between automatic trainings when the customer does not say.
pub const AUTO_TRAINING_DAYS_DEFAULT: u32 = 7;
const AUTO_TRAINING_DAYS_MAX: u32 = 30;

/// The days of `rate(<n> days)`, 1 to 30; the error names `member`, the rule and the text.
pub fn schedule_days(member: impl Into<MemberPath>, expression: &str) -> Result<u32> {
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let inside = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let days = inside.and_then(|inside| inside.strip_suffix(" days").or_else(|| inside.strip_suffix(" day")));
    match days.and_then(number) {
        Some(days) if (1..=AUTO_TRAINING_DAYS_MAX).contains(&days) => Ok(days),
        _ => {
            let member = member.into();
            let rule = format!("must be rate(<n> days) with n in [1, {AUTO_TRAINING_DAYS_MAX}]");
            let text = format!("{member} {rule}, not '{expression}'.");
            Err(Error::invalid(member, text))
        }
    }
}

/// Event types that may be weighted.
const EVENT_PARAMETERS_MAX: usize = 10;

/// Checks the `eventParametersList` of `member`: at most ten different types, weights in [0, 1] of which one is above 0, finite
/// thresholds. None at all counts every event alike.
pub fn check_event_parameters(member: &MemberPath, events: &[EventParameter]) -> Result<()> {
    let list = || member.clone().then(Member::EventParametersList);
    let refuse = |path: MemberPath, rule: String| Err(Error::invalid(path, format!("{}{rule}", list())));
    if events.len() > EVENT_PARAMETERS_MAX {
        return refuse(list(), format!(" must have at most {EVENT_PARAMETERS_MAX} members, not {}.", events.len()));
    }
    for (n, event) in events.iter().enumerate() {
        let at = n + 1;
        let path = |member: Member| list().item(n).then(member);
        if event.event_type.is_empty() {
            return refuse(path(Member::EventType), format!(".{at}.{} is required.", Member::EventType));
        }
        if events[..n].iter().any(|other| other.event_type.eq_ignore_ascii_case(&event.event_type)) {
            let rule = format!(".{at}.{}: '{}' is listed twice.", Member::EventType, event.event_type);
            return refuse(path(Member::EventType), rule);
        }
        if !(0.0..=1.0).contains(&event.weight) {
            let rule = format!(".{at}.weight must be a number in [0, 1], not {}.", event.weight);
            return refuse(path(Member::Weight), rule);
        }
        if event.event_value_threshold.is_some_and(|least| !least.is_finite()) {
            let rule = format!(".{at}.{} must be finite.", Member::EventValueThreshold);
            return refuse(path(Member::EventValueThreshold), rule);
        }
    }
    if !events.is_empty() && events.iter().all(|event| event.weight <= 0.0) {
        return refuse(list(), " must have a member with a weight above 0.".to_owned());
    }
    Ok(())
}

impl SolutionConfig {
    /// Whether an event trains, as far as [`Self::events`] say.
    pub fn takes_event(&self, event_type: &str, value: Option<f64>) -> bool {
        self.events.is_empty() || self.events.iter().any(|event| event.takes(event_type, value))
    }

    /// The weight of an event of a type, the mean over the listed types being 1.
    pub fn event_weight(&self, event_type: &str) -> f64 {
        let mean = self.events.iter().map(|event| event.weight).sum::<f64>() / self.events.len().max(1) as f64;
        let found = self.events.iter().find(|event| event.takes(event_type, Some(f64::INFINITY)));
        found.map_or(1.0, |event| event.weight / mean.max(f64::MIN_POSITIVE))
    }

    /// Days between automatic trainings.
    pub fn auto_training_days(&self) -> u32 {
        let given = self
            .auto_training_schedule
            .as_deref()
            .and_then(|text| schedule_days(Member::SchedulingExpression, text).ok());
        given.unwrap_or(AUTO_TRAINING_DAYS_DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_ratios_and_their_rules_are_named() {
        let event = |event_type: &str, event_value_threshold, weight| EventParameter {
            event_type: event_type.to_owned(),
            event_value_threshold,
            weight,
        };
        let config = |events| SolutionConfig { events, ..SolutionConfig::default() };
        let good = config(vec![event("Buy", None, 0.3), event("View", Some(2.0), 0.1)]);
        assert_eq!(check_event_parameters(&Member::EventsConfig.into(), &good.events), Ok(()));
        assert!((good.event_weight("buy") - 1.5).abs() < 1e-9 && (good.event_weight("VIEW") - 0.5).abs() < 1e-9);
        let takes = [("BUY", None), ("view", Some(2.0)), ("view", Some(1.9)), ("view", None), ("other", None)];
        assert_eq!(takes.map(|(kind, value)| good.takes_event(kind, value)), [true, true, false, false, false]);
        let ten: Vec<_> = (0..10).map(|n| event(&n.to_string(), None, f64::from(n) / 10.0)).collect();
        assert_eq!(check_event_parameters(&Member::EventsConfig.into(), &ten), Ok(()));
        assert!(event("Café", None, 1.0).takes("CAFÉ", None) && !event("Café", None, 1.0).takes("Cafe", None));
        assert!(config(vec![]).takes_event("anything", None) && config(vec![]).event_weight("x") == 1.0);
        for (events, words) in [
            (["a"; 11].map(|kind| event(kind, None, 0.1)).to_vec(), "at most 10 members, not 11"),
            (vec![event("", None, 0.1)], "1.eventType is required"),
            (vec![event("a", None, 0.1), event("A", None, 0.1)], "2.eventType: 'A' is listed twice"),
            (vec![event("a", None, 1.5)], "1.weight must be a number in [0, 1], not 1.5"),
            (vec![event("a", None, 0.0)], "a weight above 0"),
            (vec![event("a", Some(f64::NAN), 0.1)], "eventValueThreshold must be finite"),
        ] {
            let text = check_event_parameters(&Member::EventsConfig.into(), &events)
                .err()
                .map(|e| e.to_string())
                .unwrap_or_default();
            assert!(text.contains(words), "{text} lacks {words}");
        }
        for level in Sensitivity::ALL {
            assert_eq!(Sensitivity::parse(level.as_str()), Some(*level));
        }
    }

    #[test]
    fn schedules() {
        for (text, days) in [("rate(1 day)", 1), ("rate(1 days)", 1), ("rate(07 days)", 7), ("rate(30 days)", 30)] {
            assert_eq!(schedule_days(Member::SchedulingExpression, text), Ok(days), "{text}");
        }
        for text in [
            "",
            "rate(0 days)",
            "rate(31 days)",
            "rate(7 hours)",
            "rate(7days)",
            "rate(-7 days)",
            "rate(+7 days)",
            "7 days",
        ] {
            let error =
                schedule_days(Member::SchedulingExpression, text).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(
                error.contains("schedulingExpression") && error.contains("[1, 30]") && error.contains(text),
                "{error}"
            );
        }
        let config = |text: Option<&str>| SolutionConfig {
            auto_training_schedule: text.map(str::to_owned),
            ..SolutionConfig::default()
        };
        assert_eq!((config(None).auto_training_days(), config(Some("rate(3 days)")).auto_training_days()), (7, 3));
    }

    #[test]
    fn columns_are_taken_that_are_included_and_not_excluded() {
        let map = |columns: &[&str]| {
            BTreeMap::from([("ITEMS".to_owned(), columns.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>())])
        };
        let all = TrainingDataConfig::default();
        assert!(all.takes("ITEMS", "PRICE"));
        let excluded = TrainingDataConfig { excluded: map(&["GENRE", "PRICE"]), ..TrainingDataConfig::default() };
        let included = TrainingDataConfig { included: map(&["GENRE", "PRICE"]), ..TrainingDataConfig::default() };
        for (column, is_listed) in [("PRICE", true), ("price", true), ("GENRE", true), ("STOCK", false)] {
            assert_eq!(
                (excluded.takes("ITEMS", column), included.takes("ITEMS", column)),
                (!is_listed, is_listed),
                "{column}"
            );
            assert!(excluded.takes("USERS", column) && included.takes("USERS", column), "{column}");
        }
    }
}
