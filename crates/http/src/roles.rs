//! The role that answers a route, where processes share the work.

use crate::errors::Failure;
use crate::refuse::refuse;
use crate::reply;
use crate::routing::Route;
use axum::body::Body;
use http::{Response, StatusCode};
use tastemaker_domain::role::{Role, Roles};
use tastemaker_wire::{ErrorShape, Service};

/// The role whose processes answer a route; `None` where all do.
pub(crate) fn role_of(route: Route) -> Option<Role> {
    match route {
        Route::Personalize(operation) => Some(match operation.service() {
            Service::Personalize => Role::Api,
            Service::Runtime | Service::Events => Role::Serving,
        }),
        Route::S3 | Route::Sts | Route::WebIdentity | Route::Iam | Route::Ssm | Route::Console | Route::Front => {
            Some(Role::Api)
        }
        Route::Recommendations(_) | Route::Events | Route::Braze(_) => Some(Role::Serving),
        Route::UnknownOperation(_)
        | Route::Inspect
        | Route::OtherService
        | Route::Health
        | Route::Ready
        | Route::Metrics
        | Route::OpenApi
        | Route::Nothing => None,
    }
}

/// The refusal of a route that is answered by processes of another role.
pub(crate) fn refusal(roles: Roles, route: Route, request_id: &str) -> Option<Response<Body>> {
    let role = role_of(route).filter(|role| !roles.has(*role))?;
    let message = format!(
        "{} is answered by processes with the role {role}; this one has: {roles}. Send it there, or start this one with --role \
         {role} besides.",
        route.label()
    );
    Some(match route {
        Route::Console | Route::Front | Route::Recommendations(_) => {
            let name = ErrorShape::ServiceUnavailableException.name();
            reply::json_error(StatusCode::SERVICE_UNAVAILABLE, name, &message, request_id)
        }
        route => refuse(route, &Failure::new(ErrorShape::ServiceUnavailableException, message), request_id),
    })
}
