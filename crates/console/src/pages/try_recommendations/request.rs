//! The request for a list, from the fields of the form.

use super::targets::{Columns, Target};
use crate::cx::Cx;
use crate::pages::filter_values;
use crate::pages::form::{FieldErrors, Sent};
use crate::ports::ApiError;
use std::collections::BTreeMap;
use tastemaker_domain::Member;
use tastemaker_wire::runtime::{
    GetActionRecommendationsRequest, GetPersonalizedRankingRequest, GetRecommendationsRequest, Promotion,
};

/// Items of a list when the user does not say.
pub(super) const RESULTS_DEFAULT: i32 = 10;

/// The call of a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Asked {
    List(GetRecommendationsRequest),
    Ranking(GetPersonalizedRankingRequest),
    Actions(GetActionRecommendationsRequest),
}

/// Whether the form has what a request needs. An empty user is a visitor without an id.
pub(super) fn is_asked(sent: &Sent, target: &Target) -> bool {
    if target.ranks() {
        sent.get("items").is_some()
    } else if target.recipe.needs_item {
        sent.get("item").is_some()
    } else {
        sent.has("user") || sent.get("session").is_some()
    }
}

/// The user whom a request names: a visitor without an id is known by the session.
pub(super) fn user(sent: &Sent) -> Option<&str> {
    sent.get("user").or(sent.get("session"))
}

/// Fields whose text is no number where the request has one.
pub(super) fn faults(cx: &Cx, sent: &Sent) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for field in ["n", "share"] {
        if let Some(text) = sent.get(field).filter(|text| text.parse::<i32>().is_err()) {
            errors.at(field, cx.text_with("form-not-a-number", &[("value", text.to_owned().into())]));
        }
    }
    errors
}

/// Puts the API's refusal beside the field of the member that it is about; the whole of it stands where the list would.
pub(super) fn place(errors: &mut FieldErrors, error: &ApiError) {
    let fields = [
        (Member::NumResults, "n"),
        (Member::UserId, "user"),
        (Member::ItemId, "item"),
        (Member::FilterArn, "filter"),
        (Member::Promotions, "share"),
    ];
    let path = error.member.as_deref().unwrap_or_default();
    if let Some((_, field)) = fields.iter().find(|(member, _)| path.split('.').next() == Some(member.as_str())) {
        errors.at(*field, error.message.clone());
    }
}

pub(super) fn of(sent: &Sent, target: &Target, columns: &Columns, parameters: &[String]) -> Asked {
    let metadata_columns = target.metadata.then(|| columns.asked()).filter(|columns| !columns.is_empty());
    let metadata_columns = metadata_columns.map(|columns| BTreeMap::from([("ITEMS".to_owned(), columns)]));
    let filter_arn = sent.get("filter").map(str::to_owned);
    let filter_values = filter_values::values(parameters, sent);
    let filter_values = (filter_arn.is_some() && !filter_values.is_empty()).then_some(filter_values);
    let of_context = |name: &String| Some((name.clone(), sent.get(&format!("ctx.{name}"))?.to_owned()));
    let context: BTreeMap<String, String> = columns.context.iter().filter_map(of_context).collect();
    let context = Some(context).filter(|context| !context.is_empty());
    if target.ranks() {
        return Asked::Ranking(GetPersonalizedRankingRequest {
            campaign_arn: target.arn.clone(),
            user_id: user(sent).unwrap_or_default().to_owned(),
            input_list: ids(sent.typed("items")),
            context,
            filter_arn,
            filter_values,
            metadata_columns,
        });
    }
    let num_results = Some(sent.get("n").and_then(|text| text.parse().ok()).unwrap_or(RESULTS_DEFAULT));
    if target.proposes_actions() {
        return Asked::Actions(GetActionRecommendationsRequest {
            campaign_arn: Some(target.arn.clone()),
            user_id: user(sent).map(str::to_owned),
            num_results,
            filter_arn,
            filter_values,
        });
    }
    let promotion = sent.get("promotion").map(|arn| {
        vec![Promotion {
            name: Some("promoted".to_owned()),
            filter_arn: Some(arn.to_owned()),
            percent_promoted_items: Some(sent.get("share").and_then(|text| text.parse().ok()).unwrap_or(20)),
            filter_values: None,
        }]
    });
    let arn = Some(target.arn.clone());
    Asked::List(GetRecommendationsRequest {
        campaign_arn: arn.clone().filter(|_| !target.is_recommender),
        recommender_arn: arn.filter(|_| target.is_recommender),
        user_id: user(sent).map(str::to_owned),
        item_id: sent.get("item").filter(|_| target.recipe.needs_item).map(str::to_owned),
        num_results,
        filter_arn,
        filter_values,
        context,
        promotions: promotion,
        metadata_columns,
    })
}

