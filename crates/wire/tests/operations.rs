//! The operation table against the facts that clients rely on.

use std::collections::BTreeSet;
use tastemaker_wire::operation::DESCRIPTORS;
use tastemaker_wire::shape::Shape;
use tastemaker_wire::{ErrorShape, Operation, Service};

#[test]
fn there_are_79_operations_in_the_order_of_the_variants() {
    assert_eq!(DESCRIPTORS.len(), 79);
    for (service, count) in [(Service::Personalize, 71), (Service::Runtime, 3), (Service::Events, 5)] {
        assert_eq!(Operation::all().filter(|operation| operation.service() == service).count(), count);
    }
    for operation in Operation::all() {
        let row = operation.descriptor();
        assert_eq!(row.operation, operation);
        assert_eq!(row.name, format!("{operation:?}"));
        assert_eq!(Operation::from_name(row.name), Some(operation));
        assert!(matches!(row.constraints, Shape::Structure { .. }));
        assert_eq!(row.input, format!("{}Request", row.name));
        assert!(row.output.is_none_or(|output| output == format!("{}Response", row.name)));
    }
}

#[test]
fn the_control_plane_is_routed_by_target() {
    for operation in Operation::all().filter(|operation| operation.service() == Service::Personalize) {
        let row = operation.descriptor();
        let target = format!("AmazonPersonalize.{}", row.name);
        assert_eq!((row.path, row.target), ("/", Some(target.as_str())));
        assert_eq!(Operation::from_target(&target), Some(operation));
    }
    assert_eq!(Operation::from_target("AmazonPersonalize.GetRecommendations"), None);
    assert_eq!(Operation::from_target("CreateSchema"), None);
}

#[test]
fn the_other_services_are_routed_by_path() {
    for (path, operation) in [
        ("/recommendations", Operation::GetRecommendations),
        ("/personalize-ranking", Operation::GetPersonalizedRanking),
        ("/action-recommendations", Operation::GetActionRecommendations),
        ("/events", Operation::PutEvents),
        ("/items", Operation::PutItems),
        ("/users", Operation::PutUsers),
        ("/actions", Operation::PutActions),
        ("/action-interactions", Operation::PutActionInteractions),
    ] {
        assert_eq!(Operation::from_path(path), Some(operation));
        assert_eq!(operation.descriptor().target, None);
    }
    assert_eq!(Operation::from_path("/"), None);
}

#[test]
fn declared_errors_and_missing_outputs_are_the_models() {
    use ErrorShape::*;
    assert_eq!(Operation::ListSchemas.descriptor().errors, [InvalidNextTokenException]);
    assert_eq!(Operation::PutEvents.descriptor().errors, [InvalidInputException]);
    assert_eq!(
        Operation::CreateSchema.descriptor().errors,
        [InvalidInputException, LimitExceededException, ResourceAlreadyExistsException]
    );
    let declared: BTreeSet<_> = DESCRIPTORS.iter().flat_map(|row| row.errors).collect();
    assert_eq!(declared.len(), 8);
    let bodyless = DESCRIPTORS.iter().filter(|row| row.output.is_none());
    assert!(bodyless.clone().all(|row| {
        row.name.starts_with("Delete") || row.name.starts_with("Put") || row.name == "StopSolutionVersionCreation"
    }));
    assert_eq!(bodyless.count(), 15);
}
