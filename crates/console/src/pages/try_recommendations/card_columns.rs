//! The columns of items that a card shows, by what they are.

/// Columns with the name of an item; the first that the data has is taken.
pub(super) const NAMES: &[&str] = &["NAME", "TITLE", "PRODUCT_NAME", "ITEM_NAME"];
/// Columns with its price.
pub(super) const PRICES: &[&str] = &["PRICE"];
/// Columns with its category.
pub(super) const CATEGORIES: &[&str] = &["CATEGORY", "CATEGORY_L1", "GENRES", "GENRE", "BRAND"];
/// Columns with the address of its picture.
pub(super) const PICTURES: &[&str] = &["IMAGE", "IMAGE_URL", "PICTURE", "PICTURE_URL"];

/// Whether a card shows a column.
pub(super) fn is_shown(column: &str) -> bool {
    [NAMES, PRICES, CATEGORIES, PICTURES].iter().any(|names| names.iter().any(|name| name.eq_ignore_ascii_case(column)))
}