/// Ids from lines or from a list with commas.
pub(super) fn ids(text: &str) -> Vec<String> {
    let separators = |c: char| if text.contains('\n') { c == '\n' } else { c == ',' };
    text.split(separators).map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_domain::catalog;

    fn sent(pairs: &[(&str, &str)]) -> Sent {
        Sent::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn target(recipe: &'static tastemaker_domain::recipe::RecipeDescriptor, metadata: bool) -> Target {
        Target { arn: "arn:c".into(), name: "c".into(), is_recommender: false, recipe, metadata }
    }

    #[test]
    fn the_fields_are_the_request() {
        let columns = Columns { items: vec!["PRICE".into(), "NAME".into()], context: vec!["DEVICE".into()] };
        let form = [
            ("user", "u 1"),
            ("n", "3"),
            ("filter", "arn:f"),
            ("fv.CATEGORY", "a, b"),
            ("fv.OTHER", "x"),
            ("ctx.DEVICE", "mobile"),
            ("promotion", "arn:p"),
            ("share", "40"),
        ];
        let target = target(&catalog::AWS_USER_PERSONALIZATION_V2, true);
        let Asked::List(list) = of(&sent(&form), &target, &columns, &["CATEGORY".to_owned()]) else { panic!("a list") };
        assert_eq!((list.user_id.as_deref(), list.num_results, list.item_id), (Some("u 1"), Some(3), None));
        assert_eq!(list.filter_values.unwrap(), BTreeMap::from([("CATEGORY".to_owned(), "\"a\",\"b\"".to_owned())]));
        assert_eq!(list.context.unwrap()["DEVICE"], "mobile");
        let promotion = &list.promotions.unwrap()[0];
        assert_eq!((promotion.filter_arn.as_deref(), promotion.percent_promoted_items), (Some("arn:p"), Some(40)));
        let mut columns = list.metadata_columns.unwrap().remove("ITEMS").unwrap();
        columns.sort();
        assert_eq!(columns, ["NAME", "PRICE"]);
    }

    #[test]
    fn a_ranking_takes_the_callers_items() {
        let target = target(&catalog::AWS_PERSONALIZED_RANKING_V2, false);
        assert!(!is_asked(&sent(&[("user", "u")]), &target));
        let form = sent(&[("user", "u"), ("items", "a\nb,c\n\n")]);
        let Asked::Ranking(ranking) = of(&form, &target, &Columns::default(), &[]) else { panic!("a ranking") };
        assert_eq!(
            (ranking.input_list, ranking.user_id, ranking.metadata_columns),
            (vec!["a".to_owned(), "b,c".into()], "u".to_owned(), None)
        );
        assert_eq!(ids("a, b"), ["a", "b"]);
    }

    #[test]
    fn a_visitor_without_an_id_is_known_by_the_session() {
        let target = target(&catalog::AWS_USER_PERSONALIZATION_V2, false);
        let form = sent(&[("session", "s1")]);
        assert!(is_asked(&form, &target) && !is_asked(&sent(&[]), &target));
        let Asked::List(list) = of(&form, &target, &Columns::default(), &[]) else { panic!("a list") };
        assert_eq!(list.user_id.as_deref(), Some("s1"));
        let both = sent(&[("user", "u"), ("session", "s1")]);
        assert_eq!((user(&both), user(&sent(&[("user", "")]))), (Some("u"), None));
    }

    #[test]
    fn actions_are_asked_for_a_user() {
        let target = target(&catalog::AWS_NEXT_BEST_ACTION, true);
        let form = sent(&[("user", "u"), ("n", "7"), ("filter", "arn:f")]);
        let Asked::Actions(actions) = of(&form, &target, &Columns::default(), &[]) else { panic!("actions") };
        assert_eq!((actions.user_id.as_deref(), actions.num_results), (Some("u"), Some(7)));
        assert_eq!((actions.campaign_arn.as_deref(), actions.filter_arn.as_deref()), (Some("arn:c"), Some("arn:f")));
        assert!(target.takes_user() && !target.finds_similar());
    }

    #[test]
    fn related_items_wait_for_an_item() {
        let target = target(&catalog::AWS_SIMILAR_ITEMS, false);
        assert!(!is_asked(&sent(&[("item", "")]), &target) && is_asked(&sent(&[("item", "i")]), &target));
        let Asked::List(list) = of(&sent(&[("item", "i")]), &target, &Columns::default(), &[]) else {
            panic!("a list")
        };
        assert_eq!((list.item_id.as_deref(), list.user_id, list.num_results), (Some("i"), None, Some(RESULTS_DEFAULT)));
    }
}
