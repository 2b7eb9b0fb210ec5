//! The tables of a dataset group, and the domains of groups and schemas.

use crate::words::{Word, words};

/// The tables of a dataset group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum DatasetType {
    Interactions,
    Items,
    Users,
    Actions,
    ActionInteractions,
}

impl DatasetType {
    /// Every type.
    pub const ALL: &[DatasetType] = &[
        DatasetType::Interactions,
        DatasetType::Items,
        DatasetType::Users,
        DatasetType::Actions,
        DatasetType::ActionInteractions,
    ];

    /// `INTERACTIONS`: what Describe shows and what the dataset's ARN ends with.
    pub fn as_str(self) -> &'static str {
        match self {
            DatasetType::Interactions => "INTERACTIONS",
            DatasetType::Items => "ITEMS",
            DatasetType::Users => "USERS",
            DatasetType::Actions => "ACTIONS",
            DatasetType::ActionInteractions => "ACTION_INTERACTIONS",
        }
    }

    /// The record name that a schema of this type carries.
    pub fn record_name(self) -> &'static str {
        match self {
            DatasetType::Interactions => "Interactions",
            DatasetType::Items => "Items",
            DatasetType::Users => "Users",
            DatasetType::Actions => "Actions",
            DatasetType::ActionInteractions => "Action_Interactions",
        }
    }

    /// The type that `text` names, in any case and with `-`, `_` or nothing between words.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_ascii_uppercase();
        let wanted = plain(text);
        Self::ALL.iter().copied().find(|t| plain(t.as_str()) == wanted)
    }

    /// The type of a schema's record, whose name may also be in the singular (`Item`), as in older scripts.
    pub fn of_record(name: &str) -> Option<Self> {
        Self::parse(name).or_else(|| Self::parse(&format!("{name}s")))
    }
}

words! {
    /// The domain of a dataset group or schema; custom groups have none.
    #[allow(missing_docs)]
    pub enum DatasetDomain {
        Ecommerce = "ECOMMERCE",
        VideoOnDemand = "VIDEO_ON_DEMAND",
    }
}

impl Word for DatasetType {
    fn word(self) -> &'static str {
        self.as_str()
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::parse(word)
    }
}
