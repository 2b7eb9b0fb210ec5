//! The values of a filter's parameters, in the fields of a form.

use super::form::{Field, FieldErrors, Sent};
use crate::cx::Cx;
use maud::{Markup, html};
use std::collections::BTreeMap;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{DescribeFilterRequest, DescribeFilterResponse};

/// Stands before the name of a parameter in that of its field.
const PREFIX: &str = "fv.";

/// The names of a filter's parameters; none for no filter and for one that is gone.
pub(crate) async fn filter_parameters(cx: &Cx, arn: Option<&str>) -> Vec<String> {
    let Some(arn) = arn else { return Vec::new() };
    let input = DescribeFilterRequest { filter_arn: arn.to_owned() };
    let described: Result<DescribeFilterResponse, _> = cx.call_unseen(Operation::DescribeFilter, &input).await;
    let expression = described.ok().and_then(|output| output.filter?.filter_expression).unwrap_or_default();
    parameters_of(&expression)
}

/// A field for each parameter.
pub(crate) fn fields(cx: &Cx, parameters: &[String], sent: &Sent, errors: &FieldErrors) -> Markup {
    html! {
        @for name in parameters {
            @let field = field_of(name);
            (Field { name: &field, label: &format!("${name}"), help: &cx.text("try-filter-value-help"), value: sent.typed(&field),
                ..Field::default() }.markup(errors))
        }
    }
}

/// The values that were sent, in the filter language's form; parameters without one are left out.
pub(crate) fn values(parameters: &[String], sent: &Sent) -> BTreeMap<String, String> {
    let value = |name: &String| Some((name.clone(), quoted(sent.get(&field_of(name))?)));
    parameters.iter().filter_map(value).collect()
}

/// The name of a parameter's field.
pub(crate) fn field_of(parameter: &str) -> String {
    format!("{PREFIX}{parameter}")
}

/// A value of a filter in the filter language's form: plain words become texts in quotes.
fn quoted(value: &str) -> String {
    if value.starts_with('"') {
        return value.to_owned();
    }
    let texts: Vec<String> = value.split(',').map(|text| format!("\"{}\"", text.trim())).collect();
    texts.join(",")
}

/// `$NAME` outside of texts in quotes, each once.
fn parameters_of(expression: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let outside = expression.split('"').step_by(2);
    for part in outside {
        for rest in part.split('$').skip(1) {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_a_filter() {
        let expression =
            "INCLUDE ItemID WHERE Items.A IN ($X) AND Items.B = \"$no\" OR Items.C < $Y_2 OR Items.A IN ($X)";
        assert_eq!(parameters_of(expression), ["X", "Y_2"]);
        assert_eq!((quoted("\"a\""), quoted("5")), ("\"a\"".to_owned(), "\"5\"".to_owned()));
    }
}
