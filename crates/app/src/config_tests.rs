//! Wrong settings of every key, from every source: each is refused with its place, its key, its value and the values that are allowed.

use crate::config::{Config, ConfigFlags};
use crate::config_keys::{ANY_NAME, ANY_PLACE, Key, Kind, keys};
use crate::config_source::Source;
use crate::config_sources::Environment;
use anyhow::Result;
use clap::{FromArgMatches, Parser};
use std::path::{Path, PathBuf};

/// A file, variables and flags in a folder of their own.
struct Given {
    directory: tempfile::TempDir,
    environment: Environment,
    flags: ConfigFlags,
}

impl Given {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self { directory, environment: Environment::default(), flags: ConfigFlags::default() }
    }

    fn write(&self, name: &str, bytes: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, bytes).expect("written");
        path
    }

    fn file(mut self, toml: &str) -> Self {
        self.flags.config = Some(self.write("t.toml", toml));
        self
    }

    fn variable(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        self.environment.variables.insert(name.to_owned(), value.as_ref().display().to_string());
        self
    }

    fn flags(mut self, arguments: &[&str]) -> Self {
        let config = self.flags.config.take();
        self.flags = flags(arguments).expect("flags");
        self.flags.config = config;
        self
    }

    fn load(&self) -> Result<Config> {
        Config::load_from(&self.flags, &self.environment)
    }

    /// The error of loading, without the folder's path.
    fn refused(&self) -> String {
        let error = format!("{:#}", self.load().expect_err("a fault"));
        error.replace(&format!("{}/", self.directory.path().display()), "")
    }
}

fn flags(arguments: &[&str]) -> Result<ConfigFlags, clap::Error> {
    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        flags: ConfigFlags,
    }
    let matches =
        <Command as clap::CommandFactory>::command().try_get_matches_from([&["serve"], arguments].concat())?;
    Ok(Command::from_arg_matches(&matches)?.flags)
}

/// A file with one setting, and the line and the key as they are named.
fn file_with(key: &Key, value: &str) -> (String, usize, String) {
    let named: Vec<&str> = key.path.iter().map(|segment| if segment == ANY_NAME { "shop" } else { segment }).collect();
    let (last, table) = named.split_last().expect("a key");
    let told: Vec<&str> = named.iter().map(|segment| if *segment == ANY_PLACE { "0" } else { segment }).collect();
    let (header, line) = match table.split_last() {
        None => (String::new(), 1),
        Some((&ANY_PLACE, table)) => (format!("[[{}]]\n", table.join(".")), 2),
        Some(_) => (format!("[{}]\n", table.join(".")), 2),
    };
    (format!("{header}{last} = {value}\n"), line, told.join("."))
}

/// A value that no setting of this kind takes: in a file, and in a variable where there is one.
fn wrong(kind: &Kind) -> (&'static str, Option<&'static str>) {
    match kind {
        Kind::Boolean => ("3", Some("perhaps")),
        Kind::Whole { .. } | Kind::Number => ("'many'", Some("many")),
        // Every variable is text.
        Kind::Text => ("[]", None),
        Kind::Word(_) => ("'nonsense'", Some("nonsense")),
        Kind::List(_) | Kind::Names(_) => ("3", Some("3")),
    }
}

/// Whether the sentence names the values that are allowed.
fn names_rule(sentence: &str, kind: &Kind) -> bool {
    match kind {
        Kind::Word(words) => words.iter().all(|word| sentence.contains(word.as_str())),
        kind => sentence.contains(&format!("must be {kind}")),
    }
}

