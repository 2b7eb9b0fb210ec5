//! The settings of the `/recommendations` family as the HTTP server takes them, checked.

use crate::config::Config;
use crate::data_dir::Credentials;
use crate::recommendations_config::{AccessMode, KeyConfig, RecommenderConfig};
use anyhow::{Context, Result, bail};
use std::time::Duration;
use tastemaker_braze::columns::FieldsConfig;
use tastemaker_braze::inbound::{Mapping, currents_with};
use tastemaker_braze::query::{Params, Request};
use tastemaker_braze::shape::Shape;
use tastemaker_http::access::{Access, EVERYTHING, Key};
use tastemaker_http::client_address::{Cidr, Network};
use tastemaker_http::recommendations::{RecommendationsConfig as HttpRecommendationsConfig, RecommenderSettings};

/// Milliseconds of a list's time budget at most: Braze waits two seconds, the way there and back included.
const BUDGET_MS_MAX: u64 = 1_900;

/// The settings of the `/recommendations` family for the HTTP server.
pub fn http_settings(config: &Config, credentials: &Credentials) -> Result<HttpRecommendationsConfig> {
    let settings = config.recommendations.clone();
    if !(1..=BUDGET_MS_MAX).contains(&settings.budget_ms) {
        bail!("recommendations.budget_ms must be 1 to {BUDGET_MS_MAX}, not {}", settings.budget_ms);
    }
    let fields = FieldsConfig {
        url: settings.columns.url.clone(),
        name: settings.columns.name.clone(),
        price: settings.columns.price.clone(),
        image: settings.columns.image.clone(),
        url_template: settings.url_template.clone(),
        image_template: settings.image_template.clone(),
    };
    let recommenders = settings.recommenders.iter().map(|(name, recommender)| {
        let checked = recommender_settings(recommender);
        Ok((name.clone(), checked.with_context(|| format!("recommendations.recommenders.{name}"))?))
    });
    let webhooks = config.braze.webhook.iter().map(|(name, rules)| {
        let mapping = Mapping::new(rules).with_context(|| format!("braze.webhook.{name}"))?;
        Ok((name.clone(), mapping))
    });
    Ok(HttpRecommendationsConfig {
        access: access(config, credentials)?,
        recommenders: recommenders.collect::<Result<_>>()?,
        shape: settings.shape.as_deref().map(shape).transpose().context("recommendations.shape")?,
        currents: currents_with(&config.braze.currents).context("braze.currents")?,
        webhooks: webhooks.collect::<Result<_>>()?,
        fields,
        campaign: settings.campaign,
        related: settings.related,
        popular: settings.popular,
        rerank: settings.rerank,
        extra_columns: settings.extra_columns,
        image_base_url: settings.image_base_url,
        bare_items: settings.bare_items,
        user_required: settings.user_required,
        explore_first_place: settings.explore_first_place,
        budget: Duration::from_millis(settings.budget_ms),
        cache: Duration::from_secs(settings.cache_s),
        dataset_group: config.braze.dataset_group.clone(),
    })
}

fn access(config: &Config, credentials: &Credentials) -> Result<Access> {
    let settings = &config.recommendations;
    let network = &settings.network;
    let client_header = network.client_header.parse();
    let network = Network {
        allow: blocks("recommendations.network.allow", &network.allow)?,
        trusted_proxies: blocks("recommendations.network.trusted_proxies", &network.trusted_proxies)?,
        client_header: client_header.context("recommendations.network.client_header is no name of a header")?,
    };
    let everybody = settings.access == AccessMode::Auto && settings.keys.is_empty() && config.listens_on_loopback()?;
    let access = match everybody {
        true => Access::open(),
        false => {
            let own = Key::new("the token of the data directory", &credentials.recommendations_token);
            let more = settings.keys.iter().map(key).collect::<Result<Vec<_>>>()?;
            Access::keys(std::iter::once(own).chain(more).collect())
        }
    };
    Ok(access.from_network(network))
}

fn key(key: &KeyConfig) -> Result<Key> {
    let text = std::fs::read_to_string(&key.token_file)
        .with_context(|| format!("recommendations.keys '{}': cannot read {}", key.name, key.token_file.display()))?;
    let token = text.trim();
    if token.is_empty() {
        bail!("recommendations.keys '{}': {} is empty", key.name, key.token_file.display());
    }
    let scopes = key.scopes.clone().unwrap_or_else(|| vec![EVERYTHING.to_owned()]);
    let allow = blocks(&format!("recommendations.keys '{}' allow", key.name), &key.allow)?;
    Ok(Key::new(&key.name, token).scoped(scopes).allowed_from(allow))
}

fn blocks(name: &str, texts: &[String]) -> Result<Vec<Cidr>> {
    let block = |text: &String| text.parse().map_err(|problem| anyhow::anyhow!("{name}: {problem}"));
    texts.iter().map(block).collect()
}

fn shape(word: &str) -> Result<Shape> {
    let words: Vec<&str> = Shape::WORDS.iter().map(|(word, _)| *word).collect();
    Shape::of(word).with_context(|| format!("'{word}' is none of {}", words.join(", ")))
}

