//! `tastemaker demo`: the main job on a sample shop, through the public API.

use crate::config::{Config, ConfigFlags, reachable};
use crate::demo::client::Client;
use crate::demo::journey::{CAMPAIGN, Journey, Outcome};
use crate::demo::pages;
use crate::demo::shop::Shop;
use crate::progress::ProgressBoard;
use crate::server::Server;
use anyhow::{Result, bail};
use serde_json::Value;
use std::sync::Arc;
use tastemaker_domain::catalog::{AWS_POPULARITY_COUNT, AWS_USER_PERSONALIZATION};

/// The sample shop is the same on every machine.
const SEED: u64 = 20_250_101;

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
    let shop = Arc::new(Shop::make(SEED));
    let board = Arc::new(ProgressBoard::default());
    let noted = board.clone();
    let progress = Arc::new(move |resource: &str, p: &tastemaker_learn::Progress| noted.note(resource, p.clone()));
    let pages = shop.clone();
    let server = Server::start(&config, progress, move |_| pages::routes(pages)).await?;
    let address = reachable(&server.address);
    println!(
        "A sample shop: {} products, {} users, {} interactions over one year. Serving at http://{address}\n",
        shop.products.len(),
        shop.users(),
        shop.interactions()
    );
    let client = Client::new(&address, &config.region, &server.credentials);
    let outcome = Journey::new(&client, &board).run(&shop, &address).await?;
    let token = (!config.listens_on_loopback()?).then_some(server.credentials.recommendations_token.as_str());
    report(&outcome, &address, shop.busiest_user(), token);
    if flags.exit {
        check(&outcome)?;
        return server.stop().await;
    }
    println!("Serving until Ctrl-C. In another shell: eval \"$(tastemaker env{})\"", shell_flags(&flags.config));
    server.run_until_signal().await
}

fn shell_flags(flags: &ConfigFlags) -> String {
    let listen = flags.listen.as_ref().map(|l| format!(" --listen {l}")).unwrap_or_default();
    let data = flags.data_dir.as_ref().map(|d| format!(" --data-dir {}", d.display())).unwrap_or_default();
    format!("{listen}{data}")
}

fn report(outcome: &Outcome, address: &str, user: &str, token: Option<&str>) {
    println!("\nOffline metrics on held-out users (GetSolutionMetrics):\n");
    println!("  {:<46} {:>24} {:>20}", "", AWS_USER_PERSONALIZATION.name, AWS_POPULARITY_COUNT.name);
    for (key, value) in outcome.learned.as_object().into_iter().flatten() {
        let (learned, popular) = (number(value), number(&outcome.popularity[key]));
        println!("  {key:<46} {learned:>24.4} {popular:>20.4}");
    }
    println!("\nThe first recommendations for {user} (campaign {CAMPAIGN}):\n");
    for item in outcome.recommendations.as_array().into_iter().flatten().take(5) {
        let text = |key: &str| item[key].as_str().unwrap_or_default();
        println!("  {:<28} {:>8}  {}", text("name"), item["price"].to_string(), text("url"));
    }
    println!("\nOne click by {user} changed the list: {}", if outcome.reacted { "yes" } else { "no" });
    let header = token.map(|t| format!("-H 'X-Api-Key: {t}' ")).unwrap_or_default();
    println!("\nTry it:\n\n  curl {header}'http://{address}/recommendations?user_id={user}'\n");
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
