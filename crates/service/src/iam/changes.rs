//! The parts that every change of users, keys, roles and policies shares.

use tastemaker_domain::Result;
use tastemaker_store::{Transaction, records};
use uuid::Uuid;

/// Makes a transaction one that changes what callers may do: every process looks at the records anew.
pub fn changes_identities(tx: &Transaction) -> Result<()> {
    tx.write(records::put_identities_version()?);
    tx.notify(records::IDENTITIES_CHANNEL);
    Ok(())
}

/// A unique id as AWS makes them.
pub fn unique_id(prefix: &str) -> String {
    format!("{prefix}{}", &Uuid::new_v4().simple().to_string().to_ascii_uppercase()[..17])
}

/// Characters of a document as quotas count them: without spaces.
pub fn counted_chars(document: &str) -> usize {
    document.chars().filter(|letter| !letter.is_whitespace()).count()
}
