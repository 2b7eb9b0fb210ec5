//! Amazon Resource Names of our resources.

/// The account and region that ARNs are built for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// `aws`, `aws-cn` or `aws-us-gov`, from the region.
    pub partition: &'static str,
    /// From the request's signature.
    pub region: String,
    /// Twelve digits, from the configuration.
    pub account: String,
}

impl Scope {
    /// A scope for `region` and `account`; the partition follows from the region's prefix.
    pub fn new(region: &str, account: &str) -> Self {
        let partition = if region.starts_with("cn-") {
            "aws-cn"
        } else if region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        };
        Self { partition, region: region.to_owned(), account: account.to_owned() }
    }

    /// The hint for an ARN that names another region than this one, if it does.
    pub fn elsewhere(&self, arn: &str) -> Option<String> {
        let named = region(arn).filter(|named| !named.is_empty() && *named != self.region)?;
        Some(format!("it is of region {named}, and the request is signed for {}", self.region))
    }

    /// `arn:<partition>:personalize:<region>:<account>:<resource>`.
    pub fn arn(&self, resource: &str) -> String {
        format!("arn:{}:personalize:{}:{}:{resource}", self.partition, self.region, self.account)
    }
}

/// The part after the fifth colon: `campaign/shop`, `solution/s/1a2b3c4d`.
pub fn resource_part(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    (parts.next()? == "arn").then_some(())?;
    parts.next()?;
    (parts.next()? == "personalize").then_some(())?;
    parts.nth(2)
}

/// The kind of an ARN: `campaign` for `...:campaign/shop`.
pub fn kind(arn: &str) -> Option<&str> {
    resource_part(arn)?.split_once('/').map(|(kind, _)| kind)
}

/// The region of an ARN; empty for AWS's own recipes.
pub fn region(arn: &str) -> Option<&str> {
    arn.split(':').nth(3)
}

/// The solution an ARN of a solution version (or `.../$LATEST`) belongs to.
pub fn solution_of_version(version_arn: &str) -> Option<&str> {
    (kind(version_arn)? == "solution").then_some(())?;
    let (solution, _) = version_arn.rsplit_once('/')?;
    resource_part(solution)?.contains('/').then_some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_and_takes_apart() {
        let scope = Scope::new("us-east-1", "123456789012");
        let arn = scope.arn("solution/shop/0011aabb");
        assert_eq!(arn, "arn:aws:personalize:us-east-1:123456789012:solution/shop/0011aabb");
        assert_eq!(kind(&arn), Some("solution"));
        assert_eq!(region(&arn), Some("us-east-1"));
        assert_eq!(solution_of_version(&arn).map(|a| a.ends_with("solution/shop")), Some(true));
        assert_eq!(solution_of_version("arn:aws:personalize:r:a:solution/shop"), None);
        assert_eq!(kind("arn:aws:s3:::bucket"), None);
        assert_eq!(Scope::new("cn-north-1", "1").partition, "aws-cn");
    }

    #[test]
    fn a_partition_follows_from_the_region() {
        for (region, partition) in [
            ("eu-west-1", "aws"),
            ("us-east-1", "aws"),
            ("us-gov-west-1", "aws-us-gov"),
            ("cn-north-1", "aws-cn"),
            ("local", "aws"),
        ] {
            assert_eq!(Scope::new(region, "123456789012").partition, partition, "{region}");
        }
    }

    #[test]
    fn only_versions_of_solutions_belong_to_one() {
        let prefix = "arn:aws:personalize:eu-west-1:123456789012:";
        let of = |resource: &str| solution_of_version(&format!("{prefix}{resource}")).map(str::to_owned);
        assert_eq!(of("solution/s/1a2b"), Some(format!("{prefix}solution/s")));
        assert_eq!((of("solution/s"), of("dataset/g/ITEMS"), of("recommender/r/1a2b")), (None, None, None));
    }
}
