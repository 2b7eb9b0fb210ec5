//! `tastemaker webhooks`: a sample for a receiver, and the changes that receivers did not take.

use super::server_client::ServerClient;
use super::tables::{number, table, text};
use crate::client_tls::ClientTlsFlags;
use crate::clock::now_ms;
use crate::config::{Config, ConfigFlags};
use crate::webhooks::{Receiver, Secret, Signer};
use crate::webhooks_config::receivers;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::time::Duration;
use tastemaker_store::records::StateChange;

/// `tastemaker webhooks`.
#[derive(clap::Subcommand)]
pub enum WebhooksCommand {
    /// Send a sample to a receiver, once, and say what it answers
    Test(TestFlags),
    /// List the changes that receivers did not take, or send them again
    DeadLetters(DeadLettersFlags),
}

/// Flags of `webhooks test`.
#[derive(clap::Args)]
pub struct TestFlags {
    /// Address of the receiver; one of the configuration is signed with its own secret
    url: String,
    /// Secret that signs the sample, where the configuration has none
    #[arg(long, env = "TASTEMAKER_WEBHOOK_SECRET", hide_env_values = true)]
    secret: Option<String>,
    #[command(flatten)]
    config: ConfigFlags,
}

/// Flags of `webhooks dead-letters`.
#[derive(clap::Args)]
pub struct DeadLettersFlags {
    /// Send the one with this id again
    #[arg(long, value_name = "ID", conflicts_with = "all")]
    retry: Option<String>,
    /// Send all of them again
    #[arg(long)]
    all: bool,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFlags,
    #[command(flatten)]
    tls: ClientTlsFlags,
}

/// Runs a command.
pub fn run(command: &WebhooksCommand) -> Result<()> {
    match command {
        WebhooksCommand::Test(flags) => test(flags),
        WebhooksCommand::DeadLetters(flags) => dead_letters(flags),
    }
}

fn test(flags: &TestFlags) -> Result<()> {
    let config = Config::load(&flags.config)?;
    let configured = receivers(&config.webhooks)?.into_iter().find(|receiver| receiver.url == flags.url);
    let receiver = match (configured, &flags.secret) {
        (Some(receiver), None) => receiver,
        (_, Some(secret)) => Receiver {
            url: flags.url.clone(),
            host: String::new(),
            signer: Signer::new(&Secret::new(secret))?,
            events: Vec::new(),
            dataset_groups: Vec::new(),
            timeout: Duration::from_secs(10),
            attempts: 1,
            retry: Duration::from_secs(1),
        },
        (None, None) => bail!(
            "the configuration has no webhook with the url '{}'; give a secret with --secret or TASTEMAKER_WEBHOOK_SECRET",
            flags.url
        ),
    };
    let group = format!("arn:aws:personalize:{}:{}:dataset-group/sample", config.region, config.account_id);
    let at_ms = now_ms();
    let sample = StateChange {
        id: uuid::Uuid::new_v4().to_string(),
        number: 0,
        kind: "dataset-group".to_owned(),
        arn: group.clone(),
        dataset_group_arn: Some(group),
        status: "ACTIVE".to_owned(),
        previous_status: Some("CREATE IN_PROGRESS".to_owned()),
        failure_reason: None,
        is_update: false,
        at_ms,
    };
    match receiver.send(&receiver.agent(), &sample, at_ms / 1000) {
        Ok(status) => {
            println!("the receiver took the sample {} with HTTP status {status}", sample.id);
            Ok(())
        }
        Err(why) => bail!("the receiver did not take the sample: {why}"),
    }
}

fn dead_letters(flags: &DeadLettersFlags) -> Result<()> {
    let client = ServerClient::at_hand(&flags.config, &flags.tls)?;
    if flags.retry.is_some() || flags.all {
        let input = flags.retry.as_ref().map_or_else(|| json!({}), |id| json!({"id": id}));
        let retried = client.call("RetryDeadLetters", &input)?;
        if flags.json {
            println!("{retried}");
        } else {
            println!("{} are sent again", retried["retried"]);
        }
        return Ok(());
    }
    let found = client.call("ListDeadLetters", &json!({}))?;
    if flags.json {
        println!("{found}");
        return Ok(());
    }
    let letters = found["deadLetters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let row = |letter: &Value| {
        let mut row = letter.clone();
        let detail = &letter["event"]["detail"];
        row["resource"] = json!(detail["resourceArn"].as_str().and_then(|arn| arn.rsplit(':').next()));
        row["status"] = detail["status"].clone();
        row
    };
    let rows: Vec<Value> = letters.iter().map(row).collect();
    let columns = [
        text("ID", "id"),
        text("TIME", "time"),
        text("RESOURCE", "resource"),
        text("STATUS", "status"),
        number("ATTEMPTS", "attempts"),
        text("LAST ERROR", "lastError"),
    ];
    println!("{}", if rows.is_empty() { "no dead letters".to_owned() } else { table(&columns, &rows) });
    Ok(())
}
