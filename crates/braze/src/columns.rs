//! The item columns that fill the fields of an answer.

/// Column names for `url`, tried in this order when the configuration names none. Case, underscores and hyphens do not matter.
pub const URL_COLUMNS: &[&str] =
    &["URL", "PRODUCT_URL", "ITEM_URL", "LINK", "PRODUCT_LINK", "ITEM_LINK", "PAGE_URL", "PERMALINK"];
/// Column names for `name`; see [`URL_COLUMNS`]. Descriptions come last: they are long, and better than nothing.
pub const NAME_COLUMNS: &[&str] = &[
    "NAME",
    "TITLE",
    "PRODUCT_NAME",
    "PRODUCT_TITLE",
    "ITEM_NAME",
    "ITEM_TITLE",
    "DISPLAY_NAME",
    "HEADLINE",
    "LABEL",
    "SHORT_DESCRIPTION",
    "PRODUCT_DESCRIPTION",
    "ITEM_DESCRIPTION",
    "DESCRIPTION",
];
/// Column names for `price`; see [`URL_COLUMNS`].
pub const PRICE_COLUMNS: &[&str] =
    &["PRICE", "PRODUCT_PRICE", "ITEM_PRICE", "UNIT_PRICE", "CURRENT_PRICE", "SALE_PRICE", "LIST_PRICE"];
/// Column names for `image`; see [`URL_COLUMNS`].
pub const IMAGE_COLUMNS: &[&str] = &[
    "IMAGE",
    "IMAGE_URL",
    "IMAGE_LINK",
    "PRODUCT_IMAGE",
    "PRODUCT_IMAGE_URL",
    "ITEM_IMAGE",
    "ITEM_IMAGE_URL",
    "IMG",
    "IMG_URL",
    "PICTURE",
    "PICTURE_URL",
    "THUMBNAIL",
    "THUMBNAIL_URL",
    "POSTER",
    "POSTER_URL",
];

/// `[recommendations.columns]` and the templates of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldsConfig {
    /// Item column for `url`, in any case.
    pub url: Option<String>,
    /// Item column for `name`.
    pub name: Option<String>,
    /// Item column for `price`.
    pub price: Option<String>,
    /// Item column for `image`.
    pub image: Option<String>,
    /// Makes `url` for items without one; `{id}` stands for the percent-encoded item id.
    pub url_template: Option<String>,
    /// Makes `image` for items without one, likewise.
    pub image_template: Option<String>,
}

/// The columns of one Items dataset that fill the fields; `None` where the dataset has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct FieldColumns {
    pub url: Option<String>,
    pub name: Option<String>,
    pub price: Option<String>,
    pub image: Option<String>,
}

impl FieldsConfig {
    /// Chooses among the columns that exist. The second value lists configured columns that the dataset lacks: their
    /// fields stay empty, which is for the operator to know.
    pub fn resolve<'a>(&'a self, existing: &[&str]) -> (FieldColumns, Vec<&'a str>) {
        let mut missing = Vec::new();
        let mut choose = |configured: &'a Option<String>, defaults: &[&str]| {
            let find = |wanted: &str| existing.iter().find(|c| c.eq_ignore_ascii_case(wanted)).map(|c| (*c).to_owned());
            match configured {
                Some(wanted) => {
                    let found = find(wanted);
                    if found.is_none() {
                        missing.push(wanted.as_str());
                    }
                    found
                }
                None => defaults.iter().find_map(|name| {
                    let plain = plain(name);
                    find(name).or_else(|| existing.iter().find(|c| self::plain(c) == plain).map(|c| (*c).to_owned()))
                }),
            }
        };
        let columns = FieldColumns {
            url: choose(&self.url, URL_COLUMNS),
            name: choose(&self.name, NAME_COLUMNS),
            price: choose(&self.price, PRICE_COLUMNS),
            image: choose(&self.image, IMAGE_COLUMNS),
        };
        (columns, missing)
    }

    /// The fields that nothing fills, each with the column names that were looked for; a configured column that does not exist
    /// is not among them.
    pub fn unfilled(&self, columns: &FieldColumns) -> Vec<(&'static str, &'static [&'static str])> {
        let fields = [
            ("name", &columns.name, &self.name, &None, NAME_COLUMNS),
            ("price", &columns.price, &self.price, &None, PRICE_COLUMNS),
            ("url", &columns.url, &self.url, &self.url_template, URL_COLUMNS),
            ("image", &columns.image, &self.image, &self.image_template, IMAGE_COLUMNS),
        ];
        let empty = fields.into_iter().filter(|(_, found, configured, template, _)| {
            found.is_none() && configured.is_none() && template.is_none()
        });
        empty.map(|(field, _, _, _, looked_for)| (field, looked_for)).collect()
    }
}

