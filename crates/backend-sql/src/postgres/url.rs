//! The URL of a PostgreSQL database, checked when it is read and shown without its password.

use std::fmt;
use std::str::FromStr;

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use url::Url;

/// The parameters behind `?` that are taken, besides `options[NAME]`.
const PARAMETERS: [&str; 12] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "hostaddr",
];

/// The name under which connections stand in `pg_stat_activity` unless the URL or `PGAPPNAME` gives another.
const APPLICATION_NAME: &str = "tastemaker";

/// A `postgres://` URL. What it leaves out is taken from `PGHOST`, `PGUSER`, `PGPASSWORD`, `PGPASSFILE`, `PGSSLMODE` and their like, as
/// by other clients.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(Url);

impl PostgresUrl {
    /// The settings of a connection.
    pub(crate) fn options(&self) -> Result<PgConnectOptions, String> {
        // The text of its errors may repeat a value, which may be a password in a wrong place.
        let options =
            PgConnectOptions::from_url(&self.0).map_err(|_| format!("{self} has a parameter with a bad value"))?;
        Ok(match options.get_application_name() {
            Some(_) => options,
            None => options.application_name(APPLICATION_NAME),
        })
    }
}

impl FromStr for PostgresUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rule = "must be postgres://USER@HOST:PORT/DATABASE";
        // Whatever does not parse may have its password anywhere, so it is not repeated.
        let url = Url::parse(text).map_err(|error| format!("{rule}; the value is no URL: {error}"))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(format!("{rule}, not a URL that begins with {}:", url.scheme()));
        }
        for (name, value) in url.query_pairs() {
            let is_option = name.starts_with("options[") && name.ends_with(']');
            if !is_option && !PARAMETERS.contains(&&*name) {
                return Err(format!("unknown parameter {name}; there are {}", PARAMETERS.join(", ")));
            }
            if value.is_empty() {
                return Err(format!("the parameter {name} has no value"));
            }
        }
        let url = Self(url);
        url.options()?;
        Ok(url)
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HIDDEN: &str = "***";
        let mut shown = self.0.clone();
        if shown.password().is_some() {
            // Fails for URLs that can have no password.
            let _ = shown.set_password(Some(HIDDEN));
        }
        if shown.query().is_some() {
            let hidden =
                |name: &str, value: &str| if name == "password" { HIDDEN.to_owned() } else { value.to_owned() };
            let pairs: Vec<_> = self.0.query_pairs().map(|(name, value)| (hidden(&name, &value), name)).collect();
            shown.query_pairs_mut().clear().extend_pairs(pairs.iter().map(|(value, name)| (name, value)));
        }
        shown.fmt(formatter)
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> PostgresUrl {
        text.parse().expect(text)
    }

    #[test]
    fn passwords_are_not_shown() {
        for (text, shown) in [
            ("postgres://u:s3cret@db:5433/tm", "postgres://u:***@db:5433/tm"),
            ("postgresql://u@db/tm?sslmode=verify-full", "postgresql://u@db/tm?sslmode=verify-full"),
            (
                "postgres:///tm?host=/run/pg&user=u&password=s3cret",
                "postgres:///tm?host=%2Frun%2Fpg&user=u&password=***",
            ),
        ] {
            let url = parsed(text);
            assert_eq!((url.to_string().as_str(), format!("{url:?}").as_str()), (shown, shown));
        }
    }

    #[test]
    fn what_is_said_is_taken() {
        let options = parsed("postgres://u%40x:p@db.example:5433/tm?sslmode=require").options().expect("options");
        let found = (options.get_host(), options.get_port(), options.get_username(), options.get_database());
        assert_eq!(found, ("db.example", 5433, "u@x", Some("tm")));
        assert!(matches!(options.get_ssl_mode(), sqlx::postgres::PgSslMode::Require));
        assert_eq!(options.get_application_name(), Some("tastemaker"));
        let named = parsed("postgres://db/tm?application_name=x&options[search_path]=y").options().expect("options");
        assert_eq!((named.get_application_name(), named.get_options()), (Some("x"), Some("-c search_path=y")));
    }

    #[test]
    fn what_is_no_url_of_a_database_is_refused_without_its_password() {
        for (text, why) in [
            ("mysql://u:s3cret@db/tm", "not a URL that begins with mysql:"),
            ("u:s3cret@db/tm", "not a URL that begins with u:"),
            ("//u:s3cret@db", "no URL"),
            ("postgres://u:s3cret@db:port/tm", "no URL"),
            ("postgres://u@db/tm?pasword=s3cret", "unknown parameter pasword; there are sslmode"),
            ("postgres://u@db/tm?sslmode=s3cret", "a bad value"),
            ("postgres://u:s3cret@db/tm?sslmode=", "sslmode has no value"),
        ] {
            let refused = text.parse::<PostgresUrl>().expect_err(text);
            assert!(
                refused.contains(why) && (!refused.contains("s3cret") || text.contains("sslmode=s3cret")),
                "{refused}"
            );
        }
    }
}
