//! `tastemaker env`: what a shell needs so that the AWS CLI and every SDK talk to this server.

use crate::config::{Config, ConfigFlags, reachable};
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
    let address = if address.is_empty() { &config.listen } else { &address };
    print!("{}", lines(address, &config.region, &credentials));
    Ok(())
}

/// The lines for a server that listens on `listen`.
pub fn lines(listen: &str, region: &str, credentials: &Credentials) -> String {
    let address = reachable(listen);
    let pairs = [
        ("AWS_ENDPOINT_URL", format!("http://{address}")),
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
    }
}
