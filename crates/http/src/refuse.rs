//! Refusals in the form that each route's clients read.

use crate::errors::Failure;
use crate::routing::Route;
use crate::{query_protocol, reply};
use axum::body::Body;
use http::{Response, StatusCode};
use tastemaker_wire::{ErrorShape, Service};

/// A refusal in the form that the route's clients read.
pub fn refuse(route: Route, failure: &Failure, request_id: &str) -> Response<Body> {
    let service = if route == Route::Events { Service::Events } else { Service::Personalize };
    let status = reply::status(failure.shape.http_status(service));
    match route {
        Route::Personalize(operation) => reply::aws(operation.service(), Err(failure.clone())),
        Route::Ssm | Route::Inspect => reply::aws(Service::Personalize, Err(failure.clone())),
        Route::UnknownOperation(service) => reply::aws(service, Err(failure.clone())),
        Route::S3 => query_protocol::s3_error(status, "InternalError", &failure.message, request_id),
        Route::Sts | Route::WebIdentity | Route::Iam => query_protocol::refused(failure, request_id),
        // Braze sends again what a server could not take, and gives up on other refusals.
        Route::Braze(_) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            reply::json_error(status, ErrorShape::ServiceUnavailableException.name(), &failure.message, request_id)
        }
        _ => reply::json_error(status, failure.shape.name(), &failure.message, request_id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::{Endpoint, Sender};
    use tastemaker_wire::Operation;

    #[test]
    fn each_route_refuses_with_the_status_that_its_clients_know() {
        let failure = Failure::new(ErrorShape::ThrottlingException, "try again");
        for (route, status) in [
            (Route::Events, 429),
            (Route::Personalize(Operation::PutEvents), 429),
            (Route::Personalize(Operation::ListSchemas), 400),
            (Route::Recommendations(Endpoint::User), 400),
            (Route::Ssm, 400),
            (Route::Inspect, 400),
            (Route::Braze(Sender::Currents), 503),
            (Route::Braze(Sender::Webhook), 503),
        ] {
            let response = refuse(route, &failure, "r");
            assert_eq!(response.status(), status, "{}", route.label());
        }
    }
}
