//! AWS's own policies that set-up scripts look for. Every other one is taken to exist as well when it is named by its ARN.

/// Paths and names, sorted as their ARNs are.
const LISTED: &[&str] = &[
    "AWSCloudFormationFullAccess",
    "AWSGlueConsoleFullAccess",
    "AWSKeyManagementServicePowerUser",
    "AWSLambda_FullAccess",
    "AWSLambda_ReadOnlyAccess",
    "AWSStepFunctionsFullAccess",
    "AdministratorAccess",
    "AmazonAPIGatewayAdministrator",
    "AmazonAPIGatewayInvokeFullAccess",
    "AmazonAthenaFullAccess",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonEC2ContainerRegistryFullAccess",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEC2FullAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonEventBridgeFullAccess",
    "AmazonForecastFullAccess",
    "AmazonKinesisFirehoseFullAccess",
    "AmazonKinesisFullAccess",
    "AmazonRedshiftFullAccess",
    "AmazonS3FullAccess",
    "AmazonS3OutpostsFullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSNSFullAccess",
    "AmazonSQSFullAccess",
    "AmazonSSMFullAccess",
    "AmazonSSMReadOnlyAccess",
    "AmazonSageMakerFullAccess",
    "AmazonSageMakerReadOnly",
    "AmazonVPCFullAccess",
    "CloudWatchEventsFullAccess",
    "CloudWatchFullAccess",
    "CloudWatchFullAccessV2",
    "CloudWatchLogsFullAccess",
    "CloudWatchLogsReadOnlyAccess",
    "CloudWatchReadOnlyAccess",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecretsManagerReadWrite",
    "SecurityAudit",
    "job-function/Billing",
    "job-function/DataScientist",
    "job-function/ViewOnlyAccess",
    "service-role/AWSGlueServiceRole",
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaVPCAccessExecutionRole",
    "service-role/AmazonPersonalizeFullAccess",
];

/// The ARNs of the policies that are listed, in order.
pub fn listed() -> impl Iterator<Item = String> {
    LISTED.iter().map(|policy| format!("arn:aws:iam::aws:policy/{policy}"))
}

/// The path of a policy in its ARN: `/`, or what begins and ends with it.
pub fn policy_path(arn: &str) -> &str {
    let Some((_, resource)) = arn.split_once(":policy") else { return "/" };
    let end = resource.rfind('/').map_or(0, |at| at + 1);
    if end == 0 { "/" } else { &resource[..end] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::is_managed;

    #[test]
    fn the_listed_policies_are_in_order_and_hold_what_scripts_look_for() {
        let arns: Vec<String> = listed().collect();
        assert!(arns.is_sorted() && arns.iter().all(|arn| is_managed(arn)));
        for name in ["service-role/AmazonPersonalizeFullAccess", "AmazonS3FullAccess", "AmazonS3ReadOnlyAccess"] {
            assert!(arns.contains(&format!("arn:aws:iam::aws:policy/{name}")), "{name}");
        }
    }

    #[test]
    fn paths_of_policies() {
        assert_eq!(policy_path("arn:aws:iam::aws:policy/service-role/X"), "/service-role/");
        assert_eq!(policy_path("arn:aws:iam::aws:policy/X"), "/");
        assert_eq!(policy_path("x"), "/");
    }

    #[test]
    fn a_policys_path_ends_with_its_last_slash() {
        for (arn, path) in [
            ("arn:aws:iam::aws:policy/AmazonS3FullAccess", "/"),
            ("arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess", "/service-role/"),
            ("arn:aws:iam::aws:policy", "/"),
            ("", "/"),
        ] {
            assert_eq!(policy_path(arn), path, "{arn}");
        }
    }
}
