//! The item columns that fill the fields of an answer.

/// Column names tried in this order when the configuration names none.
pub const URL_COLUMNS: &[&str] = &["URL", "PRODUCT_URL"];
/// See [`URL_COLUMNS`].
pub const NAME_COLUMNS: &[&str] = &["NAME", "TITLE", "PRODUCT_NAME"];
/// See [`URL_COLUMNS`].
pub const PRICE_COLUMNS: &[&str] = &["PRICE"];
/// See [`URL_COLUMNS`].
pub const IMAGE_COLUMNS: &[&str] = &["IMAGE", "IMAGE_URL"];

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
                None => defaults.iter().find_map(|name| find(name)),
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
