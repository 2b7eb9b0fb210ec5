//! The rules of a solution's `eventsConfig` and `optimizationObjective`.

use crate::Ctx;
use crate::lookup::schema_of;
use tastemaker_domain::recipe::{Ability, RecipeDescriptor};
use tastemaker_domain::schema::{DatasetType, FieldType};
use tastemaker_domain::solution_config::{EventParameter, Objective, SolutionConfig, check_event_parameters};
use tastemaker_domain::{Error, Member, MemberPath, Result};

/// Checks what a new solution of a dataset group prefers.
pub(crate) async fn check(
    ctx: &Ctx,
    descriptor: &RecipeDescriptor,
    dataset_group_arn: &str,
    event_type: Option<&str>,
    config: &SolutionConfig,
) -> Result<()> {
    if !config.events.is_empty() {
        check_events(
            &Member::SolutionConfig.then(Member::EventsConfig),
            descriptor,
            event_type,
            config,
            &config.events,
        )?;
    }
    match &config.objective {
        Some(objective) => check_objective(ctx, descriptor, dataset_group_arn, objective).await,
        None => Ok(()),
    }
}

/// Checks the events of `member` for a solution with this `eventType` and configuration.
pub(crate) fn check_events(
    member: &MemberPath,
    descriptor: &RecipeDescriptor,
    event_type: Option<&str>,
    config: &SolutionConfig,
    events: &[EventParameter],
) -> Result<()> {
    let refuse = |text: String| Err(Error::invalid(member, text));
    if !descriptor.can(Ability::EventWeights) {
        return refuse(format!(
            "{member} applies to aws-user-personalization-v2 and aws-personalized-ranking-v2 only, not to {}.",
            descriptor.arn()
        ));
    }
    if event_type.is_some() || config.event_value_threshold.is_some() {
        return refuse(format!(
            "Give {} with {} or {member}, not both.",
            Member::EventType,
            Member::SolutionConfig.then(Member::EventValueThreshold)
        ));
    }
    check_event_parameters(member, events)
}

async fn check_objective(
    ctx: &Ctx,
    descriptor: &RecipeDescriptor,
    dataset_group_arn: &str,
    objective: &Objective,
) -> Result<()> {
    let member = Member::SolutionConfig.then(Member::OptimizationObjective);
    let attribute = member.clone().then(Member::ItemAttribute);
    let refuse = |text: String| Err(Error::invalid(&attribute, text));
    if !descriptor.can(Ability::Objective) {
        return refuse(format!(
            "{member} applies to aws-user-personalization and aws-personalized-ranking only, not to {}.",
            descriptor.arn()
        ));
    }
    let name = &objective.item_attribute;
    let Some(schema) = schema_of(ctx, dataset_group_arn, DatasetType::Items).await? else {
        return refuse(format!("{member}: {dataset_group_arn} has no Items dataset, whose column it could name."));
    };
    let numeric = |kind: FieldType| !matches!(kind, FieldType::String | FieldType::Boolean);
    match schema.field(name) {
        Some(field) if numeric(field.field_type) && !field.nullable => Ok(()),
        Some(_) => refuse(format!("{attribute}: the column '{name}' must be numeric and not nullable.")),
        None => refuse(format!("{attribute}: the Items schema has no column '{name}'.")),
    }
}
