//! `tastemaker demo`: the main job on a sample shop, through the public API.

use crate::commands::serve::env_command;
use crate::config::{Config, ConfigFlags, noted_address, reachable_url};
use crate::console_settings::{console_address, login_link_to};
use crate::demo::in_server::SEED;
use crate::demo::journey::{Journey, Outcome};
use crate::demo::shop::CAMPAIGN;
use crate::demo::shop::Shop;
use crate::demo::steps::TerminalLog;
use crate::server::Server;
use crate::stop::StopSignal;
use anyhow::{Result, bail};
use axum::Router;
use serde_json::Value;
use tastemaker_console::pages::demo::try_page;
use tastemaker_domain::catalog::{AWS_POPULARITY_COUNT, AWS_USER_PERSONALIZATION};

/// Show the whole journey on a sample shop, then keep serving it.
#[derive(clap::Args)]
pub struct DemoFlags {
    #[command(flatten)]
    config: ConfigFlags,
    /// End with status 0 once the answer was checked
    #[arg(long)]
    exit: bool,
}

/// Runs the command.
pub async fn run(flags: &DemoFlags) -> Result<()> {
    let config = Config::load(&flags.config)?;
    let shop = Shop::make(SEED);
    let server = Server::start(&config, env_command(&flags.config, &config), |_| Router::new()).await?;
    let noted = noted_address(&server.address, &config.tls);
    println!(
        "A sample shop: {} products, {} users, {} interactions over one year.\nServing at {}\n",
        shop.products.len(),
        shop.users(),
        shop.interactions(),
        reachable_url(&noted)
    );
    let client = server.client(&config);
    let log = TerminalLog::default();
    let links = format!("{}/demo", console_address(&config, &noted)?);
    let outcome = Journey { client: &client, board: &server.progress, log: &log }.run(&shop, &links).await?;
    let token = (!config.listens_on_loopback()?).then_some(server.credentials.recommendations_token.as_str());
    report(&outcome, &reachable_url(&noted), shop.busiest_user(), token);
    if flags.exit {
        check(&outcome)?;
        return server.stop().await;
    }
    if let Some(secrets) = &server.console {
        let next = try_page(&outcome.ready);
        println!("In a browser (once, within ten minutes):\n\n  {}\n", login_link_to(&config, &noted, secrets, &next)?);
    }
    let signal = StopSignal::listen()?;
    println!("Serving until Ctrl-C; in another shell: {}", env_command(&flags.config, &config));
    server.run_until(signal).await
}

fn report(outcome: &Outcome, url: &str, user: &str, token: Option<&str>) {
    println!("\nOffline metrics on held-out users (GetSolutionMetrics):\n");
    // Two recipes' names do not fit beside each other into 80 columns.
    let [learned, popular] = [&AWS_USER_PERSONALIZATION, &AWS_POPULARITY_COUNT].map(|recipe| in_two_lines(recipe.name));
    for (learned, popular) in learned.into_iter().zip(popular) {
        println!("  {:<43} {learned:>16} {popular:>16}", "");
    }
    for (key, value) in outcome.learned.as_object().into_iter().flatten() {
        let (learned, popular) = (number(value), number(&outcome.popularity[key]));
        println!("  {key:<43} {learned:>16.4} {popular:>16.4}");
    }
    println!("\nThe first recommendations for {user} (campaign {CAMPAIGN}):\n");
    for item in outcome.recommendations.as_array().into_iter().flatten().take(5) {
        let text = |key: &str| item[key].as_str().unwrap_or_default();
        println!("  {:<25} {:>7}  {}", text("name"), item["price"].to_string(), text("url"));
    }
    println!("\nOne click by {user} changed the list: {}", if outcome.reacted { "yes" } else { "no" });
    let header = token.map(|t| format!("-H 'X-Api-Key: {t}' ")).unwrap_or_default();
    println!("\nTry it:\n\n  curl {header}'{url}/recommendations?user_id={user}'\n");
}

/// A name of words with hyphens, broken near its middle.
fn in_two_lines(name: &str) -> [&str; 2] {
    let hyphens = name.match_indices('-').map(|(at, _)| at + 1);
    let middle = hyphens.min_by_key(|at| at.abs_diff(name.len() / 2)).unwrap_or(0);
    [&name[..middle], &name[middle..]]
}

fn check(outcome: &Outcome) -> Result<()> {
    let key = "normalized_discounted_cumulative_gain_at_10";
    let (learned, popular) = (number(&outcome.learned[key]), number(&outcome.popularity[key]));
    if learned < 1.5 * popular {
        bail!("the learned recipe should clearly beat popularity: {key} {learned} against {popular}");
    }
    if !outcome.reacted {
        bail!("a streamed event should change the next recommendations");
    }
    Ok(())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_recipes_break_at_hyphens() {
        assert_eq!(in_two_lines("aws-user-personalization"), ["aws-user-", "personalization"]);
        assert_eq!(in_two_lines("aws-popularity-count"), ["aws-popularity-", "count"]);
        assert_eq!(in_two_lines("trending"), ["", "trending"]);
    }
}
