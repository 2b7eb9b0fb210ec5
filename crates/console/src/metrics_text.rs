//! The numbers in the text of `/metrics`.

/// A number with its labels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample {
    name: String,
    labels: Vec<(String, String)>,
    /// The number.
    pub value: f64,
}

impl Sample {
    /// The value of a label; empty without one.
    pub(crate) fn label(&self, name: &str) -> &str {
        self.labels.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// All numbers of a text, without the buckets of histograms.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Metrics(Vec<Sample>);

impl Metrics {
    /// Reads a text. A line that is none is passed over.
    pub(crate) fn read(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(lines.filter_map(sample).filter(|sample| !sample.name.ends_with("_bucket")).collect())
    }

    /// The numbers of a family.
    pub(crate) fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Sample> {
        self.0.iter().filter(move |sample| sample.name == name)
    }

    /// The number of a family without labels.
    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        self.of(name).find(|sample| sample.labels.is_empty()).map(|sample| sample.value)
    }
}

fn sample(line: &str) -> Option<Sample> {
    let end = line.find(['{', ' '])?;
    let name = line[..end].to_owned();
    let mut labels = Vec::new();
    let mut rest = &line[end..];
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        while !rest.starts_with('}') {
            let (label, after) = rest.split_once("=\"")?;
            let (value, after) = quoted(after)?;
            labels.push((label.trim_start_matches(',').trim().to_owned(), value));
            rest = after;
        }
        rest = &rest[1..];
    }
    let value = rest.split_whitespace().next()?.parse().ok()?;
    Some(Sample { name, labels, value })
}

/// The text up to the quote that ends it, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_their_labels() {
        let text = "# HELP a A.\n# TYPE a counter\na{x=\"1\",y=\"q\\\"\\\\ \\n, }\"} 3\na_bucket{le=\"1\"} 2\nb 0.5 1700\nc{} 1e3\n\
                    broken{x=\"\nnothing\nd nan?\n";
        let metrics = Metrics::read(text);
        let a: Vec<_> = metrics.of("a").collect();
        assert_eq!((a.len(), a[0].value, a[0].label("x"), a[0].label("y")), (1, 3.0, "1", "q\"\\ \n, }"));
        assert_eq!((metrics.value("b"), metrics.value("c"), metrics.value("a")), (Some(0.5), Some(1000.0), None));
        assert_eq!((a[0].label("z"), metrics.of("a_bucket").count(), metrics.0.len()), ("", 0, 3));
    }
}
