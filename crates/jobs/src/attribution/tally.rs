//! The tally of events in windows of fifteen minutes.

use super::items::ItemNumbers;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use tastemaker_domain::limits::ATTRIBUTION_SOURCES_MAX;
use tastemaker_domain::metric_expression::MetricExpression;
use tastemaker_domain::resource::MetricAttribute;
use tastemaker_domain::schema::DatasetType;
use tastemaker_store::records::AttributedValue;

/// Seconds of a window.
const WINDOW_S: i64 = 900;
/// The source of events that name none.
const SOURCE_UNDEFINED: &str = "SOURCE_NAME_UNDEFINED";
/// The column, and the key of a streamed event's properties, that names a source.
pub(crate) const SOURCE_COLUMN: &str = "EVENT_ATTRIBUTION_SOURCE";

/// The beginning of the window that a time lies in.
pub(crate) fn window_start(time_s: i64) -> i64 {
    time_s - time_s.rem_euclid(WINDOW_S)
}

/// The part of an event that is counted.
pub(crate) struct Sample<'a> {
    pub event_type: &'a str,
    pub item_id: &'a str,
    pub timestamp_s: i64,
    pub source: Option<Cow<'a, str>>,
    /// The event's value in a column of numbers.
    pub number: Number<'a>,
}

/// The value of a column, by the column's name.
pub(crate) type Number<'a> = Box<dyn Fn(&str) -> Option<f64> + 'a>;

/// Numbers by the beginning of their window.
pub(crate) type Windows = BTreeMap<i64, Vec<AttributedValue>>;

/// Numbers while they are counted.
pub(crate) struct Tally<'a> {
    metrics: Vec<(&'a MetricAttribute, MetricExpression)>,
    sources: HashSet<String>,
    windows: Windows,
}

impl<'a> Tally<'a> {
    /// Counts nothing yet. Metrics whose expression cannot be read are left out; none is stored that cannot.
    pub fn new(metrics: &'a [MetricAttribute]) -> Self {
        let parse = |metric: &'a MetricAttribute| Some((metric, MetricExpression::parse(&metric.expression).ok()?));
        let metrics = metrics.iter().filter_map(parse).collect();
        Self { metrics, sources: HashSet::new(), windows: BTreeMap::new() }
    }

    /// Counts an event for each metric of its type. An event without the number that a metric sums adds nothing to it.
    pub fn add(&mut self, sample: &Sample<'_>, items: &ItemNumbers) {
        for (metric, expression) in &self.metrics {
            if !metric.event_type.eq_ignore_ascii_case(sample.event_type) {
                continue;
            }
            let number = match expression {
                MetricExpression::SampleCount => Some(1.0),
                MetricExpression::Sum(DatasetType::Items, column) => items.number(sample.item_id, column),
                MetricExpression::Sum(_, column) => (sample.number)(&column.to_ascii_uppercase()),
            };
            let Some(number) = number.filter(|number| number.is_finite()) else { continue };
            let mut source = sample.source.as_deref().unwrap_or(SOURCE_UNDEFINED);
            if !self.sources.contains(source) {
                // Every source is a series of its own wherever the numbers are shown.
                if self.sources.len() >= ATTRIBUTION_SOURCES_MAX {
                    source = SOURCE_UNDEFINED;
                }
                self.sources.insert(source.to_owned());
            }
            let window = self.windows.entry(window_start(sample.timestamp_s)).or_default();
            let function = expression.function();
            let same = |v: &&mut AttributedValue| {
                v.metric == metric.metric_name && v.source == source && v.function == function
            };
            match window.iter_mut().find(same) {
                Some(value) => value.value += number,
                None => window.push(AttributedValue {
                    metric: metric.metric_name.clone(),
                    event_type: metric.event_type.clone(),
                    function: function.to_owned(),
                    source: source.to_owned(),
                    value: number,
                }),
            }
        }
    }

    /// The windows counted so far.
    pub fn windows(&self) -> &Windows {
        &self.windows
    }

    /// The windows as counted.
    pub fn into_windows(self) -> Windows {
        self.windows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(name: &str, event_type: &str, expression: &str) -> MetricAttribute {
        MetricAttribute { metric_name: name.into(), event_type: event_type.into(), expression: expression.into() }
    }

    fn sample<'a>(event_type: &'a str, item_id: &'a str, timestamp_s: i64, source: Option<&'a str>) -> Sample<'a> {
        let number = Box::new(|column: &str| (column == "EVENT_VALUE").then_some(0.5));
        Sample { event_type, item_id, timestamp_s, source: source.map(Into::into), number }
    }

    #[test]
    fn events_are_counted_by_type_source_and_window() {
        let metrics = [
            metric("plays", "Watch", "SAMPLECOUNT()"),
            metric("value", "watch", "SUM(Interactions.event_value)"),
            metric("price", "Buy", "SUM(Items.PRICE)"),
        ];
        let items = ItemNumbers::of(&["PRICE"], &[("i1", &[Some(2.5)]), ("i2", &[None])]);
        let mut tally = Tally::new(&metrics);
        for (event_type, item, time, source) in [
            ("WATCH", "i1", 900, Some("a")),
            ("watch", "i1", 1799, Some("a")),
            ("Watch", "i1", 1800, None),
            ("Buy", "i1", 1000, Some("a")),
            ("Buy", "i1", 1001, Some("b")),
            ("Buy", "i2", 1001, Some("a")),
            ("Buy", "unknown", 1001, Some("a")),
            ("Click", "i1", 1001, Some("a")),
        ] {
            tally.add(&sample(event_type, item, time, source), &items);
        }
        let shown = |values: &Vec<AttributedValue>| -> Vec<String> {
            values.iter().map(|v| format!("{} {} {} {}", v.metric, v.function, v.source, v.value)).collect()
        };
        let shown: Vec<_> = tally.windows().iter().map(|(start, values)| (*start, shown(values))).collect();
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            shown,
            [
                (900, words(&["plays samplecount a 2", "value sum a 1", "price sum a 2.5", "price sum b 2.5"])),
                (1800, words(&["plays samplecount SOURCE_NAME_UNDEFINED 1", "value sum SOURCE_NAME_UNDEFINED 0.5"])),
            ]
        );
    }

    #[test]
    fn sources_are_bounded() {
        let metrics = [metric("plays", "Watch", "SAMPLECOUNT()")];
        let mut tally = Tally::new(&metrics);
        for n in 0..150 {
            tally.add(&sample("Watch", "i", 1, Some(&n.to_string())), &ItemNumbers::default());
        }
        let values = &tally.windows()[&0];
        assert_eq!(values.len(), ATTRIBUTION_SOURCES_MAX + 1);
        let rest = values.iter().find(|v| v.source == SOURCE_UNDEFINED).unwrap();
        assert_eq!((rest.value, values.iter().map(|v| v.value).sum::<f64>()), (50.0, 150.0));
    }
}
