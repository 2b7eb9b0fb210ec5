//! The operation table: 71 control-plane operations, 3 of the runtime, 5 of the event service.

use crate::service::Service;
use std::collections::HashMap;
use std::sync::LazyLock;

pub use crate::generated::operations::{DESCRIPTORS, Descriptor, Operation};

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
