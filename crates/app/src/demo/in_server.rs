//! The sample shop in a server: filled in on request through the server's own public API, with pictures of its products.

use super::catalog::{self, CATEGORIES, Product};
use super::client::Client;
use super::journey::{Journey, Outcome};
use super::pictures::picture;
use super::shop::Shop;
use super::steps::StateLog;
use crate::progress::ProgressBoard;
use anyhow::{Context, Result};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::sync::Arc;
use std::time::Instant;
use tastemaker_console::ports::{DemoPhase, DemoProduct, DemoShop, DemoState};
use tokio::sync::watch;

/// The sample shop is the same on every machine.
pub const SEED: u64 = 20_250_101;

/// The sample shop of one server.
pub struct DemoInServer {
    products: Vec<Product>,
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    board: Arc<ProgressBoard>,
    log: StateLog,
}

impl DemoInServer {
    /// The shop that `client` fills its server with; `board` has the progress of the server's jobs.
    pub fn new(client: Client, board: Arc<ProgressBoard>) -> Self {
        let products = catalog::make(&mut Xoshiro256PlusPlus::seed_from_u64(SEED));
        Self { products, shared: Arc::new(Shared { client, board, log: StateLog::default() }) }
    }

    fn find(&self, id: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }
}

impl Shared {
    async fn fill(&self, links: &str) -> Result<Outcome> {
        let shop = tokio::task::spawn_blocking(|| Shop::make(SEED)).await.context("the shop cannot be made")?;
        let journey = Journey { client: &self.client, board: &self.board, log: &self.log };
        journey.run(&shop, links).await
    }
}

impl DemoShop for DemoInServer {
    fn start(&self, links: &str) {
        if !self.shared.log.begin_journey() {
            return;
        }
        let (shared, links) = (self.shared.clone(), links.to_owned());
        tokio::spawn(async move {
            let outcome = shared.fill(&links).await;
            shared.log.change(|state, _| {
                state.ended = Some(Instant::now());
                match outcome {
                    Ok(outcome) => {
                        state.phase = DemoPhase::Done;
                        state.ready = Some(outcome.ready);
                    }
                    Err(error) => {
                        tracing::warn!(error = format!("{error:#}"), "the sample shop could not be loaded");
                        state.phase = DemoPhase::Failed(format!("{error:#}"));
                    }
                }
            });
        });
    }

    fn state(&self) -> DemoState {
        self.shared.log.now()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.shared.log.changes()
    }

    fn product(&self, id: &str) -> Option<DemoProduct> {
        self.find(id).map(|product| DemoProduct {
            id: product.id.clone(),
            name: product.name.clone(),
            category: CATEGORIES[product.category].name.to_owned(),
            price_cents: product.price_cents,
        })
    }

    fn picture(&self, id: &str) -> Option<Vec<u8>> {
        let drawn = picture(self.find(id)?);
        drawn.inspect_err(|error| tracing::warn!(%error, id, "the picture cannot be encoded")).ok()
    }
}
