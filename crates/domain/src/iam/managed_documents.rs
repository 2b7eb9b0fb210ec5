//! The documents of AWS's own policies that bear on what is here. Those that are about other services grant nothing here.

use super::{is_managed, policy_name};

const NOTHING: &str = "{}";

const DOCUMENTS: &[(&str, &str)] = &[
    ("AdministratorAccess", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#),
    (
        "AmazonPersonalizeFullAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["personalize:*"],"Resource":"*"},{"Effect":"Allow","Action":["cloudwatch:PutMetricData","cloudwatch:ListMetrics"],"Resource":"*"},{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:DeleteObject","s3:ListBucket"],"Resource":["arn:aws:s3:::*Personalize*","arn:aws:s3:::*personalize*"]},{"Effect":"Allow","Action":["iam:PassRole"],"Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"personalize.amazonaws.com"}}}]}"#,
    ),
    (
        "AmazonS3FullAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}]}"#,
    ),
    (
        "AmazonS3ReadOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]}"#,
    ),
    (
        "AmazonSSMFullAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:*"],"Resource":"*"}]}"#,
    ),
    (
        "AmazonSSMReadOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:Describe*","ssm:Get*","ssm:List*"],"Resource":"*"}]}"#,
    ),
    ("IAMFullAccess", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*"],"Resource":"*"}]}"#),
    (
        "IAMReadOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GenerateCredentialReport","iam:Get*","iam:List*"],"Resource":"*"}]}"#,
    ),
    (
        "PowerUserAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},{"Effect":"Allow","Action":["iam:ListRoles"],"Resource":"*"}]}"#,
    ),
    (
        "ReadOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["personalize:Describe*","personalize:Get*","personalize:List*","s3:Get*","s3:List*","iam:Get*","iam:List*","ssm:Describe*","ssm:Get*","ssm:List*"],"Resource":"*"}]}"#,
    ),
];

/// The document of one of AWS's own policies; `{}` when nothing of it bears on what is here, `None` when the ARN is not of AWS's.
pub fn managed_document(policy_arn: &str) -> Option<&'static str> {
    let name = is_managed(policy_arn).then(|| policy_name(policy_arn))?;
    Some(DOCUMENTS.iter().find(|(known, _)| *known == name).map_or(NOTHING, |(_, document)| document))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::listed;
    use crate::iam::policy::{Facts, PolicyDocument, Question};

    #[test]
    fn every_document_is_a_policy_of_a_listed_name() {
        for (name, document) in DOCUMENTS {
            assert!(PolicyDocument::parse_text(document).is_ok(), "{name}");
            assert!(listed().any(|arn| policy_name(&arn) == *name), "{name}");
        }
        assert_eq!(managed_document("arn:aws:iam::aws:policy/AmazonEC2FullAccess"), Some("{}"));
        assert_eq!(managed_document("arn:aws:iam::123456789012:policy/AdministratorAccess"), None);
    }

    #[test]
    fn the_policy_of_tutorials_opens_personalize_and_its_buckets() {
        let arn = "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess";
        let policy = managed_document(arn).map(PolicyDocument::parse_text).expect("a document").expect("a policy");
        let facts = Facts::default();
        let may = |action, resource| policy.allows(&Question { action, resource, facts: &facts });
        assert!(may("personalize:CreateSchema", "arn:aws:personalize:us-east-1:123456789012:schema/s"));
        assert!(may("s3:GetObject", "arn:aws:s3:::my-personalize-data/a.csv"));
        assert!(!may("s3:GetObject", "arn:aws:s3:::shop/a.csv") && !may("iam:CreateUser", "*"));
    }
}
