//! The numbers of an import: counted from its files, and written as AWS writes them.

use super::items::{ItemNumbers, number};
use super::tally::{SOURCE_COLUMN, Sample, Tally, Windows};
use tastemaker_compute::{Cell, ImportError, Rows};
use tastemaker_domain::schema::Schema;

impl Tally<'_> {
    /// Counts the rows of an Interactions dataset whose time is at least `since_s`.
    pub fn rows(
        &mut self,
        rows: &mut dyn Rows,
        schema: &Schema,
        items: &ItemNumbers,
        since_s: i64,
    ) -> Result<(), ImportError> {
        let at = |name: &str| schema.fields.iter().position(|field| field.name == name);
        let (Some(item), Some(time), Some(event_type)) = (at("ITEM_ID"), at("TIMESTAMP"), at("EVENT_TYPE")) else {
            return Ok(());
        };
        let source = at(SOURCE_COLUMN);
        rows.each(&mut |cells| {
            let text = |at: usize| match cells.get(at) {
                Some(Cell::Text(text)) => Some(*text),
                _ => None,
            };
            let (Some(item_id), Some(event_type), Some(Cell::Integer(timestamp_s))) =
                (text(item), text(event_type), cells.get(time))
            else {
                return Ok(());
            };
            if *timestamp_s < since_s {
                return Ok(());
            }
            let source = source.and_then(text).map(Into::into);
            let number = |column: &str| cells.get(at(column)?).and_then(number);
            self.add(
                &Sample { event_type, item_id, timestamp_s: *timestamp_s, source, number: Box::new(number) },
                items,
            );
            Ok(())
        })
    }
}

/// The file of an import's numbers.
pub(crate) fn csv(windows: &Windows) -> String {
    let mut text = String::from("METRIC_NAME,EVENT_TYPE,VALUE,MATH_FUNCTION,EVENT_ATTRIBUTION_SOURCE,TIMESTAMP\n");
    for (start_s, values) in windows {
        for v in values {
            let field = |text: &str| match text.contains([',', '"', '\n', '\r']) {
                true => format!("\"{}\"", text.replace('"', "\"\"")),
                false => text.to_owned(),
            };
            let (metric, event_type) = (field(&v.metric.to_uppercase()), field(&v.event_type.to_uppercase()));
            let (function, source) = (&v.function, field(&v.source));
            text += &format!("{metric},{event_type},{:?},{function},{source},{start_s}\n", v.value);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_domain::resource::MetricAttribute;

    #[test]
    fn a_file_as_aws_writes_it() {
        let metrics = [MetricAttribute {
            metric_name: "countWatches".into(),
            event_type: "watch".into(),
            expression: "SAMPLECOUNT()".into(),
        }];
        let mut tally = Tally::new(&metrics);
        for (time, source) in
            [(1_666_925_124, Some("arn:aws:personalize:us-west-2:123456789012:recommender/r1")), (1, None)]
        {
            let source = source.map(Into::into);
            let number = Box::new(|_: &str| None);
            tally.add(
                &Sample { event_type: "Watch", item_id: "i", timestamp_s: time, source, number },
                &ItemNumbers::default(),
            );
        }
        assert_eq!(
            csv(tally.windows()),
            "METRIC_NAME,EVENT_TYPE,VALUE,MATH_FUNCTION,EVENT_ATTRIBUTION_SOURCE,TIMESTAMP\n\
             COUNTWATCHES,WATCH,1.0,samplecount,SOURCE_NAME_UNDEFINED,0\n\
             COUNTWATCHES,WATCH,1.0,samplecount,arn:aws:personalize:us-west-2:123456789012:recommender/r1,1666925100\n"
        );
    }
}
