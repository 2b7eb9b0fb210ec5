//! The edge from request bytes to answer bytes, in process.
#![allow(clippy::unwrap_used, missing_docs)]

mod bad_requests;
mod braze_webhooks;
mod browsers;
mod console;
mod control_plane;
mod degrade;
mod deployments;
mod harness;
mod lifecycle;
mod members;
mod openapi;
mod protection;
mod recommendations;
mod recommendations_api;
mod rights;
mod rights_of_s3;
mod roles;
mod routing;
mod runtime;
mod set_up;
mod socket;
mod sts;
mod tags;
mod tls;
mod traffic;
