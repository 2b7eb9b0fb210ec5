//! Files that offline commands read: of this machine, or objects as `s3://bucket/key`, `gs://bucket/key` and `az://container/key`,
//! which are reached as the AWS CLI and the clouds' own tools reach them.

use anyhow::{Result, anyhow};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;
use tastemaker_store::external_buckets::open_object;
use tastemaker_store::remote::{Credentials, Location, Provider, RemoteSettings};
use tokio::runtime::Runtime;

/// Opens a path or a location for reading from its beginning.
pub fn open(path: &Path) -> Result<Box<dyn Read + Send>> {
    let Some(location) = path.to_str().and_then(Location::parse) else { return Ok(Box::new(File::open(path)?)) };
    match location.map_err(|text| anyhow!(text))? {
        Location::File(path) => Ok(Box::new(File::open(path)?)),
        bucket => {
            let settings = settings(&bucket, |name| std::env::var(name).ok().filter(|value| !value.is_empty()));
            Ok(Box::new(runtime()?.block_on(open_object(&bucket, &settings))?))
        }
    }
}

/// The settings that the AWS CLI takes from the environment.
fn settings(location: &Location, variable: impl Fn(&str) -> Option<String>) -> RemoteSettings {
    let Location::Bucket { provider: Provider::S3, .. } = location else { return RemoteSettings::default() };
    let profile = variable("AWS_PROFILE");
    let has_keys = variable("AWS_ACCESS_KEY_ID").is_some();
    RemoteSettings {
        endpoint: variable("AWS_ENDPOINT_URL_S3").or_else(|| variable("AWS_ENDPOINT_URL")),
        credentials: if profile.is_some() && !has_keys { Credentials::Profile } else { Credentials::Environment },
        profile: profile.filter(|_| !has_keys),
        ..RemoteSettings::default()
    }
}

/// The threads that bytes arrive on, kept until the process ends: files are read as long as it works.
fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    match RUNTIME.get() {
        Some(runtime) => Ok(runtime),
        None => {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
            Ok(RUNTIME.get_or_init(|| runtime))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_reached_as_the_aws_cli_reaches_them() {
        let location = |text: &str| Location::parse(text).expect("a scheme").expect("a location");
        let of = |text, variables: &[(&str, &str)]| {
            let found = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
            settings(&location(text), found)
        };
        let both = [("AWS_ENDPOINT_URL", "http://a"), ("AWS_ENDPOINT_URL_S3", "http://b")];
        assert_eq!(of("s3://b/k", &both).endpoint.as_deref(), Some("http://b"));
        assert_eq!(of("s3://b/k", &both[..1]).endpoint.as_deref(), Some("http://a"));
        assert_eq!(of("gs://b/k", &both), RemoteSettings::default());
        let profile = of("s3://b/k", &[("AWS_PROFILE", "shop")]);
        assert_eq!((profile.credentials, profile.profile.as_deref()), (Credentials::Profile, Some("shop")));
        let keys = of("s3://b/k", &[("AWS_PROFILE", "shop"), ("AWS_ACCESS_KEY_ID", "k")]);
        assert_eq!((keys.credentials, keys.profile), (Credentials::Environment, None));
    }

    #[test]
    fn files_are_read_by_path_and_by_location() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "x").expect("written");
        for name in [file.path().display().to_string(), format!("file://{}", file.path().display())] {
            let mut text = String::new();
            open(Path::new(&name)).expect(&name).read_to_string(&mut text).expect("read");
            assert_eq!(text, "x");
        }
        let refused = open(Path::new("https://host/in.csv")).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(refused.contains("s3://, gs://, az:// or file:///"), "{refused}");
    }
}