/// A column's name without what tells spellings apart: `productName` and `PRODUCT_NAME` are one.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

impl FieldColumns {
    /// The columns to ask the recommender for, each once.
    pub fn to_request(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in [&self.url, &self.name, &self.price, &self.image].into_iter().flatten() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_existing_default_wins_in_any_case() {
        let config = FieldsConfig::default();
        let (columns, missing) = config.resolve(&["TITLE", "PRODUCT_NAME", "price", "IMAGE_URL"]);
        let wanted = FieldColumns {
            url: None,
            name: Some("TITLE".into()),
            price: Some("price".into()),
            image: Some("IMAGE_URL".into()),
        };
        assert_eq!((columns.clone(), missing.len()), (wanted, 0));
        assert_eq!(columns.to_request(), ["TITLE", "price", "IMAGE_URL"]);
    }

    #[test]
    fn names_are_looked_for_in_an_order_and_in_any_spelling() {
        let config = FieldsConfig::default();
        let name = |existing: &[&str]| config.resolve(existing).0.name;
        for (existing, chosen) in [
            (&["DESCRIPTION", "PRODUCT_NAME"][..], "PRODUCT_NAME"),
            (&["DESCRIPTION", "CATEGORY"], "DESCRIPTION"),
            (&["TITLE", "NAME"], "NAME"),
            (&["itemName", "PRODUCT_DESCRIPTION"], "itemName"),
            (&["product-title"], "product-title"),
        ] {
            assert_eq!(name(existing).as_deref(), Some(chosen), "{existing:?}");
        }
        assert_eq!(name(&["CATEGORY_L1", "GENRES"]), None);
        let (columns, _) = config.resolve(&["unitPrice", "link", "ThumbnailUrl"]);
        assert_eq!(columns.to_request(), ["link", "unitPrice", "ThumbnailUrl"]);
    }

    #[test]
    fn empty_fields_say_what_was_looked_for() {
        let fields = |config: &FieldsConfig, existing: &[&str]| -> Vec<&'static str> {
            let unfilled = config.unfilled(&config.resolve(existing).0);
            assert!(unfilled.iter().all(|(field, looked_for)| looked_for[0] == field.to_uppercase()));
            unfilled.into_iter().map(|(field, _)| field).collect()
        };
        let plain = FieldsConfig::default();
        assert_eq!(fields(&plain, &["CATEGORY", "PRICE"]), ["name", "url", "image"]);
        assert_eq!(fields(&plain, &["NAME", "PRICE", "URL", "IMAGE"]), [""; 0]);
        let config = FieldsConfig { name: Some("GONE".into()), url_template: Some("https://s/{id}".into()), ..plain };
        assert_eq!(fields(&config, &["PRICE"]), ["image"]);
    }

    #[test]
    fn a_configured_column_is_the_only_candidate() {
        let config = FieldsConfig {
            name: Some("label".into()),
            price: Some("COST".into()),
            url: Some("LABEL".into()),
            ..FieldsConfig::default()
        };
        let (columns, missing) = config.resolve(&["LABEL", "NAME", "PRICE"]);
        assert_eq!((columns.name.as_deref(), columns.price.as_deref()), (Some("LABEL"), None));
        assert_eq!(missing, ["COST"]);
        assert_eq!(columns.to_request(), ["LABEL"]);
    }
}
