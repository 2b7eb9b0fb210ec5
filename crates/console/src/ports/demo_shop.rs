//! The port of the sample shop with which a new server can be filled.

use std::time::Instant;

/// The sample shop: a dataset group with three imported datasets, trained models and a campaign that answers.
pub trait DemoShop: Send + Sync {
    /// Begins to fill the server with the shop, unless that is under way. The links of the shop's products begin with
    /// `links`, such as `http://127.0.0.1:8080/console/demo`.
    fn start(&self, links: &str);
    /// The progress of the present step.
    fn state(&self) -> DemoState;
    /// Counts up with every change of [`DemoShop::state`].
    fn changes(&self) -> tokio::sync::watch::Receiver<u64>;
    /// A product of the shop.
    fn product(&self, id: &str) -> Option<DemoProduct>;
    /// The picture of a product, as PNG.
    fn picture(&self, id: &str) -> Option<Vec<u8>>;
}

/// The progress of filling a server with the sample shop.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DemoState {
    /// The phase of the whole.
    pub phase: DemoPhase,
    /// Every step that was begun, in order.
    pub steps: Vec<DemoStep>,
    /// The time at which it ended, well or not.
    pub ended: Option<Instant>,
    /// The campaign and the user to try, once all is done.
    pub ready: Option<DemoReady>,
}

/// The phases of filling a server with the sample shop.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum DemoPhase {
    /// Not begun by this process.
    #[default]
    Absent,
    /// Under way.
    Running,
    /// All steps are done.
    Done,
    /// A step failed, for this reason.
    Failed(String),
}

/// A step of filling a server with the sample shop.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoStep {
    /// The kind of the step.
    pub kind: DemoStepKind,
    /// Seconds that it took; `None` while it is under way.
    pub seconds: Option<f64>,
    /// The stage of a step with several, such as `training`.
    pub stage: String,
    /// Parts done of the stage.
    pub done: u64,
    /// Parts of the stage; zero where that is not known.
    pub total: u64,
}

/// The kinds of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoStepKind {
    /// Three CSV files are uploaded.
    Upload,
    /// A dataset of this type is imported.
    Import {
        /// `interactions`, `items` or `users`.
        dataset: &'static str,
    },
    /// A solution version is trained.
    Train {
        /// Name of the recipe.
        recipe: &'static str,
        /// The preset among its hyperparameters.
        preset: Option<&'static str>,
    },
    /// The campaign is made.
    Deploy,
    /// The campaign moves to the newest training.
    Update,
}

/// The request that shows the sample shop's recommendations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoReady {
    /// Name of the dataset group.
    pub dataset_group: String,
    /// ARN of the campaign.
    pub campaign_arn: String,
    /// The user with the history of middle length.
    pub user_id: String,
}

/// A product of the sample shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoProduct {
    /// `p0001`.
    pub id: String,
    /// Shown to people.
    pub name: String,
    /// The category's name.
    pub category: String,
    /// In cents.
    pub price_cents: u32,
}

/// For tests: a shop whose state does not change.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct FixedDemoShop {
    /// Its progress.
    pub state: DemoState,
    /// The links with which it was begun.
    pub begun: parking_lot::Mutex<Vec<String>>,
}

#[cfg(test)]
impl DemoShop for FixedDemoShop {
    fn start(&self, links: &str) {
        self.begun.lock().push(links.to_owned());
    }

    fn state(&self) -> DemoState {
        self.state.clone()
    }

    fn changes(&self) -> tokio::sync::watch::Receiver<u64> {
        tokio::sync::watch::channel(0).1
    }

    fn product(&self, id: &str) -> Option<DemoProduct> {
        let product =
            DemoProduct { id: id.to_owned(), name: "Kettle".into(), category: "Kitchen".into(), price_cents: 1205 };
        (id == "p1").then_some(product)
    }

    fn picture(&self, id: &str) -> Option<Vec<u8>> {
        (id == "p1").then(|| b"\x89PNG".to_vec())
    }
}
