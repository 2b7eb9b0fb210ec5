//! Names and texts that every generated file shares.

/// The head of a generated file with its one-sentence purpose.
pub fn banner(purpose: &str) -> String {
    format!(
        "//! {purpose}\n//!\n//! Written by `cargo xtask codegen` from `models/personalize.json`; change the model or the generator.\n\n"
    )
}

/// A camelCase wire name as a Rust field name: `minProvisionedTPS` gives `min_provisioned_tps`, `performAutoML` gives
/// `perform_auto_ml`.
pub fn field(wire: &str) -> String {
    let name = snake(wire);
    if name == "type" { "r#type".to_owned() } else { name }
}

/// A shape name as a Rust constant name.
pub fn constant(shape: &str) -> String {
    snake(shape).to_uppercase()
}

/// A Rust string literal.
pub fn literal(text: &str) -> String {
    format!("{text:?}")
}

fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, &letter) in letters.iter().enumerate() {
        let after_lower = index > 0 && !letters[index - 1].is_ascii_uppercase();
        let before_lower = letters.get(index + 1).is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && index > 0 && (after_lower || before_lower) {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names_become_field_names() {
        for (wire, rust) in [
            ("name", "name"),
            ("performHPO", "perform_hpo"),
            ("performAutoML", "perform_auto_ml"),
            ("autoMLResult", "auto_ml_result"),
            ("tunedHPOParams", "tuned_hpo_params"),
            ("minProvisionedTPS", "min_provisioned_tps"),
            ("dockerURI", "docker_uri"),
            ("s3DataSource", "s3_data_source"),
            ("publishAttributionMetricsToS3", "publish_attribution_metrics_to_s3"),
            ("Filters", "filters"),
            ("type", "r#type"),
        ] {
            assert_eq!(field(wire), rust);
        }
        assert_eq!(constant("EventPropertiesJSON"), "EVENT_PROPERTIES_JSON");
        assert_eq!(constant("S3DataConfig"), "S3_DATA_CONFIG");
    }
}
