//! A call of the API that examples are written for.

use super::shell;
use crate::operation::Operation;
use crate::service::Service;
use crate::shape::{Member, Shape};
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

impl Call<'_> {
    /// The members of the input that are given, with their shapes: required ones first, then the others, each by name.
    pub(super) fn members(&self) -> Vec<(&'static str, &'static Shape, &Value)> {
        let Shape::Structure { members } = self.operation.descriptor().constraints else { return Vec::new() };
        let mut ordered: Vec<_> = members.iter().collect();
        ordered.sort_by_key(|member| !member.required);
        let given = |member: &&Member| {
            let value = self.input.get(member.name).filter(|value| !value.is_null())?;
            Some((member.name, member.shape, value))
        };
        ordered.iter().filter_map(given).collect()
    }

    /// The given members as one JSON object.
    pub(super) fn body(&self) -> Value {
        self.members().into_iter().map(|(name, _, value)| (name.to_owned(), value.clone())).collect()
    }

    /// The line that puts address and credentials into the environment.
    pub(super) fn environment(&self) -> String {
        match self.data_dir {
            Some(directory) => format!("eval \"$(tastemaker env --data-dir {})\"", shell::word(directory)),
            None => "eval \"$(tastemaker env)\"".to_owned(),
        }
    }
}

/// The name of a service in the AWS CLI and in boto3.
pub(super) fn service_name(service: Service) -> &'static str {
    match service {
        Service::Personalize => "personalize",
        Service::Runtime => "personalize-runtime",
        Service::Events => "personalize-events",
    }
}
