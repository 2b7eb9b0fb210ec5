//! Policies that are given to keys by a name, for what most keys are made for.

/// A policy under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// The word for it.
    pub name: &'static str,
    /// What it lets its holder do, for people.
    pub about: &'static str,
    /// The policy.
    pub document: &'static str,
}

/// All presets.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "events-and-recommendations",
        about: "send events, users, items and actions, and ask for recommendations",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["personalize:PutEvents","personalize:PutUsers","personalize:PutItems","personalize:PutActions","personalize:PutActionInteractions","personalize:GetRecommendations","personalize:GetPersonalizedRanking","personalize:GetActionRecommendations"],"Resource":"*"}]}"#,
    },
    Preset {
        name: "read-only",
        about: "look at everything and ask for recommendations, change nothing",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["personalize:Describe*","personalize:Get*","personalize:List*","s3:Get*","s3:List*","tastemaker:Get*","tastemaker:List*"],"Resource":"*"}]}"#,
    },
    Preset {
        name: "all",
        about: "everything, keys and policies as well",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    },
];

/// The preset of a name.
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::policy::{Facts, PolicyDocument, Question};

    #[test]
    fn presets_allow_what_they_say() {
        let may = |name: &str, action: &str| {
            let policy = preset(name).map(|preset| PolicyDocument::parse_text(preset.document));
            let facts = Facts::default();
            policy.expect("a preset").expect("a policy").allows(&Question { action, resource: "*", facts: &facts })
        };
        for (action, allowed) in [
            ("personalize:PutEvents", [true, false, true]),
            ("personalize:GetRecommendations", [true, true, true]),
            ("personalize:GetSolutionMetrics", [false, true, true]),
            ("personalize:CreateCampaign", [false, false, true]),
            ("personalize:DeleteSchema", [false, false, true]),
            ("s3:GetObject", [false, true, true]),
            ("tastemaker:ListJobs", [false, true, true]),
            ("tastemaker:RetryDeadLetters", [false, false, true]),
            ("s3:PutObject", [false, false, true]),
            ("iam:CreateAccessKey", [false, false, true]),
            ("ssm:GetParameter", [false, false, true]),
        ] {
            let found = ["events-and-recommendations", "read-only", "all"].map(|name| may(name, action));
            assert_eq!(found, allowed, "{action}");
        }
        assert_eq!((PRESETS.len(), preset("nothing")), (3, None));
    }
}
