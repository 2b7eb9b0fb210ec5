//! The operation table: 71 control-plane operations, 3 of the runtime, 5 of the event service.

use crate::errors::ErrorShape;
use crate::shape::Shape;
use std::collections::HashMap;
use std::sync::LazyLock;

pub use crate::generated::operations::{DESCRIPTORS, Operation};

/// One of the three services that share a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// `personalize`: the control plane, JSON 1.1, routed by `X-Amz-Target`.
    Personalize,
    /// `personalize-runtime`: REST-JSON, routed by path.
    Runtime,
    /// `personalize-events`: REST-JSON, routed by path.
    Events,
}

/// What the model says of one operation.
#[derive(Debug)]
pub struct Descriptor {
    /// The operation itself.
    pub operation: Operation,
    /// Its name, as `CreateSolution`.
    pub name: &'static str,
    /// The service it belongs to.
    pub service: Service,
    /// The request path; `/` for every control-plane operation.
    pub path: &'static str,
    /// The value of `X-Amz-Target`; only control-plane operations have one.
    pub target: Option<&'static str>,
    /// The name of the input structure.
    pub input: &'static str,
    /// The name of the output structure; `None` when the response has no body.
    pub output: Option<&'static str>,
    /// The exceptions that the model declares; common errors are possible besides.
    pub errors: &'static [ErrorShape],
    /// Whether the model calls the operation idempotent.
    pub idempotent: bool,
    /// The constraints of the input.
    pub constraints: &'static Shape,
}

impl Service {
    /// The media type of request and response bodies.
    pub fn content_type(self) -> &'static str {
        match self {
            Service::Personalize => "application/x-amz-json-1.1",
            Service::Runtime | Service::Events => "application/json",
        }
    }
}

impl Operation {
    /// Every operation, in the order of [`DESCRIPTORS`].
    pub fn all() -> impl Iterator<Item = Operation> {
        DESCRIPTORS.iter().map(|row| row.operation)
    }

    /// The row of this operation.
    pub fn descriptor(self) -> &'static Descriptor {
        // The generator writes rows in the order of the variants; a test compares them.
        &DESCRIPTORS[self as usize]
    }

    /// The operation's name, as `CreateSolution`.
    pub fn name(self) -> &'static str {
        self.descriptor().name
    }

    /// The service that the operation belongs to.
    pub fn service(self) -> Service {
        self.descriptor().service
    }

    /// The control-plane operation that an `X-Amz-Target` header names.
    pub fn from_target(target: &str) -> Option<Operation> {
        static BY_TARGET: LazyLock<HashMap<&str, Operation>> =
            LazyLock::new(|| DESCRIPTORS.iter().filter_map(|row| Some((row.target?, row.operation))).collect());
        BY_TARGET.get(target).copied()
    }

    /// The runtime or event operation behind a request path without prefix, as `/recommendations`.
    pub fn from_path(path: &str) -> Option<Operation> {
        DESCRIPTORS.iter().find(|row| row.target.is_none() && row.path == path).map(|row| row.operation)
    }

    /// The operation with a name, as `CreateSolution`.
    pub fn from_name(name: &str) -> Option<Operation> {
        DESCRIPTORS.iter().find(|row| row.name == name).map(|row| row.operation)
    }
}
