//! The edge from request bytes to answer bytes, in process.
#![allow(clippy::unwrap_used, missing_docs)]

mod bad_requests;
mod control_plane;
mod degrade;
mod deployments;
mod family;
mod harness;
mod inbound;
mod lifecycle;
mod openapi;
mod protection;
mod recommendations;
mod routing;
mod runtime;
mod socket;
mod tags;
