//! `tastemaker env`: what a shell needs so that the AWS CLI and every SDK talk to this server.

use crate::config::{Config, ConfigFlags, reachable};
use crate::data_dir::Credentials;
use anyhow::Result;

/// Prints `export` lines for `eval "$(tastemaker env)"`.
pub fn run(flags: &ConfigFlags) -> Result<()> {
    let config = Config::load(flags)?;
    let credentials = Credentials::load_or_create(&config.data_dir)?;
    print!("{}", lines(&config, &credentials));
    Ok(())
}

fn lines(config: &Config, credentials: &Credentials) -> String {
    let address = reachable(&config.listen);
    let pairs = [
        ("AWS_ENDPOINT_URL", format!("http://{address}")),
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.clone()),
        // The CLI and boto3 read the one name, the SDK for JavaScript only the other.
        ("AWS_DEFAULT_REGION", config.region.clone()),
        ("AWS_REGION", config.region.clone()),
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
        };
        let config = Config { listen: "0.0.0.0:4100".into(), ..Config::default() };
        assert_eq!(
            lines(&config, &credentials),
            "export AWS_ENDPOINT_URL='http://127.0.0.1:4100'\nexport AWS_ACCESS_KEY_ID='TMKEY'\n\
             export AWS_SECRET_ACCESS_KEY='secret'\nexport AWS_DEFAULT_REGION='us-east-1'\n\
             export AWS_REGION='us-east-1'\n"
        );
    }
}
