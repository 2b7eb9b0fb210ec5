//! `tastemaker keys`: access keys of users, made, listed, replaced, switched off and deleted by the identity service's own actions, of
//! a server that runs or on the data directory of one that does not.

use super::server_client::ServerClient;
use crate::client_tls::ClientTlsFlags;
use crate::config::{Config, ConfigFlags};
use crate::data_dir::DataDir;
use crate::storage::Storage;
use anyhow::{Context, Result, anyhow, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tastemaker_domain::iam::policy::PolicyDocument;
use tastemaker_domain::iam::presets::{PRESETS, preset};
use tastemaker_http::iam::{self, Account, Form};
use tastemaker_http::state::ServingHooks;
use tastemaker_service::{Ctx, DEPLOY_WAIT_DEFAULT, ParameterKey};
use tastemaker_serving::Serving;

/// The inline policy that `create` writes.
const POLICY_NAME: &str = "tastemaker-keys";

/// Make and manage access keys.
#[derive(Debug, clap::Subcommand)]
pub enum KeysCommand {
    /// Make an access key for a user, who is made when there is none of the name; the secret is shown this once
    Create(CreateFlags),
    /// List users' access keys with the requests of all processes
    List(ListFlags),
    /// Make a key in the place of another, which holds 24 hours more
    Rotate(KeyFlags),
    /// Switch a key off
    Disable(KeyFlags),
    /// Switch a key on again
    Enable(KeyFlags),
    /// Delete a key
    Delete(KeyFlags),
}

/// Flags that name the server and the way to it.
#[derive(Debug, clap::Args)]
pub struct DoorFlags {
    #[command(flatten)]
    config: ConfigFlags,
    #[command(flatten)]
    tls: ClientTlsFlags,
}

/// Flags of `keys create`.
#[derive(Debug, clap::Args)]
pub struct CreateFlags {
    /// User who gets the key
    #[arg(long, value_name = "NAME")]
    user: String,
    /// What the user may do: events-and-recommendations, read-only, all, or a file with a policy in JSON
    #[arg(long, value_name = "PRESET|FILE")]
    policy: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: DoorFlags,
}

/// Flags of `keys list`.
#[derive(Debug, clap::Args)]
pub struct ListFlags {
    /// Only the keys of this user
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: DoorFlags,
}

/// Flags of the commands that are about one key.
#[derive(Debug, clap::Args)]
pub struct KeyFlags {
    /// Id of the key
    #[arg(value_name = "KEY_ID")]
    key_id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: DoorFlags,
}

/// A key as the identity service shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all(deserialize = "PascalCase"))]
struct Key {
    user_name: String,
    access_key_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_access_key: Option<String>,
    status: String,
    create_date: String,
    expire_date: Option<String>,
    #[serde(default, skip_serializing_if = "Requests::is_empty")]
    requests: Requests,
    #[serde(default)]
    throttled: u64,
    #[serde(default)]
    bytes_in: u64,
    #[serde(default)]
    bytes_out: u64,
    last_used_date: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
struct Requests {
    #[serde(default)]
    member: Vec<FamilyCount>,
}

impl Requests {
    fn is_empty(&self) -> bool {
        self.member.is_empty()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all(deserialize = "PascalCase"))]
struct FamilyCount {
    family: String,
    count: u64,
}

#[derive(Deserialize)]
struct MadeKey {
    #[serde(alias = "CreateAccessKeyResult", alias = "RotateAccessKeyResult")]
    result: MadeKeyResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MadeKeyResult {
    access_key: Key,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Usage {
    list_access_key_usage_result: UsageResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UsageResult {
    access_key_usage: UsageList,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Deserialize)]
struct UsageList {
    #[serde(default)]
    member: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refusal {
    error: RefusalText,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RefusalText {
    code: String,
    message: String,
}

/// Runs a command.
pub async fn run(command: &KeysCommand) -> Result<()> {
    match command {
        KeysCommand::Create(flags) => create(flags).await,
        KeysCommand::List(flags) => list(flags).await,
        KeysCommand::Rotate(flags) => {
            let door = Door::open(&flags.server).await?;
            let text = door.call(&[("Action", "RotateAccessKey"), ("AccessKeyId", &flags.key_id)]).await?;
            show_made(read::<MadeKey>(&text)?.result.access_key, flags.json)?;
            if !flags.json {
                println!("{} holds 24 hours more", flags.key_id);
            }
            Ok(())
        }
        KeysCommand::Disable(flags) => switch(flags, &[("Action", "UpdateAccessKey"), ("Status", "Inactive")]).await,
        KeysCommand::Enable(flags) => switch(flags, &[("Action", "UpdateAccessKey"), ("Status", "Active")]).await,
        KeysCommand::Delete(flags) => switch(flags, &[("Action", "DeleteAccessKey")]).await,
    }
}

async fn create(flags: &CreateFlags) -> Result<()> {
    let document = flags.policy.as_deref().map(policy).transpose()?;
    let door = Door::open(&flags.server).await?;
    let user = flags.user.as_str();
    match door.try_call(&[("Action", "CreateUser"), ("UserName", user)]).await? {
        Ok(_) => {}
        Err(refusal) if refusal.code == "EntityAlreadyExists" && !user.eq_ignore_ascii_case("tastemaker") => {}
        Err(refusal) => bail!("{}: {}", refusal.code, refusal.message),
    }
    if let Some(document) = &document {
        let put = [
            ("Action", "PutUserPolicy"),
            ("UserName", user),
            ("PolicyName", POLICY_NAME),
            ("PolicyDocument", document.as_str()),
        ];
        door.call(&put).await?;
    }
    let text = door.call(&[("Action", "CreateAccessKey"), ("UserName", user)]).await?;
    show_made(read::<MadeKey>(&text)?.result.access_key, flags.json)?;
    if document.is_none() && !flags.json {
        println!("without --policy the user may do what its policies allow; a new user has none and may do nothing");
    }
    Ok(())
}

/// The policy of a preset or a file.
fn policy(given: &str) -> Result<String> {
    if let Some(preset) = preset(given) {
        return Ok(preset.document.to_owned());
    }
    let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
    let text = std::fs::read_to_string(Path::new(given)).with_context(|| {
        format!("--policy '{given}' is neither one of [{}] nor a file that can be read", names.join(", "))
    })?;
    PolicyDocument::parse_text(&text).map_err(|error| anyhow!("--policy {given}: {error}"))?;
    Ok(text)
}

async fn list(flags: &ListFlags) -> Result<()> {
    let keys = Door::open(&flags.server).await?.keys(flags.user.as_deref()).await?;
    if flags.json {
        println!("{}", serde_json::to_string_pretty(&keys)?);
        return Ok(());
    }
    if keys.is_empty() {
        println!("there are no keys of users; the server's own key is in credentials.json");
        return Ok(());
    }
    println!(
        "{:<22} {:<24} {:<9} {:<21} {:<21} {:>10} {:>10}",
        "KEY", "USER", "STATUS", "ENDS", "LAST USED", "REQUESTS", "THROTTLED"
    );
    for key in keys {
        let requests: u64 = key.requests.member.iter().map(|family| family.count).sum();
        println!(
            "{:<22} {:<24} {:<9} {:<21} {:<21} {:>10} {:>10}",
            key.access_key_id,
            key.user_name,
            key.status,
            key.expire_date.as_deref().unwrap_or("-"),
            key.last_used_date.as_deref().unwrap_or("-"),
            requests,
            key.throttled
        );
    }
    Ok(())
}

/// Changes one key, which is named with its user.
async fn switch(flags: &KeyFlags, action: &[(&str, &str)]) -> Result<()> {
    let door = Door::open(&flags.server).await?;
    let found = door.keys(None).await?.into_iter().find(|key| key.access_key_id == flags.key_id);
    let found = found.with_context(|| format!("no user has the access key {}", flags.key_id))?;
    let mut pairs = action.to_vec();
    pairs.extend([("UserName", found.user_name.as_str()), ("AccessKeyId", flags.key_id.as_str())]);
    door.call(&pairs).await?;
    let rest: Vec<Key> = door.keys(None).await?.into_iter().filter(|key| key.access_key_id == flags.key_id).collect();
    match (flags.json, rest.first()) {
        (true, rest) => println!("{}", serde_json::to_string_pretty(&rest)?),
        (false, Some(key)) => println!("{} of {} is {}", key.access_key_id, key.user_name, key.status),
        (false, None) => println!("{} of {} is deleted", flags.key_id, found.user_name),
    }
    Ok(())
}

fn show_made(key: Key, json: bool) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(&key)?);
        return Ok(());
    }
    let secret = key.secret_access_key.context("the server gave no secret")?;
    println!("user               {}", key.user_name);
    println!("access key id      {}", key.access_key_id);
    println!("secret access key  {secret}");
    Ok(())
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    quick_xml::de::from_str(text).with_context(|| format!("the answer cannot be read: {text}"))
}

/// The identity service: that of a running server, or its actions on a data directory.
enum Door {
    Running(Box<ServerClient>),
    Stopped { ctx: Box<Ctx>, region: String, _data: DataDir },
}

impl Door {
    async fn open(flags: &DoorFlags) -> Result<Self> {
        let config = Config::load(&flags.config)?;
        let running = match ServerClient::of_environment(&flags.config, &flags.tls, &config)? {
            Some(client) => Some(client),
            None => ServerClient::of_directory(&flags.tls, &config)?,
        };
        if let Some(client) = running {
            return Ok(Self::Running(Box::new(client)));
        }
        let directory = config.data_dir.display();
        if !config.data_dir.join("credentials.json").exists() {
            bail!("{directory} is no data directory: it has no credentials.json; the server makes it when it starts");
        }
        let data = DataDir::open(&config.data_dir)?;
        let storage = Storage::open(&data, &config).await?;
        let hooks = ServingHooks::of(&Arc::new(Serving::new()));
        let ctx = Ctx {
            stores: storage.stores.clone(),
            clock: Arc::new(now_ms),
            account: config.account_id.clone(),
            observe: hooks.observe,
            recall: hooks.recall,
            filters_changed: hooks.filters_changed,
            quotas: config.limits.quotas(),
            deploy_wait: DEPLOY_WAIT_DEFAULT,
            tracker_cache: Arc::default(),
            odd_event_times: Arc::default(),
            parameter_key: Arc::new(ParameterKey::random()),
        };
        Ok(Self::Stopped { ctx: Box::new(ctx), region: config.region, _data: data })
    }

    async fn call(&self, pairs: &[(&str, &str)]) -> Result<String> {
        self.try_call(pairs).await?.map_err(|refusal| anyhow!("{}: {}", refusal.code, refusal.message))
    }

    async fn try_call(&self, pairs: &[(&str, &str)]) -> Result<Result<String, RefusalText>> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        match self {
            Self::Running(client) => {
                let (status, text) = client.form("iam", &body)?;
                if status == 200 {
                    return Ok(Ok(text));
                }
                Ok(Err(read::<Refusal>(&text).with_context(|| format!("the server answered {status}"))?.error))
            }
            Self::Stopped { ctx, region, .. } => {
                let form = Form::read(body.as_bytes(), "");
                let action = form.get("Action").unwrap_or_default().to_owned();
                let account = Account { ctx, usage: None, region };
                let outcome = iam::answer(&account, &action, &form, "0").await;
                let outcome = outcome.with_context(|| format!("there is no action {action}"))?;
                Ok(outcome.map_err(|error| RefusalText { code: error.code.to_owned(), message: error.message }))
            }
        }
    }

    /// The keys of a user, or of all.
    async fn keys(&self, user: Option<&str>) -> Result<Vec<Key>> {
        let (mut keys, mut marker) = (Vec::new(), None::<String>);
        loop {
            let mut pairs = vec![("Action", "ListAccessKeyUsage"), ("MaxItems", "1000")];
            pairs.extend(user.map(|user| ("UserName", user)));
            pairs.extend(marker.as_deref().map(|marker| ("Marker", marker)));
            let page = read::<Usage>(&self.call(&pairs).await?)?.list_access_key_usage_result;
            keys.extend(page.access_key_usage.member);
            marker = page.marker.filter(|_| page.is_truncated);
            if marker.is_none() {
                return Ok(keys);
            }
        }
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_presets_or_files() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("policy.json");
        std::fs::write(&file, r#"{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "bucket"}]}"#)?;
        let error = policy(&file.display().to_string()).expect_err("no ARN").to_string();
        assert!(error.contains("policy.json") && error.contains("Statement[0].Resource"), "{error}");
        std::fs::write(&file, r#"{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#)?;
        assert!(policy(&file.display().to_string())?.contains("s3:*"));
        assert!(policy("read-only")?.contains("personalize:Describe*"));
        let error = format!("{:#}", policy("read-everything").expect_err("neither"));
        assert!(error.contains("events-and-recommendations, read-only, all"), "{error}");
        Ok(())
    }

    #[test]
    fn answers_are_read() -> Result<()> {
        let made = "<RotateAccessKeyResponse xmlns=\"x\"><RotateAccessKeyResult><AccessKey><UserName>shop</UserName>\
                    <AccessKeyId>AKIA1</AccessKeyId><Status>Active</Status><CreateDate>2026-01-02T03:04:05Z</CreateDate>\
                    <SecretAccessKey>s</SecretAccessKey></AccessKey></RotateAccessKeyResult><ResponseMetadata>\
                    <RequestId>r</RequestId></ResponseMetadata></RotateAccessKeyResponse>";
        let key = read::<MadeKey>(made)?.result.access_key;
        assert_eq!((key.user_name.as_str(), key.secret_access_key.as_deref()), ("shop", Some("s")));
        let none = "<ListAccessKeyUsageResponse><ListAccessKeyUsageResult><AccessKeyUsage></AccessKeyUsage><IsTruncated>false\
                    </IsTruncated></ListAccessKeyUsageResult></ListAccessKeyUsageResponse>";
        assert!(read::<Usage>(none)?.list_access_key_usage_result.access_key_usage.member.is_empty());
        Ok(())
    }
}
