//! The recipes in plain words: a card for each purpose, with what is missing in the data for those that cannot be trained yet.

use crate::cx::{Cx, segment};
use maud::{Markup, html};
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::{Purpose, RecipeDescriptor};

/// The cards, each with its recipes as links. Recipes that others replace are left out. `datasets` are the types of the group's.
pub(super) fn cards(cx: &Cx, group: &str, chosen: &RecipeDescriptor, datasets: &[String], has_domain: bool) -> Markup {
    let cards = [
        ("create-for-user", Purpose::ForUser),
        ("create-related", Purpose::RelatedItems),
        ("create-ranking", Purpose::Ranking),
        ("create-popular", Purpose::Popular),
        ("create-actions", Purpose::Actions),
        ("create-segments", Purpose::Segments),
    ];
    html! {
        @if has_domain {
            p { (cx.text("create-of-domain")) " " a href=(cx.group_link(group, "/new-recommender")) { (cx.text("recommender-create")) } }
        }
        ul.cards.purposes {
            @for (key, purpose) in cards {
                li.card {
                    h3 { (cx.text(key)) }
                    ul.plain {
                        @for recipe in catalog::ALL.iter().filter(|recipe| offered(recipe) && recipe.purpose() == purpose) {
                            @let link = format!("/new-solution?recipe={}", segment(recipe.name));
                            li {
                                a href=(cx.group_link(group, &link)) aria-current=[(std::ptr::eq(*recipe, chosen)).then_some("true")] {
                                    (recipe.name)
                                }
                                @if let Some(missing) = missing(recipe, datasets) {
                                    br;
                                    small.quiet { (cx.text_with("create-needs-datasets", &[("datasets", missing.into())])) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn offered(recipe: &RecipeDescriptor) -> bool {
    recipe.use_case.is_none() && recipe.replaced_by.is_none()
}

/// The types of datasets that the recipe needs and the group has not.
pub(super) fn missing(recipe: &RecipeDescriptor, datasets: &[String]) -> Option<String> {
    let has = |kind: &str| datasets.iter().any(|known| known.eq_ignore_ascii_case(kind));
    let missing: Vec<&str> = recipe.needs_datasets.iter().map(|kind| kind.as_str()).filter(|kind| !has(kind)).collect();
    (!missing.is_empty()).then(|| missing.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_data_lacks_is_named() {
        let datasets = ["Interactions".to_owned()];
        assert_eq!(missing(&catalog::AWS_USER_PERSONALIZATION, &datasets), None);
        assert_eq!(missing(&catalog::AWS_USER_PERSONALIZATION, &[]).as_deref(), Some("INTERACTIONS"));
        assert_eq!(missing(&catalog::AWS_NEXT_BEST_ACTION, &datasets).as_deref(), Some("ACTIONS"));
    }
}
