//! `tastemaker env`: what a shell needs so that the AWS CLI and every SDK talk to this server.

use crate::config::{Config, ConfigFlags, noted_address, reachable_url};
use crate::data_dir::{Credentials, DataDir};
use anyhow::{Result, bail};

/// Prints `export` lines for `eval "$(tastemaker env)"`. Fails where no server runs: lines without one behind them would
/// only fail later.
pub fn run(flags: &ConfigFlags) -> Result<()> {
    let config = Config::load(flags)?;
    let directory = config.data_dir.display();
    let Some(address) = DataDir::running_address(&config.data_dir)? else {
        bail!(
            "no server runs on the data directory {directory}; start one with `tastemaker serve --data-dir {directory}`, or name \
             the directory of one that runs with --data-dir"
        );
    };
    let Some(credentials) = Credentials::existing(&config.data_dir)? else {
        bail!("the data directory {directory} has no credentials.json; the server makes it when it starts");
    };
    let address = if address.is_empty() { noted_address(&config.listen, &config.tls) } else { address };
    print!("{}", lines(&address, &config.region, &credentials));
    Ok(())
}

/// The lines for a server at an address as [`noted_address`] gives it.
pub fn lines(noted: &str, region: &str, credentials: &Credentials) -> String {
    let pairs = [
        ("AWS_ENDPOINT_URL", reachable_url(noted)),
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.clone()),
        // The CLI and boto3 read the one name, the SDK for JavaScript only the other.
        ("AWS_DEFAULT_REGION", region.to_owned()),
        ("AWS_REGION", region.to_owned()),
    ];
    pairs.iter().map(|(name, value)| format!("export {name}='{value}'\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_a_shell_takes() {
        let credentials = Credentials {
            access_key_id: "TMKEY".into(),
            secret_access_key: "secret".into(),
            recommendations_token: "token".into(),
            console_token: "console".into(),
        };
        assert_eq!(
            lines("0.0.0.0:4100", "us-east-1", &credentials),
            "export AWS_ENDPOINT_URL='http://127.0.0.1:4100'\nexport AWS_ACCESS_KEY_ID='TMKEY'\n\
             export AWS_SECRET_ACCESS_KEY='secret'\nexport AWS_DEFAULT_REGION='us-east-1'\n\
             export AWS_REGION='us-east-1'\n"
        );
        let over_tls = lines("https://0.0.0.0:4100", "us-east-1", &credentials);
        assert!(over_tls.starts_with("export AWS_ENDPOINT_URL='https://127.0.0.1:4100'\n"), "{over_tls}");
    }
}