/// Settings are checked as the parameters of a request are.
fn recommender_settings(config: &RecommenderConfig) -> Result<RecommenderSettings> {
    let body = serde_json::json!({
        "num_results": config.num_results, "filter": config.filter, "filter_values": config.filter_values,
        "promotion": config.promotion, "promotion_percent": config.promotion_percent, "shape": config.shape,
        "fields": config.fields.as_ref().map(|fields| fields.join(",")), "min_results": config.min_results,
    });
    let request = Request::of(&Params::of_json(body.to_string().as_bytes())?)?;
    Ok(RecommenderSettings {
        campaign: config.campaign.clone(),
        num_results: request.num_results,
        filter: request.filter,
        filter_values: request.filter_values,
        promotion: request.promotion,
        promotion_percent: request.promotion_percent,
        shape: request.shape,
        fields: request.fields,
        min_results: request.min_results,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_config::config;

    fn loaded(toml: &str) -> Result<HttpRecommendationsConfig> {
        let (_dir, config, credentials) = config(toml)?;
        http_settings(&config, &credentials)
    }

    #[test]
    fn every_key_reaches_the_edge() -> Result<()> {
        let settings = loaded(
            r#"
            [recommendations]
            campaign = "c"
            related = "r"
            popular = "p"
            rerank = "k"
            url_template = "https://s/{id}"
            image_base_url = "https://i"
            extra_columns = ["BRAND"]
            shape = "object"
            bare_items = true
            user_required = true
            explore_first_place = true
            budget_ms = 150
            cache_s = 0
            [recommendations.columns]
            price = "COST"
            [recommendations.recommenders.home]
            campaign = "h"
            num_results = 4
            filter = "f"
            filter_values = { G = "Comedy" }
            promotion = "sale"
            promotion_percent = 50
            shape = "ids"
            fields = ["id", "name"]
            min_results = 2
            [braze]
            dataset_group = "shop"
            [[braze.webhook.orders]]
            user = ["u"]
            item = ["i"]
            event_type = "Bought"
            "#,
        )?;
        assert_eq!(settings.campaign.as_deref(), Some("c"));
        assert_eq!((settings.related.as_deref(), settings.popular.as_deref()), (Some("r"), Some("p")));
        assert_eq!((settings.rerank.as_deref(), settings.dataset_group.as_deref()), (Some("k"), Some("shop")));
        assert_eq!((settings.budget, settings.cache), (Duration::from_millis(150), Duration::ZERO));
        assert!(settings.bare_items && settings.user_required && settings.access.is_open());
        assert!(settings.explore_first_place);
        assert_eq!((settings.shape, settings.fields.price.as_deref()), (Some(Shape::Object), Some("COST")));
        assert_eq!((settings.extra_columns.as_slice(), settings.webhooks.len()), (&["BRAND".to_owned()][..], 1));
        let home = &settings.recommenders["home"];
        assert_eq!((home.num_results, home.min_results, home.shape), (Some(4), Some(2), Some(Shape::Ids)));
        assert_eq!((home.filter.as_deref(), home.filter_values["G"].as_str()), (Some("f"), "\"Comedy\""));
        assert_eq!((home.promotion.as_deref(), home.promotion_percent), (Some("sale"), Some(50)));
        Ok(())
    }

    #[test]
    fn keys_close_the_door_even_on_loopback() -> Result<()> {
        assert!(!loaded("[recommendations]\naccess = 'always'")?.access.is_open());
        let settings = loaded("[[recommendations.keys]]\nname = 'braze'\ntoken_file = 'DIR/token'\nscopes = ['home']")?;
        let headers = |token: &str| {
            http::HeaderMap::from_iter([(http::HeaderName::from_static("x-api-key"), token.parse().expect("a value"))])
        };
        assert!(settings.access.admits(None, &headers("s3cret"), "home").is_ok());
        assert!(settings.access.admits(None, &headers("s3cret"), "popular").is_err());
        assert!(settings.access.admits(None, &headers("own"), "popular").is_ok());
        Ok(())
    }

    #[test]
    fn faults_name_the_key_and_the_rule() {
        for (toml, word) in [
            ("[recommendations]\nbudget_ms = 1901", "1 to 1900"),
            ("[recommendations]\nshape = 'round'", "'round' is none of flat"),
            ("[recommendations]\naccess = 'never'", "access"),
            ("[recommendations.network]\nallow = ['10.0.0.0/99']", "network.allow"),
            ("[recommendations.network]\nclient_header = 'x y'", "client_header"),
            ("[[recommendations.keys]]\nname = 'k'\ntoken_file = 'DIR/empty'", "is empty"),
            ("[[recommendations.keys]]\nname = 'k'\ntoken_file = 'DIR/absent'", "cannot read"),
            ("[recommendations.recommenders.h]\nnum_results = 501", "num_results"),
            ("[recommendations.recommenders.h]\nnumResults = 5", "numResults"),
            ("[[braze.webhook.w]]\nuser = ['u']\nevent_type = 'e'", "braze.webhook.w"),
            ("[[braze.currents]]\nuser = ['u..']\nitem = ['i']\nevent_type = 'e'", "braze.currents"),
        ] {
            let error = format!("{:#}", loaded(toml).expect_err(toml));
            assert!(error.contains(word), "{toml}: {error}");
        }
    }
}
