//! The text of `/metrics`.

use crate::observability::collect;
use crate::scraped_metrics::{Sample, rendered};
use crate::state::HttpState;

/// The text of `/metrics` now: what was counted, and what is read now.
pub(crate) async fn render(state: &HttpState) -> String {
    collect(&state.serving, &state.admission, &state.service.odd_event_times);
    let mut samples = vec![
        Sample::new("tastemaker_ready", f64::from(u8::from(state.readiness.is_ready()))),
        Sample::new("tastemaker_campaigns_not_loaded", state.serving.campaigns.failures().len() as f64),
    ];
    if let Some(scraped) = &state.listener.scraped {
        samples.extend(scraped.read().await);
    }
    let mut text = state.metrics.render();
    text.push_str(&rendered(&samples));
    text
}
