//! The listeners that a journey tells its steps: a terminal with progress bars, and the state that the console shows.

use super::shop::CAMPAIGN;
use indicatif::{ProgressBar, ProgressStyle};
use parking_lot::Mutex;
use std::time::{Duration, Instant};
use tastemaker_console::ports::{DemoPhase, DemoState, DemoStep, DemoStepKind};
use tastemaker_learn::Progress;
use tokio::sync::watch;

/// Listens to the steps of a journey. A step begins when the one before has ended.
pub trait StepLog: Send + Sync {
    /// A step begins.
    fn begin(&self, kind: DemoStepKind);
    /// The job of the present step says how far it is.
    fn progress(&self, progress: &Progress);
    /// The present step has ended well.
    fn end(&self);
}

/// Progress bars on a terminal, and a line for each step that has ended.
#[derive(Default)]
pub struct TerminalLog {
    present: Mutex<Option<(DemoStepKind, ProgressBar)>>,
}

impl StepLog for TerminalLog {
    fn begin(&self, kind: DemoStepKind) {
        let bar = ProgressBar::new(0).with_style(bar_style(false)).with_message(sentence(kind, Tense::Present));
        bar.enable_steady_tick(Duration::from_millis(100));
        *self.present.lock() = Some((kind, bar));
    }

    fn progress(&self, progress: &Progress) {
        if let Some((_, bar)) = &*self.present.lock() {
            bar.set_style(bar_style(progress.total > 0));
            bar.set_length(progress.total);
            bar.set_position(progress.done);
            let note = if progress.note.is_empty() { String::new() } else { format!(": {}", progress.note) };
            bar.set_message(format!("{}{note}", progress.stage));
        }
    }

    fn end(&self) {
        if let Some((kind, bar)) = self.present.lock().take() {
            let seconds = bar.elapsed().as_secs_f64();
            bar.finish_and_clear();
            println!("  {} ({seconds:.1} s)", sentence(kind, Tense::Past));
        }
    }
}

fn bar_style(known_length: bool) -> ProgressStyle {
    let template = if known_length { "  {spinner} [{bar:30}] {pos}/{len} {msg}" } else { "  {spinner} {msg}" };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

#[derive(Clone, Copy)]
enum Tense {
    Present,
    Past,
}

fn sentence(kind: DemoStepKind, tense: Tense) -> String {
    let of = |present: &'static str, past: &'static str| match tense {
        Tense::Present => present,
        Tense::Past => past,
    };
    match kind {
        DemoStepKind::Upload => of(
            "uploading three CSV files to s3://demo-shop",
            "uploaded interactions.csv, items.csv and users.csv to s3://demo-shop",
        )
        .to_owned(),
        DemoStepKind::Import { dataset } => format!("{} {dataset}", of("importing", "imported")),
        DemoStepKind::Train { recipe, preset } => {
            let preset = preset.map_or_else(String::new, |preset| format!(" with the preset {preset}"));
            format!("{} {recipe}{preset}", of("training", "trained"))
        }
        DemoStepKind::Deploy => format!("{} campaign {CAMPAIGN}", of("deploying", "deployed")),
        DemoStepKind::Update => {
            format!("{} campaign {CAMPAIGN} to the newest training", of("updating", "updated"))
        }
    }
}

/// The state of a journey, for those who look at it meanwhile.
pub struct StateLog {
    state: Mutex<(DemoState, Option<Instant>)>,
    changes: watch::Sender<u64>,
}

impl Default for StateLog {
    fn default() -> Self {
        Self { state: Mutex::default(), changes: watch::Sender::new(0) }
    }
}

impl StateLog {
    /// The state now.
    pub fn now(&self) -> DemoState {
        self.state.lock().0.clone()
    }

    /// Counts up with every change.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Whether the caller may begin: no journey is under way, and from now on one is.
    pub fn begin_journey(&self) -> bool {
        let mut begun = false;
        self.change(|state, _| {
            begun = state.phase != DemoPhase::Running;
            if begun {
                *state = DemoState { phase: DemoPhase::Running, ..DemoState::default() };
            }
        });
        begun
    }

    /// The state becomes what `change` makes of it; the second value is the time at which the present step began.
    pub fn change(&self, change: impl FnOnce(&mut DemoState, &mut Option<Instant>)) {
        let (state, began) = &mut *self.state.lock();
        let before = state.clone();
        change(state, began);
        if *state != before {
            self.changes.send_modify(|count| *count += 1);
        }
    }
}

impl StepLog for StateLog {
    fn begin(&self, kind: DemoStepKind) {
        self.change(|state, began| {
            *began = Some(Instant::now());
            state.steps.push(DemoStep { kind, seconds: None, stage: String::new(), done: 0, total: 0 });
        });
    }

    fn progress(&self, progress: &Progress) {
        self.change(|state, _| {
            if let Some(step) = state.steps.last_mut() {
                step.stage = progress.stage.to_owned();
                (step.done, step.total) = (progress.done, progress.total);
            }
        });
    }

    fn end(&self) {
        self.change(|state, began| {
            if let Some(step) = state.steps.last_mut() {
                step.seconds = began.take().map(|began| began.elapsed().as_secs_f64());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(done: u64) -> Progress {
        Progress { stage: "train", done, total: 4, note: String::new(), epoch: None }
    }

    #[test]
    fn the_state_has_every_step_with_its_numbers() {
        let log = StateLog::default();
        let changes = log.changes();
        assert!(log.begin_journey());
        assert!(!log.begin_journey(), "one journey at a time");
        log.begin(DemoStepKind::Upload);
        log.end();
        log.begin(DemoStepKind::Deploy);
        log.progress(&progress(3));
        let counted = *changes.borrow();
        log.progress(&progress(3));
        assert_eq!(*changes.borrow(), counted, "nothing has changed");

        let state = log.now();
        assert_eq!(state.phase, DemoPhase::Running);
        assert!(state.steps[0].seconds.is_some_and(|seconds| (0.0..10.0).contains(&seconds)));
        let deploy = &state.steps[1];
        assert_eq!((deploy.seconds, deploy.stage.as_str(), deploy.done, deploy.total), (None, "train", 3, 4));

        log.change(|state, _| state.phase = DemoPhase::Failed("no space".to_owned()));
        assert!(log.begin_journey(), "a failed journey may be tried again");
        assert!(log.now().steps.is_empty());
    }

    #[test]
    fn a_terminal_reads_sentences() {
        let train = DemoStepKind::Train { recipe: "aws-user-personalization", preset: Some("fast") };
        assert_eq!(sentence(train, Tense::Present), "training aws-user-personalization with the preset fast");
        assert_eq!(sentence(DemoStepKind::Import { dataset: "items" }, Tense::Past), "imported items");
        assert_eq!(sentence(DemoStepKind::Deploy, Tense::Past), "deployed campaign demo-shop-for-you");
    }
}
