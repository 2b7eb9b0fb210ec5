//! Example calls: the texts that run an operation with a given input from the AWS CLI, boto3, the AWS SDK for JavaScript and curl,
//! and for lists the plain request `GET /recommendations`. Credentials never stand in them: every text takes them from the
//! environment that `tastemaker env` sets.
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
mod curl;
mod javascript;
mod names;
mod plain_get;
mod shell;

#[cfg(test)]
mod parsing;
#[cfg(test)]
mod tests;

use crate::operation::Operation;
use crate::service::Service;
use crate::shape::Shape;
use serde_json::Value;

/// A call of the API that examples are written for.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The operation.
    pub operation: Operation,
    /// The input as JSON; members that the operation does not know are left out.
    pub input: &'a Value,
    /// The server's address, as `http://127.0.0.1:4100`, without a slash at the end.
    pub endpoint: &'a str,
    /// The AWS region that signatures name.
    pub region: &'a str,
    /// The data directory that `tastemaker env` reads, where it is not the default one.
    pub data_dir: Option<&'a str>,
}

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
    all
}

impl Call<'_> {
    /// The members of the input that are given, with their shapes: required ones first, then the others, each by name.
    fn members(&self) -> Vec<(&'static str, &'static Shape, &Value)> {
        let Shape::Structure { members } = self.operation.descriptor().constraints else { return Vec::new() };
        let mut ordered: Vec<_> = members.iter().collect();
        ordered.sort_by_key(|member| !member.required);
        let given = |member: &&crate::shape::Member| {
            let value = self.input.get(member.name).filter(|value| !value.is_null())?;
            Some((member.name, member.shape, value))
        };
        ordered.iter().filter_map(given).collect()
    }

    /// The given members as one JSON object.
    fn body(&self) -> Value {
        self.members().into_iter().map(|(name, _, value)| (name.to_owned(), value.clone())).collect()
    }

    /// The line that puts address and credentials into the environment.
    fn environment(&self) -> String {
        match self.data_dir {
            Some(directory) => format!("eval \"$(tastemaker env --data-dir {})\"", shell::word(directory)),
            None => "eval \"$(tastemaker env)\"".to_owned(),
        }
    }
}

/// The name of a service in the AWS CLI and in boto3.
fn service_name(service: Service) -> &'static str {
    match service {
        Service::Personalize => "personalize",
        Service::Runtime => "personalize-runtime",
        Service::Events => "personalize-events",
    }
}
