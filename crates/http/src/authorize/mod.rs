//! Authorization: whether a verified caller may do what a request asks for, by the policies of the key's user, of the role and of
//! the session.

mod named_resources;
mod operations;
mod rights;
mod s3;

pub use named_resources::{of_iam, of_parameters};
pub use operations::of_operation;
pub use rights::{Authorization, user_arn};
pub use s3::s3_authorizer;
