//! Tests of clients that run a second time with records and events in PostgreSQL, where they are about what a store must do. The others would
//! repeat what the conformance suites of the store show, in many minutes.

/// What is compiled. The binaries are named because dependencies that they share with build scripts are compiled in another way without
/// them.
pub const TARGETS: &[&str] = &["--bins", "--test", "clients"];

/// The names of the tests.
pub const TESTS: &[&str] = &[
    "boto3_complete_clean_up",
    "boto3_bad_input",
    "boto3_main_journey",
    "boto3_object_storage",
    "jobs_finish_after_the_server_is_killed",
    "jobs_of_every_other_kind_finish_after_kills",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_that_of_a_test() {
        let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/app/tests");
        let files = TARGETS.iter().filter(|target| !target.starts_with("--"));
        let texts: String = files
            .map(|file| std::fs::read_to_string(tests.join(file).with_extension("rs")).unwrap_or_default())
            .collect();
        for name in TESTS {
            assert!(texts.contains(&format!("#[test]\nfn {name}()")), "{name}");
        }
    }
}
