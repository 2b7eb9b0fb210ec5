//! The results of a training as text for a terminal of 80 columns.

use std::fmt::Write;
use tastemaker_domain::tuning::{Trial, TrialOutcome};
use tastemaker_recipes::artifact::EnsembleFacts;
use tastemaker_training::fit::report::TrainingReport;

/// Columns of the narrowest terminal in use.
const COLUMNS: usize = 80;

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
    let heading = format!("metric, over {} held-out users", report.test_users);
    writeln!(out, "{heading:<43} {:>7} {:>16} {:>10}", "model", "95 %", "popularity")?;
    for (key, value) in &report.metrics {
        let interval = report.confidence_95.get(key).map_or(String::new(), |[a, b]| format!("{a:.4} to {b:.4}"));
        let popular = report.popularity_baseline.get(key).copied().unwrap_or(f64::NAN);
        row(out, key, 43, &format!("{value:>7.4} {interval:>16} {popular:>10.4}"))?;
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
        writeln!(out, "\n{:<46} {:>10} {:>10} {:>10}", "popularity of what is", "listed", "taken", "popular")?;
        for (name, of) in [
            ("interactions of an item", [bias.model, bias.taken, bias.popularity_baseline].map(|b| b.mean_popularity)),
            (
                "share of the most popular half of interactions",
                [bias.model, bias.taken, bias.popularity_baseline].map(|b| b.head_share),
            ),
            ("inequality of the catalog (Gini)", [bias.model, bias.taken, bias.popularity_baseline].map(|b| b.gini)),
        ] {
            row(out, name, 46, &format!("{:>10.4} {:>10.4} {:>10.4}", of[0], of[1], of[2]))?;
        }
    }
    if let Some(blend) = &report.blend {
        tell_ensemble(blend, out)?;
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
        let trials = format!("{} trials; trained with {}", report.trials.len(), parameters.join(", "));
        writeln!(out, "{}", wrapped(&trials))?;
    }
    report.notes.iter().try_for_each(|note| writeln!(out, "{}", wrapped(note)))
}

/// The weights of the ensemble's signals, the quality of each alone, and that of the others together; the next session only where the
/// ensemble has weights for it.
fn tell_ensemble(ensemble: &EnsembleFacts, out: &mut String) -> std::fmt::Result {
    let modes: &[usize] = if ensemble.is_of_one_mode() { &[0] } else { &[0, 1] };
    let titles = if modes.len() == 1 { ["held-out transitions", ""] } else { ["in session", "next session"] };
    let line = format!("{:<29} {:^25}{:^25}", "", titles[0], titles[1]);
    writeln!(out, "\n{}", line.trim_end())?;
    write!(out, "{:<29}", "signal of the ensemble")?;
    let columns = ["weight", "alone", "without"].iter().cycle().take(3 * modes.len());
    columns.for_each(|column| out.push_str(&format!(" {column:>7}")));
    writeln!(out)?;
    for signal in &ensemble.signals {
        let mode = |&mode: &usize| {
            let (weight, single, without) = (signal.weights[mode], signal.single[mode], signal.without[mode]);
            format!("{weight:>7.3} {single:>7.4} {without:>7.4}")
        };
        row(out, &signal.name, 29, &modes.iter().map(mode).collect::<Vec<_>>().join(" "))?;
    }
    let all = |&mode: &usize| format!("{:>7} {:>7.4} {:>7}", "", ensemble.quality[mode], "");
    let all = modes.iter().map(all).collect::<Vec<_>>().join(" ");
    row(out, "all together", 29, all.trim_end())
}

/// A name of a column's width and its values; a longer name has a line of its own.
fn row(out: &mut String, name: &str, width: usize, values: &str) -> std::fmt::Result {
    if name.chars().count() > width {
        writeln!(out, "{name}")?;
        return writeln!(out, "{:<width$} {values}", "");
    }
    writeln!(out, "{name:<width$} {values}")
}

/// The text in lines of at most [`COLUMNS`] characters where its words allow it; further lines are indented.
fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= COLUMNS => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("  {word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_and_notes_stay_within_the_columns() {
        let mut out = String::new();
        let key = "normalized_discounted_cumulative_gain_with_event_weights_at_10";
        row(&mut out, key, 43, &format!("{:>7.4} {:>16} {:>10.4}", 0.5, "0.4000 to 0.6000", 0.25)).expect("a string");
        row(&mut out, "coverage", 43, &format!("{:>7.4} {:>16} {:>10.4}", 0.5, "", 0.25)).expect("a string");
        let note = wrapped(&"the network is left out because it does not help ".repeat(4));
        for line in out.lines().chain(note.lines()) {
            assert!(line.chars().count() <= COLUMNS, "{line}");
        }
        assert_eq!(out.lines().count(), 3);
        assert!(note.lines().count() == 3 && note.lines().skip(1).all(|line| line.starts_with("  ")), "{note}");
        assert_eq!(wrapped("short"), "short");
    }
}
