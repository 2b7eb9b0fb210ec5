//! The results of a training as text for a terminal.

use std::fmt::Write;
use tastemaker_domain::tuning::{Trial, TrialOutcome};
use tastemaker_training::fit::report::TrainingReport;

/// One line about a trial that has ended.
pub fn trial(trial: &Trial) -> String {
    let parameters: Vec<String> = trial.parameters.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let end = match &trial.outcome {
        TrialOutcome::Judged(quality) => format!("quality {quality:.4}"),
        TrialOutcome::Stopped => format!("ended early after {} epochs", trial.curve.len()),
        TrialOutcome::Failed(why) => why.clone(),
    };
    let note = if trial.number == 0 { " (without a search)" } else { "" };
    format!("trial {}: {}: {end}{note}", trial.number + 1, parameters.join(", "))
}

/// The whole report.
pub fn report(report: &TrainingReport) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = tell(report, &mut text);
    text
}

fn tell(report: &TrainingReport, out: &mut String) -> std::fmt::Result {
    let heading = |name: &str| format!("{:<46} {:>8} {:>17} {:>11}", name, "model", "95 %", "popularity");
    writeln!(out, "{}", heading(&format!("metric, over {} held-out users", report.test_users)))?;
    for (key, value) in &report.metrics {
        let interval = report.confidence_95.get(key).map_or(String::new(), |[a, b]| format!("{a:.4} to {b:.4}"));
        let popular = report.popularity_baseline.get(key).copied().unwrap_or(f64::NAN);
        writeln!(out, "{key:<46} {value:>8.4} {interval:>17} {popular:>11.4}")?;
    }
    if !report.by_history.is_empty() {
        writeln!(
            out,
            "\n{:<20} {:>6} {:>9} {:>11} {:>9} {:>11}",
            "events shown, from", "users", "NDCG@10", "popularity", "MRR@25", "popularity"
        )?;
        for band in &report.by_history {
            let ([ndcg, ndcg_popular], [mrr, mrr_popular]) = (band.ndcg_at_10, band.mrr_at_25);
            writeln!(
                out,
                "{:<20} {:>6} {ndcg:>9.4} {ndcg_popular:>11.4} {mrr:>9.4} {mrr_popular:>11.4}",
                band.events_from, band.users
            )?;
        }
    }
    if let Some(bias) = report.popularity_bias {
        writeln!(out, "\n{:<46} {:>8} {:>11} {:>11}", "popularity of what is", "listed", "taken", "popular")?;
        for (name, of) in [
            ("interactions of an item", [bias.model, bias.taken, bias.popularity_baseline].map(|b| b.mean_popularity)),
            (
                "share of the most popular half of interactions",
                [bias.model, bias.taken, bias.popularity_baseline].map(|b| b.head_share),
            ),
            ("inequality of the catalog (Gini)", [bias.model, bias.taken, bias.popularity_baseline].map(|b| b.gini)),
        ] {
            writeln!(out, "{name:<46} {:>8.4} {:>11.4} {:>11.4}", of[0], of[1], of[2])?;
        }
    }
    if let Some(blend) = &report.blend {
        let columns = ["in a visit", "alone", "without it", "returning", "alone", "without it"];
        write!(out, "\n{:<36}", "part of the blend")?;
        columns.iter().try_for_each(|column| write!(out, " {column:>10}"))?;
        writeln!(out)?;
        for signal in &blend.signals {
            write!(out, "{:<36}", signal.name)?;
            for mode in 0..2 {
                let (weight, single, without) = (signal.weights[mode], signal.single[mode], signal.without[mode]);
                write!(out, " {weight:>10.3} {single:>10.4} {without:>10.4}")?;
            }
            writeln!(out)?;
        }
        writeln!(
            out,
            "{:<36} {:>10} {:>10.4} {:>10} {:>10} {:>10.4}",
            "all together", "", blend.quality[0], "", "", blend.quality[1]
        )?;
    }
    if let Some(best) =
        report.training_curve.iter().max_by(|a, b| a.ndcg_at_10.unwrap_or(0.0).total_cmp(&b.ndcg_at_10.unwrap_or(0.0)))
        && let Some(ndcg) = best.ndcg_at_10
    {
        writeln!(
            out,
            "\n{} epochs, the best was {}: loss {:.4}, NDCG@10 {ndcg:.4}",
            report.training_curve.len(),
            best.epoch,
            best.loss
        )?;
    }
    if !report.trials.is_empty() {
        let parameters: Vec<String> = report.parameters.iter().map(|(name, value)| format!("{name} {value}")).collect();
        writeln!(out, "{} trials; trained with {}", report.trials.len(), parameters.join(", "))?;
    }
    report.notes.iter().try_for_each(|note| writeln!(out, "{note}"))
}
