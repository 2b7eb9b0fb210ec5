//! Example calls: the texts that run an operation with a given input from the AWS CLI, boto3, the AWS SDK for JavaScript and curl,
//! for lists the plain request `GET /recommendations`, and for events the plain `POST /events`. Credentials never stand in them:
//! every text takes them from the environment that `tastemaker env` sets.
//!
//! ```
//! use tastemaker_wire::Operation;
//! use tastemaker_wire::examples::{Call, Tool, examples};
//!
//! let input = serde_json::json!({"name": "shop", "domain": "ECOMMERCE"});
//! let call = Call {
//!     operation: Operation::CreateDatasetGroup,
//!     input: &input,
//!     endpoint: "http://127.0.0.1:4100",
//!     region: "us-east-1",
//!     data_dir: None,
//! };
//! let cli = examples(&call).into_iter().find(|example| example.tool == Tool::AwsCli);
//! assert!(cli.is_some_and(|example| example.text.contains("create-dataset-group")));
//! ```

mod aws_cli;
mod boto3;
mod call;
mod curl;
mod javascript;
mod names;
mod plain_get;
mod plain_post;
mod shell;

#[cfg(test)]
mod parsing;
#[cfg(test)]
mod tests;

pub use call::Call;

/// A client that an example is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tool {
    /// The AWS Command Line Interface.
    AwsCli,
    /// The AWS SDK for Python.
    Boto3,
    /// The AWS SDK for JavaScript, version 3.
    JavaScript,
    /// curl with its own signature.
    Curl,
    /// An unsigned GET of the `/recommendations` family, as Braze's Connected Content sends it.
    PlainGet,
    /// An unsigned POST to `/events`, for senders without an AWS SDK.
    PlainPost,
}

impl Tool {
    /// The name that people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Tool::AwsCli => "AWS CLI",
            Tool::Boto3 => "boto3",
            Tool::JavaScript => "JavaScript v3",
            Tool::Curl => "curl",
            Tool::PlainGet => "GET /recommendations",
            Tool::PlainPost => "POST /events",
        }
    }
}

/// The text of one call for one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The client.
    pub tool: Tool,
    /// The text, which ends with a line break.
    pub text: String,
}

/// The call in the form of every client that can make it.
pub fn examples(call: &Call) -> Vec<Example> {
    let mut all = vec![
        Example { tool: Tool::AwsCli, text: aws_cli::text(call) },
        Example { tool: Tool::Boto3, text: boto3::text(call) },
        Example { tool: Tool::JavaScript, text: javascript::text(call) },
        Example { tool: Tool::Curl, text: curl::text(call) },
    ];
    all.extend(plain_get::text(call).map(|text| Example { tool: Tool::PlainGet, text }));
    all.extend(plain_post::text(call).map(|text| Example { tool: Tool::PlainPost, text }));
    all
}
