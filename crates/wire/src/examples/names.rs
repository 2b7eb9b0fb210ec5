//! The names that botocore makes of those of the API: `performHPO` is `perform_hpo` there and `--perform-hpo` in the CLI.

/// `name` in lower case with `separator` between its words, by botocore's rules.
pub(super) fn words(name: &str, separator: char) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut text = String::with_capacity(name.len() + 8);
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(at + 1);
        // A capital begins a word after a small letter or digit, and before a small letter at the end of a run of capitals.
        let begins = c.is_ascii_uppercase()
            && before.is_some_and(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || after.is_some_and(char::is_ascii_lowercase)
            });
        if begins {
            text.push(separator);
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn as_botocore_writes_them() {
        let table = [
            ("name", "name"),
            ("performHPO", "perform_hpo"),
            ("performAutoML", "perform_auto_ml"),
            ("minProvisionedTPS", "min_provisioned_tps"),
            ("solutionVersionArn", "solution_version_arn"),
            ("kmsKeyArn", "kms_key_arn"),
            ("GetRecommendations", "get_recommendations"),
            ("CreateSolutionVersion", "create_solution_version"),
            ("ListTagsForResource", "list_tags_for_resource"),
        ];
        for (name, expected) in table {
            assert_eq!(words(name, '_'), expected);
        }
        assert_eq!(words("minProvisionedTPS", '-'), "min-provisioned-tps");
    }
}