#[test]
fn every_key_is_refused_with_a_wrong_value_in_a_file() {
    for key in keys() {
        let (value, _) = wrong(&key.kind);
        let (toml, line, name) = file_with(key, value);
        let refused = Given::new().file(&toml).refused();
        let sentence =
            refused.lines().find(|told| told.contains(&format!("t.toml:{line}: {name}"))).unwrap_or_default();
        if ["console.token", "auth.first_secret_access_key"].contains(&name.as_str()) {
            assert!(sentence.contains(&format!("{}_FILE", key.variable())), "{refused}");
            continue;
        }
        assert!(names_rule(sentence, &key.kind), "{name}: {refused}");
        let shown = if value == "[]" { "a list" } else { value.trim_matches('\'') };
        let untagged = ["role", "account_id"].contains(&name.as_str());
        assert!(key.secret || untagged || sentence.contains(shown), "{name}: {refused}");
    }
}

#[test]
fn every_key_is_refused_with_a_wrong_value_in_a_variable() {
    let mut found = 0;
    for key in keys().filter(|key| !key.secret) {
        let (_, Some(value)) = wrong(&key.kind) else { continue };
        let variable = key.variable().replace("<NAME>", "SHOP").replace("<N>", "0");
        let refused = Given::new().variable(&variable, value).refused();
        let (_, _, name) = file_with(key, value);
        let begins = format!("the variable {variable}: {name}");
        let sentence = refused.lines().find(|told| told.contains(&begins)).unwrap_or_default();
        assert!(names_rule(sentence, &key.kind), "{name}: {refused}");
        found += 1;
    }
    assert!(found > 40, "{found}");
}

#[test]
fn every_flag_is_refused_with_a_wrong_value() {
    let mut found = 0;
    for key in keys() {
        let Some(flag) = &key.flag else { continue };
        match &key.kind {
            Kind::Boolean => {
                assert!(flags(&[&format!("{flag}=perhaps")]).expect_err(flag).to_string().contains(flag.as_str()));
            }
            Kind::Text => {}
            kind => {
                let told = flags(&[flag, "nonsense"]).expect_err(flag).to_string();
                assert!(told.contains(flag.as_str()) && told.contains("nonsense"), "{told}");
                if let Kind::Word(_) = kind {
                    assert!(names_rule(&told, kind), "{told}");
                }
            }
        }
        found += 1;
    }
    assert!(found >= 11, "{found}");
    // Text is judged by its rules.
    for (arguments, begins) in [
        (&["--listen", "nowhere"][..], "the flag --listen: listen 'nowhere' is not HOST:PORT"),
        (&["--account-id", "12"], "the flag --account-id: account_id must be twelve digits, not '12'"),
        (&["--region", "Mars"], "the flag --region: region must be 1 to 32"),
        (&["--tls-key", "k"], "the flag --tls-key: tls.key is given without tls.certificate"),
        (&["--role", "worker"], "the flag --role: role is worker"),
        (&["--listen", "0.0.0.0:1"], "the flag --listen: listen '0.0.0.0:1' can be reached from other machines"),
    ] {
        let refused = Given::new().flags(arguments).refused();
        assert!(refused.contains(begins), "{refused}");
    }
}

