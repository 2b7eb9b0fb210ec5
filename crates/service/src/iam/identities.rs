//! The directory of keys, users and roles that every request is held against: read from the records when they change, with every
//! policy ready to decide.

use parking_lot::RwLock;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_domain::Result;
use tastemaker_domain::iam::policy::PolicyDocument;
use tastemaker_domain::iam::{AccessKey, Policy, Role, User, managed_document};
use tastemaker_domain::resource::TimeMs;
use tastemaker_store::records::{self, IDENTITIES_CHANNEL, load_identities_version};
use tastemaker_store::{Error, Records, Stores};

/// A user or a role with the policies on it.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyBearer {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its unique id.
    pub id: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Inline and attached policies.
    pub policies: Vec<Arc<PolicyDocument>>,
}

/// A user's key and the user.
#[derive(Debug, Clone)]
pub struct KnownKey {
    /// The key.
    pub key: AccessKey,
    /// Its user.
    pub user: Arc<PolicyBearer>,
}

/// All of them at one time.
#[derive(Debug, Default)]
pub struct Directory {
    version: u64,
    /// Users' keys by id.
    pub keys: HashMap<String, KnownKey>,
    /// Users by name.
    pub users: HashMap<String, Arc<PolicyBearer>>,
    /// Roles by name.
    pub roles: HashMap<String, Arc<PolicyBearer>>,
    /// The account's own policies by ARN.
    own_policies: HashMap<String, Arc<PolicyDocument>>,
}

/// The server's own keys, which may do everything, and the directory of all others.
#[derive(Default)]
pub struct Identities {
    own: HashMap<String, String>,
    directory: RwLock<Arc<Directory>>,
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identities").field("own", &self.own.keys()).finish_non_exhaustive()
    }
}

impl Identities {
    /// The server's own keys, as pairs of id and secret; nobody else is known before [`refresh`](Self::refresh).
    pub fn new(own: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { own: own.into_iter().collect(), directory: RwLock::default() }
    }

    /// The key that stands for the server itself.
    pub fn own_key(&self) -> Option<&str> {
        self.own.keys().map(String::as_str).min()
    }

    /// Whether a key is one of the server's own.
    pub fn is_own(&self, key_id: &str) -> bool {
        self.own.contains_key(key_id)
    }

    /// The secret of a key that may be used now.
    pub fn secret(&self, key_id: &str, now_ms: TimeMs) -> Option<String> {
        if let Some(secret) = self.own.get(key_id) {
            return Some(secret.clone());
        }
        let directory = self.directory.read();
        let known = directory.keys.get(key_id).filter(|known| known.key.is_usable(now_ms))?;
        Some(known.key.secret.clone())
    }

    /// The directory as it is now.
    pub fn directory(&self) -> Arc<Directory> {
        self.directory.read().clone()
    }

    /// Reads the records if they have changed since they were read last.
    pub async fn refresh(&self, records: &dyn Records) -> Result<()> {
        let version = match load_identities_version(records).await {
            // Damaged, it tells nothing: everything is read each time until the next change writes it anew.
            Err(Error::Corrupt(_)) => 0,
            loaded => loaded?,
        };
        // A directory without a change yet is read too: records of earlier builds have no version.
        if version != 0 && self.directory.read().version == version {
            return Ok(());
        }
        let read = Directory::read(records, version).await?;
        let mut directory = self.directory.write();
        // Of two that read at the same time, the one that began later knows more.
        if version == 0 || version >= directory.version {
            *directory = Arc::new(read);
        }
        Ok(())
    }

    /// Follows the records for ever: what another process changes counts here within `poll` at the latest.
    pub async fn follow(&self, stores: &Stores, poll: Duration) {
        loop {
            stores.wakeups.wait(IDENTITIES_CHANNEL, poll).await;
            if let Err(error) = self.refresh(&*stores.records).await {
                tracing::warn!(%error, "users and keys cannot be read; those that were read before still count");
            }
        }
    }
}

impl Directory {
    /// A policy of the account or of AWS; `None` for one that does not exist, or of which nothing is known here.
    pub fn policy(&self, arn: &str) -> Option<Arc<PolicyDocument>> {
        let known = || managed_document(arn).filter(|document| *document != "{}").map(|text| compiled(arn, text));
        self.own_policies.get(arn).cloned().or_else(known)
    }

    async fn read(records: &dyn Records, version: u64) -> Result<Self> {
        let own: HashMap<String, Arc<PolicyDocument>> = records::list::<Policy>(records)
            .await?
            .into_iter()
            .map(|(_, policy)| (policy.arn.clone(), compiled(&policy.arn, &policy.document)))
            .collect();
        let mut managed = HashMap::new();
        let mut policies = |arn: &str, inline: &BTreeMap<String, String>, attached: &BTreeMap<String, String>| {
            let mut all: Vec<Arc<PolicyDocument>> =
                inline.iter().map(|(name, document)| compiled(&format!("{arn} {name}"), document)).collect();
            for policy_arn in attached.keys() {
                if let Some(policy) = own.get(policy_arn) {
                    all.push(policy.clone());
                } else if let Some(document) = managed_document(policy_arn).filter(|document| *document != "{}") {
                    all.push(
                        managed.entry(policy_arn.clone()).or_insert_with(|| compiled(policy_arn, document)).clone(),
                    );
                }
            }
            all
        };
        let mut directory = Self { version, own_policies: own.clone(), ..Self::default() };
        for (_, user) in records::list::<User>(records).await? {
            let policies = policies(&user.arn, &user.inline, &user.attached);
            let User { name, arn, id, tags, .. } = user;
            directory.users.insert(name.clone(), Arc::new(PolicyBearer { name, arn, id, tags, policies }));
        }
        for (_, role) in records::list::<Role>(records).await? {
            let policies = policies(&role.arn, &role.inline, &role.attached);
            let Role { name, arn, id, tags, .. } = role;
            directory.roles.insert(name.clone(), Arc::new(PolicyBearer { name, arn, id, tags, policies }));
        }
        for (_, key) in records::list::<AccessKey>(records).await? {
            if let Some(user) = directory.users.get(&key.user).cloned() {
                directory.keys.insert(key.id.clone(), KnownKey { key, user });
            }
        }
        Ok(directory)
    }
}

/// A stored policy. One of an earlier build, which looked at the form alone, may not be readable.
fn compiled(what: &str, document: &str) -> Arc<PolicyDocument> {
    Arc::new(PolicyDocument::parse_text(document).unwrap_or_else(|error| {
        tracing::warn!(policy = what, %error, "the policy cannot be read, and denies everything until it is put again");
        PolicyDocument::deny_all()
    }))
}
