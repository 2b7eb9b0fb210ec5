//! The forms of ARNs by the kind of resource they name, and the check of an ARN in a request.

use crate::{Error, MemberPath, Result, arn};

/// The kinds of resources that requests name by ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ArnKind {
    BatchInferenceJob,
    BatchSegmentJob,
    Schema,
    DatasetGroup,
    Dataset,
    DatasetExportJob,
    MetricAttribution,
    DatasetImportJob,
    DataDeletionJob,
    EventTracker,
    Filter,
    Solution,
    SolutionVersion,
    Campaign,
    Recommender,
    Recipe,
    Algorithm,
    FeatureTransformation,
}

impl ArnKind {
    /// The sixth field of an ARN of this kind, with its variable parts in angle brackets.
    pub fn form(self) -> &'static str {
        match self {
            ArnKind::Schema => "schema/<name>",
            ArnKind::DatasetGroup => "dataset-group/<name>",
            ArnKind::Dataset => "dataset/<dataset group>/<TYPE>",
            ArnKind::BatchInferenceJob => "batch-inference-job/<name>",
            ArnKind::BatchSegmentJob => "batch-segment-job/<name>",
            ArnKind::MetricAttribution => "metric-attribution/<name>",
            ArnKind::DatasetExportJob => "dataset-export-job/<name>",
            ArnKind::DataDeletionJob => "data-deletion-job/<name>",
            ArnKind::DatasetImportJob => "dataset-import-job/<name>",
            ArnKind::Filter => "filter/<name>",
            ArnKind::EventTracker => "event-tracker/<id>",
            ArnKind::Solution => "solution/<name>",
            ArnKind::SolutionVersion => "solution/<name>/<id>",
            ArnKind::Campaign => "campaign/<name>",
            ArnKind::Recommender => "recommender/<name>",
            ArnKind::Recipe => "recipe/<name>",
            ArnKind::Algorithm => "algorithm/<name>",
            ArnKind::FeatureTransformation => "feature-transformation/<name>",
        }
    }

    /// Whether `arn` has this kind's form.
    pub fn fits(self, arn: &str) -> bool {
        let Some(resource) = arn::resource_part(arn) else { return false };
        let (mut given, mut form) = (resource.split('/'), self.form().split('/'));
        loop {
            match (given.next(), form.next()) {
                (None, None) => return true,
                (Some(part), Some(place)) if place.starts_with('<') => {
                    if part.is_empty() {
                        return false;
                    }
                }
                (Some(part), Some(word)) if part == word => {}
                _ => return false,
            }
        }
    }

    /// Refuses an ARN of another form, naming the request's `member`.
    pub fn check(self, member: impl Into<MemberPath>, arn: &str) -> Result<()> {
        if self.fits(arn) {
            return Ok(());
        }
        let member = member.into();
        Err(Error::InvalidInput(format!(
            "The value '{arn}' at '{member}' is not an ARN of the form arn:<partition>:personalize:<region>:<account>:{}.",
            self.form()
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Member;

    #[test]
    fn forms() {
        let prefix = "arn:aws:personalize:eu-west-1:123456789012:";
        for (kind, resource, fits) in [
            (ArnKind::Campaign, "campaign/a", true),
            (ArnKind::Campaign, "campaign/", false),
            (ArnKind::Campaign, "campaign", false),
            (ArnKind::Campaign, "campaign/a/b", false),
            (ArnKind::Campaign, "recommender/a", false),
            (ArnKind::Dataset, "dataset/a/ITEMS", true),
            (ArnKind::Dataset, "dataset/a", false),
            (ArnKind::DatasetGroup, "dataset/a/ITEMS", false),
            (ArnKind::Solution, "solution/a", true),
            (ArnKind::Solution, "solution/a/1", false),
            (ArnKind::SolutionVersion, "solution/a/$LATEST", true),
            (ArnKind::SolutionVersion, "solution/a", false),
        ] {
            assert_eq!(kind.fits(&format!("{prefix}{resource}")), fits, "{kind:?} {resource}");
        }
        for arn in ["", "campaign/a", "arn:aws:s3:::campaign/a", "arn:aws:personalize:eu-west-1:campaign/a"] {
            let text =
                ArnKind::Campaign.check(Member::CampaignArn, arn).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains("'campaignArn'") && text.contains("campaign/<name>"), "{arn}: {text}");
        }
        assert!(ArnKind::Recipe.fits("arn:aws:personalize:::recipe/aws-sims"));
    }

    #[test]
    fn an_arn_of_the_form_is_let_through() {
        let arn = "arn:aws:personalize:eu-west-1:123456789012:campaign/a";
        assert_eq!(ArnKind::Campaign.check(Member::CampaignArn, arn), Ok(()));
        assert!(ArnKind::Solution.check(Member::SolutionArn, arn).is_err());
    }
}