#[test]
fn rules_that_are_broken_are_told_with_their_line() {
    for (toml, told) in [
        ("region = 'a'\nlisten = 'x'", "t.toml:2: listen 'x' is not HOST:PORT"),
        ("account_id = '1'", "t.toml:1: account_id must be twelve digits, not '1'"),
        ("[console]\nread_only = true\nbase_path = 'rec'", "t.toml:3: console.base_path: 'rec' is no path"),
        ("[console]\nhosts = ['https://x']", "t.toml:2: console.hosts: 'https://x' is no name"),
        ("\n[store]\nblobs = 'ftp://h'", "t.toml:3: store.blobs: 'ftp://h' begins with ftp://"),
        ("[store]\nblobs = 's3://b'\n[store.s3]\naccount = 'x'", "t.toml:3: store.s3: "),
        ("[[s3.external]]\nbucket = 'b/c'", "t.toml:1: s3.external: "),
        ("[tls]\ncertificate = 'c'", "t.toml:2: tls.certificate is given without tls.key"),
        ("listen = ", "t.toml:1: "),
        ("a = 1\na = 2", "t.toml:2: "),
    ] {
        let refused = Given::new().file(toml).refused();
        assert!(refused.starts_with(&format!("bad configuration: {told}")), "{toml}: {refused}");
    }
    let short = Given::new().variable("TASTEMAKER_CONSOLE__TOKEN", "short").refused();
    assert_eq!(
        short,
        "bad configuration: the variable TASTEMAKER_CONSOLE__TOKEN: console.token: a token has at least 16 characters"
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let given = Given::new()
        .file("listne = 'x'\n[training]\nauto = 3\nside_by_side = 0\n[[s3.external]]\nretries = 'x'\n")
        .variable("TASTEMAKER_LIMITS__SCHEMAS", "0");
    let refused = given.refused();
    for line in [
        "bad configuration, 6 faults:",
        "  t.toml:1: unknown key listne; did you mean listen?",
        "  t.toml:3: training.auto must be true or false, not 3",
        "  t.toml:4: training.side_by_side must be a whole number of at least 1, not 0",
        "  t.toml:6: s3.external.0.retries must be a whole number of at least 0, not 'x'",
        "  t.toml:5: s3.external.0: missing field `bucket`",
        "  the variable TASTEMAKER_LIMITS__SCHEMAS: limits.schemas must be a whole number of at least 1, not 0",
    ] {
        assert!(refused.lines().any(|told| told == line), "{line} is not in\n{refused}");
    }
}

#[test]
fn variables_are_read_by_the_kind_of_their_setting() -> Result<()> {
    let config = Given::new()
        .variable("TASTEMAKER_ACCOUNT_ID", "012345678901")
        .variable("TASTEMAKER_RECOMMENDATIONS__CAMPAIGN", "42")
        .variable("TASTEMAKER_TRAINING__AUTO", " false")
        .variable("TASTEMAKER_HTTP__HOSTS", "[\"a\", \"b\"]")
        .variable("TASTEMAKER_TLS__MINIMUM_VERSION", "1.3")
        .variable("TASTEMAKER_ROLE", "api, serving, worker")
        .variable("TASTEMAKER_RECOMMENDATIONS__RECOMMENDERS__HOME__NUM_RESULTS", "4")
        .variable("TASTEMAKER_RECOMMENDATIONS__RECOMMENDERS__HOME__FILTER", "7")
        .variable("TASTEMAKER_S3__EXTERNAL", "[{bucket = \"b\", retries = 3}]")
        .load()?;
    assert_eq!((config.account_id.as_str(), config.recommendations.campaign.as_deref()), ("012345678901", Some("42")));
    assert_eq!((config.training.auto, config.http.hosts.as_slice()), (false, &["a".to_owned(), "b".to_owned()][..]));
    let home = &config.recommendations.recommenders["home"];
    assert_eq!((home.num_results, home.filter.as_deref()), (Some(4), Some("7")));
    assert_eq!((config.s3.external[0].bucket.as_str(), config.s3.external[0].retries), ("b", 3));
    Ok(())
}

#[test]
fn settings_within_lists_have_variables() -> Result<()> {
    let file = "[[s3.external]]\nbucket = 'one'\nretries = 2\n[[s3.external]]\nbucket = 'two'\n";
    let given = Given::new()
        .file(file)
        .variable("TASTEMAKER_S3__EXTERNAL__1__RETRIES", "9")
        .variable("TASTEMAKER_S3__EXTERNAL__2__BUCKET", "three")
        .variable("TASTEMAKER_WEBHOOKS__0__URL", "https://shop.example/hook")
        .variable("TASTEMAKER_WEBHOOKS__0__SECRET", "whsec_aGlkZGVuIHNlY3JldCBvZiBhIHJlY2VpdmVyIQ==")
        .variable("TASTEMAKER_BRAZE__WEBHOOK__ORDERS__0__MATCH", "{a = \"b\"}")
        .variable("TASTEMAKER_BRAZE__WEBHOOK__ORDERS__0__EVENT_TYPE", "Purchase");
    let mut config = given.load();
    if let Err(error) = &config {
        panic!("{error:#}");
    }
    let config = config.as_mut().expect("loaded");
    let buckets: Vec<_> = config.s3.external.iter().map(|rule| (rule.bucket.as_str(), rule.retries)).collect();
    assert_eq!(buckets, [("one", 2), ("two", 9), ("three", 6)]);
    assert_eq!(config.webhooks[0].url, "https://shop.example/hook");
    let source =
        config.effective.iter().find(|setting| setting.key == "s3.external").and_then(|found| found.source.clone());
    assert!(matches!(source, Some(Source::Variable(_))), "{source:?}");

    // Eleven entries: the tenth is behind the ninth, not behind the first.
    let many = (0..11).fold(Given::new(), |given, n| {
        given.variable(&format!("TASTEMAKER_S3__EXTERNAL__{n}__BUCKET"), format!("bucket-{n}"))
    });
    let config = many.load()?;
    assert_eq!(config.s3.external.len(), 11);
    assert_eq!(config.s3.external[10].bucket, "bucket-10");
    // An entry in its variables, and the whole list in one.
    let whole = Given::new()
        .variable("TASTEMAKER_S3__EXTERNAL", "[{bucket = \"b\", retries = 3}]")
        .variable("TASTEMAKER_S3__EXTERNAL__0__RETRIES", "4");
    assert_eq!(whole.load()?.s3.external[0].retries, 4);

    let gap = Given::new().file(file).variable("TASTEMAKER_S3__EXTERNAL__3__BUCKET", "x").refused();
    assert_eq!(
        gap,
        "bad configuration: the variable TASTEMAKER_S3__EXTERNAL__3__BUCKET: s3.external.3.bucket: the next place in the list \
         s3.external is 2; places are numbered from 0, and none is left out"
    );
    let gap = Given::new().variable("TASTEMAKER_WEBHOOKS__1__SECRET", "hidden").refused();
    assert!(
        gap.contains("TASTEMAKER_WEBHOOKS__1__SECRET: webhooks.1.secret: the next place in the list webhooks is 0"),
        "{gap}"
    );
    assert!(!gap.contains("hidden"), "{gap}");
    let half = Given::new().variable("TASTEMAKER_S3__EXTERNAL__0__RETRIES", "3").refused();
    assert!(half.contains("s3.external.0: missing field `bucket`"), "{half}");
    Ok(())
}

#[test]
fn later_sources_win_and_are_named() -> Result<()> {
    let given = Given::new()
        .file("region = 'eu-west-1'\naccount_id = '123456789012'\n[training]\nauto = false\n[store]\nrecords = 'postgres://u:hidden@h/d'\n")
        .variable("TASTEMAKER_REGION", "eu-west-2")
        .variable("TASTEMAKER_TRAINING__AUTO", "true")
        .flags(&["--region", "eu-west-3", "--tls-certificate", "c", "--tls-key", "k"]);
    let config = given.load()?;
    assert_eq!((config.region.as_str(), config.training.auto), ("eu-west-3", true));
    let told = |key: &str| {
        let setting = config.effective.iter().find(|setting| setting.key == key).expect(key);
        (setting.value.to_string(), setting.source.as_ref().map(ToString::to_string).unwrap_or_default())
    };
    let file = given.flags.config.as_ref().expect("a file").display();
    assert_eq!(told("region"), ("\"eu-west-3\"".to_owned(), "the flag --region".to_owned()));
    assert_eq!(told("tls.key"), ("\"k\"".to_owned(), "the flag --tls-key".to_owned()));
    assert_eq!(told("account_id").1, format!("{file}:2"));
    assert_eq!(told("training.auto").1, "the variable TASTEMAKER_TRAINING__AUTO");
    assert_eq!(
        told("training.side_by_side"),
        ("3".to_owned(), String::new()),
        "a default beside a setting of the file"
    );
    assert_eq!(told("store.records"), ("\"postgres://u:***@h/d\"".to_owned(), format!("{file}:6")));
    Ok(())
}

/// Every secret by every way: a variable, the file of a variable, a credential; and two ways at once, which are refused.
#[test]
fn secrets_come_from_files_and_credentials() -> Result<()> {
    let mut found = 0;
    for key in keys().filter(|key| key.secret) {
        let (name, variable) = (key.name().replace("[]", ".0"), key.variable().replace("<N>", "0"));
        let secret = match name.as_str() {
            "store.records" | "store.events" => "postgres://u:hidden@h/d",
            "webhooks.0.secret" => "whsec_aGlkZGVuIHNlY3JldCBvZiBhIHJlY2VpdmVyIQ==",
            _ => "a-hidden-token-of-its-own",
        };
        // Settings that some of them are given with.
        let new = || {
            let with = match name.as_str() {
                "auth.first_secret_access_key" => ("TASTEMAKER_AUTH__FIRST_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
                "webhooks.0.secret" => ("TASTEMAKER_WEBHOOKS__0__URL", "https://shop.example/hook"),
                _ => return Given::new(),
            };
            Given::new().variable(with.0, with.1)
        };
        let secret_of = |config: &Config| {
            let first = config.auth.first_secret_access_key.as_ref().map(|secret| secret.reveal());
            let receivers: Vec<_> = config.webhooks.iter().map(|webhook| webhook.secret.clone()).collect();
            let plain = format!("{first:?}{:?}{:?}", config.console.token.as_ref().map(|token| token.reveal()), {
                let store = &config.store;
                [&store.records, &store.events].map(|database| match database {
                    crate::store_config::Database::Postgres(url) => url.to_string(),
                    crate::store_config::Database::Sqlite => String::new(),
                })
            });
            (plain, receivers)
        };
        let plain = secret_of(&new().variable(&variable, secret).load()?);
        let with_file = |text: &str| {
            let given = new();
            let path = given.write("secret", text);
            given.variable(&format!("{variable}_FILE"), path)
        };
        let with_credential = |given: Given, text: &str| {
            given.write(&format!("credentials/{name}"), text);
            let directory = given.directory.path().join("credentials");
            given.variable("CREDENTIALS_DIRECTORY", directory)
        };
        let source = |config: &Config| {
            config
                .effective
                .iter()
                .find(|setting| name.starts_with(&setting.key))
                .and_then(|setting| setting.source.clone())
        };
        if name == "webhooks.0.secret" {
            // The variable with _FILE is that of the setting secret_file beside it.
            let of_file = with_file(&format!("{secret}\n")).load()?;
            assert!(of_file.webhooks[0].secret_file.is_some() && of_file.webhooks[0].secret.is_none());
            let of_credential = with_credential(new(), &format!("{secret}\r\n")).load()?;
            assert!(
                secret_of(&of_credential) == plain && matches!(source(&of_credential), Some(Source::Credential(_)))
            );
            assert!(!format!("{of_credential:?}").contains("aGlkZGVu"));
            let both = with_credential(new().variable(&variable, secret), secret).refused();
            assert!(both.contains("by the variable TASTEMAKER_WEBHOOKS__0__SECRET and by the credential "), "{both}");
            found += 1;
            continue;
        }
        let of_file = with_file(&format!("{secret}\n")).load()?;
        assert_eq!(secret_of(&of_file), plain, "{name}");
        assert!(matches!(source(&of_file), Some(Source::SecretFile { .. })), "{name}");
        let of_credential = with_credential(new(), &format!("{secret}\r\n")).load()?;
        assert_eq!(secret_of(&of_credential), plain, "{name}");
        assert!(matches!(source(&of_credential), Some(Source::Credential(_))), "{name}");
        let shown = format!("{:?}{:?}", of_file.effective, of_credential);
        assert!(!shown.contains("hidden") && !shown.contains("aGlkZGVu"), "{shown}");

        let both = with_file(secret).variable(&variable, secret).refused();
        let words =
            format!("{name}: the same secret is given by the variable {variable} and by the variable {variable}_FILE");
        assert!(both.contains(&words) && !both.contains("hidden"), "{both}");
        let both = with_credential(new().variable(&variable, secret), secret).refused();
        assert!(both.contains(&format!("by the variable {variable} and by the credential ")), "{both}");
        let both = with_credential(with_file(secret), secret).refused();
        assert!(both.contains(&format!("by the variable {variable}_FILE and by the credential ")), "{both}");

        let empty = with_file("\n").refused();
        assert!(empty.contains(&format!("{name}: the variable {variable}_FILE: secret is empty")), "{empty}");
        let absent = new().variable(&format!("{variable}_FILE"), "/absent/secret").refused();
        assert!(absent.contains("cannot read /absent/secret"), "{absent}");
        let empty = with_credential(new(), "").refused();
        assert!(empty.contains(&format!("credentials/{name} is empty")), "{empty}");
        found += 1;
    }
    assert!(found >= 5, "{found}");
    Ok(())
}

#[test]
fn files_that_settings_name_may_be_credentials() -> Result<()> {
    let mut found = 0;
    for key in keys().filter(|key| key.file) {
        let name = key.name();
        let given = Given::new();
        let path = given.write(&format!("credentials/{name}"), "text");
        let given = given.variable("CREDENTIALS_DIRECTORY", path.parent().expect("a folder"));
        let value = || {
            // Alone, some are refused by a rule; then the place is told.
            let told = given.load().map(|config| {
                let setting = config.effective.iter().find(|setting| setting.key == name).expect("shown");
                assert_eq!(setting.value, path.display().to_string());
                format!("{:?}", setting.source)
            });
            told.unwrap_or_else(|error| format!("{error:#}"))
        };
        assert!(value().contains("redential"), "{name}: {}", value());
        let variable = key.variable();
        let both = given.variable(&variable, "elsewhere").refused();
        assert!(both.contains(&format!("by the variable {variable} and by the credential")), "{both}");
        found += 1;
    }
    assert!(found >= 5, "{found}");
    Ok(())
}

#[test]
fn unknown_variables_are_told_with_what_was_meant() -> Result<()> {
    let given = Given::new()
        .variable("TASTEMAKER_RECOMMENDATIONS__CAMPAIN", "x")
        .variable("TASTEMAKER_RECOMMENDATIONS__RECOMMENDERS__HOME__NUM_RESULT", "3")
        .variable("TASTEMAKER_TOKEN", "x")
        .variable("TASTEMAKER_LISTEN_FILE", "x")
        .variable("TASTEMAKER_WEBHOOKS__URL", "x")
        .variable("TASTEMAKER_S3__EXTERNAL__0__BUCKT", "x")
        .variable("TASTEMAKER_LOG", "warn");
    let layers = crate::config_sources::Layers::collect(&given.flags, &given.environment)?;
    assert_eq!(
        layers.unknown_variables,
        [
            "the variable TASTEMAKER_LISTEN_FILE sets nothing",
            "the variable TASTEMAKER_RECOMMENDATIONS__CAMPAIN sets nothing; did you mean TASTEMAKER_RECOMMENDATIONS__CAMPAIGN?",
            "the variable TASTEMAKER_RECOMMENDATIONS__RECOMMENDERS__HOME__NUM_RESULT sets nothing; did you mean \
             TASTEMAKER_RECOMMENDATIONS__RECOMMENDERS__HOME__NUM_RESULTS?",
            "the variable TASTEMAKER_S3__EXTERNAL__0__BUCKT sets nothing; did you mean TASTEMAKER_S3__EXTERNAL__0__BUCKET?",
            "the variable TASTEMAKER_TOKEN sets nothing",
            "the variable TASTEMAKER_WEBHOOKS__URL sets nothing; webhooks is a list whose places are numbered from 0: did you mean \
             TASTEMAKER_WEBHOOKS__0__URL?",
        ]
    );
    Ok(())
}
