//! The values of items that cards and ways show, by what they are.

use super::card_columns::NAMES;
use super::targets::{Columns, Target};
use crate::cx::Cx;
use std::collections::BTreeMap;

/// Values by their column.
pub(super) type Values = BTreeMap<String, String>;

/// The name of an item; its id where the data has none.
pub(super) fn name_of(cx: &Cx, target: &Target, columns: &Columns, id: &str) -> String {
    name(&known(cx, target, columns, id)).cloned().unwrap_or_else(|| id.to_owned())
}

/// The values that are known of an item.
pub(super) fn known(cx: &Cx, target: &Target, columns: &Columns, id: &str) -> Values {
    cx.console.ports.histories.item(&target.arn, id, &columns.items).into_iter().collect()
}

/// The value of the first of some columns that an item has.
pub(super) fn first_of<'a>(values: &'a Values, names: &[&str]) -> Option<&'a String> {
    let named =
        |name: &&str| values.iter().find(|(column, _)| column.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    names.iter().find_map(named)
}

/// The name of an item.
pub(super) fn name(values: &Values) -> Option<&String> {
    first_of(values, NAMES)
}
