//! The changes that a receiver wants: a kind of resource, a status, or both.

use anyhow::{Result, bail};
use tastemaker_domain::Status;
use tastemaker_domain::resource::DeletionStatus;
use tastemaker_domain::words::Word;
use tastemaker_store::{DELETED, NOTED_KINDS};

/// Changes that a receiver wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The kind of resource; all of them without one.
    pub kind: Option<String>,
    /// The status; all of them without one.
    pub status: Option<String>,
}

impl Wanted {
    /// Reads a kind, or a kind and a status with a colon between them; `*` stands for all kinds.
    pub fn parse(text: &str) -> Result<Self> {
        let (kind, status) = text.split_once(':').map_or((text, None), |(kind, status)| (kind, Some(status)));
        if kind != "*" && !NOTED_KINDS.contains(&kind) {
            bail!("events: '{kind}' is no kind of resource; there are *, {}", NOTED_KINDS.join(", "));
        }
        let statuses = || {
            let words = Status::ALL.iter().map(|status| status.word());
            words.chain(DeletionStatus::ALL.iter().map(|status| status.word())).chain([DELETED])
        };
        if let Some(status) = status.filter(|status| !statuses().any(|word| word == *status)) {
            let mut known: Vec<&str> = statuses().collect();
            known.sort_unstable();
            known.dedup();
            bail!("events: '{status}' is no status; there are {}", known.join(", "));
        }
        let kind = (kind != "*").then(|| kind.to_owned());
        Ok(Self { kind, status: status.map(str::to_owned) })
    }

    /// Whether a change of a resource of `kind` to `status` is one of them.
    pub fn wants(&self, kind: &str, status: &str) -> bool {
        self.kind.as_deref().is_none_or(|wanted| wanted == kind)
            && self.status.as_deref().is_none_or(|wanted| wanted == status)
    }
}
