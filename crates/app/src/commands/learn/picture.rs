//! The report as a picture: metrics with their intervals, the training's course, results by history and the ensemble.

use anyhow::{Result, anyhow};
use plotters::prelude::*;
use tastemaker_recipes::artifact::{ComponentFacts, EnsembleFacts};
use tastemaker_training::fit::report::TrainingReport;

const SIZE: (u32, u32) = (1100, 760);
const MODEL: RGBColor = RGBColor(31, 105, 180);
const POPULAR: RGBColor = RGBColor(170, 170, 170);
const SECOND: RGBColor = RGBColor(220, 120, 30);

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// Bars in groups: a name, and of each bar its value, its interval and its colour.
struct Group {
    name: String,
    bars: Vec<(f64, Option<[f64; 2]>, RGBColor)>,
}

/// The picture as SVG.
pub fn draw(report: &TrainingReport) -> Result<String> {
    let mut svg = String::new();
    paint(report, &mut svg).map_err(|error| anyhow!("cannot draw report.svg: {error}"))?;
    Ok(svg)
}

fn paint(report: &TrainingReport, svg: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let title = format!("{}: {} held-out users; grey is popularity", report.recipe, report.test_users);
    let root = root.titled(&title, ("sans-serif", 20))?;
    let areas = root.split_evenly((2, 2));
    bars(&areas[0], "Metrics, with 95 % intervals", &metrics(report))?;
    curve(&areas[1], report)?;
    bars(&areas[2], "NDCG@10 by events shown (users)", &by_history(report))?;
    bars(&areas[3], "Quality that each part adds: in a visit (blue), after an absence (orange)", &parts(report))?;
    root.present()?;
    Ok(())
}

fn metrics(report: &TrainingReport) -> Vec<Group> {
    let short = |key: &str| {
        key.replace("normalized_discounted_cumulative_gain", "NDCG")
            .replace("mean_reciprocal_rank", "MRR")
            .replace("precision", "P")
            .replace("_at_", "@")
    };
    let group = |(key, value): (&String, &f64)| Group {
        name: short(key),
        bars: vec![
            (*value, report.confidence_95.get(key).copied(), MODEL),
            (report.popularity_baseline.get(key).copied().unwrap_or(0.0), None, POPULAR),
        ],
    };
    report.metrics.iter().map(group).collect()
}

fn by_history(report: &TrainingReport) -> Vec<Group> {
    let bands = report.by_history.iter();
    let group = |band: &tastemaker_training::fit::report::HistoryBand| Group {
        name: format!("{}+ ({})", band.events_from, band.users),
        bars: vec![(band.ndcg_at_10[0], None, MODEL), (band.ndcg_at_10[1], None, POPULAR)],
    };
    bands.map(group).collect()
}

/// Loss of the blend without each of its parts. Weights are on scales of their own, so they stand in the text only.
fn parts(report: &TrainingReport) -> Vec<Group> {
    let part = |blend: &EnsembleFacts, part: &ComponentFacts| {
        let lost = [0, 1].map(|way| blend.quality[way] - part.without[way]);
        Group { name: part.name.clone(), bars: vec![(lost[0], None, MODEL), (lost[1], None, SECOND)] }
    };
    report.blend.iter().flat_map(|blend| blend.components.iter().map(move |one| part(blend, one))).collect()
}

fn bars(area: &Area<'_>, caption: &str, groups: &[Group]) -> Result<(), Box<dyn std::error::Error>> {
    let tops = groups.iter().flat_map(|g| &g.bars).flat_map(|(value, interval, _)| {
        [*value, interval.map_or(*value, |[low, _]| low), interval.map_or(*value, |[_, high]| high)]
    });
    let (low, high) = tops.fold((0.0f64, 1e-6f64), |(low, high), x| (low.min(x), high.max(x)));
    let pad = 0.05 * (high - low);
    let mut chart = ChartBuilder::on(area)
        .caption(caption, ("sans-serif", 15))
        .margin(10)
        .x_label_area_size(34)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..groups.len().max(1) as f64, low - if low < 0.0 { pad } else { 0.0 }..high + pad)?;
    let name = |x: &f64| {
        let at = x.floor();
        if (x - at - 0.5).abs() < 1e-6 {
            groups.get(at as usize).map_or(String::new(), |g| g.name.clone())
        } else {
            String::new()
        }
    };
    // Two labels for each group; those between groups stay empty.
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh().light_line_style(TRANSPARENT);
    mesh.x_labels(2 * groups.len() + 1).x_label_formatter(&name).draw()?;
    for (at, group) in groups.iter().enumerate() {
        let width = 0.8 / group.bars.len().max(1) as f64;
        for (n, (value, interval, colour)) in group.bars.iter().enumerate() {
            let left = at as f64 + 0.1 + width * n as f64;
            chart.draw_series([Rectangle::new([(left, 0.0), (left + width * 0.92, *value)], colour.filled())])?;
            if let Some([low, high]) = interval {
                let middle = left + width * 0.46;
                chart.draw_series([PathElement::new(vec![(middle, *low), (middle, *high)], BLACK)])?;
            }
        }
    }
    Ok(())
}

/// Loss and NDCG@10 by epoch, each on a scale of its own.
fn curve(area: &Area<'_>, report: &TrainingReport) -> Result<(), Box<dyn std::error::Error>> {
    let epochs = &report.training_curve;
    let losses: Vec<(f64, f64)> = epochs.iter().map(|e| (e.epoch as f64, e.loss)).collect();
    let gains: Vec<(f64, f64)> = epochs.iter().filter_map(|e| Some((e.epoch as f64, e.ndcg_at_10?))).collect();
    let range = |points: &[(f64, f64)]| {
        let (low, high) = points.iter().fold((f64::MAX, f64::MIN), |(low, high), p| (low.min(p.1), high.max(p.1)));
        if low < high { low..high } else { 0.0..1.0 }
    };
    let last = epochs.last().map_or(2.0, |e| e.epoch.max(2) as f64);
    let mut chart = ChartBuilder::on(area)
        .caption("Training: loss (orange, left), NDCG@10 (blue, right)", ("sans-serif", 15))
        .margin(10)
        .x_label_area_size(34)
        .y_label_area_size(48)
        .right_y_label_area_size(48)
        .build_cartesian_2d(1.0..last, range(&losses))?
        .set_secondary_coord(1.0..last, range(&gains));
    let whole = |x: &f64| if x.fract() == 0.0 { format!("{x:.0}") } else { String::new() };
    chart.configure_mesh().disable_mesh().x_desc("epoch").x_label_formatter(&whole).draw()?;
    chart.configure_secondary_axes().draw()?;
    chart.draw_series(LineSeries::new(losses, SECOND.stroke_width(2)))?;
    chart.draw_secondary_series(LineSeries::new(gains, MODEL.stroke_width(2)))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{"recipe":"aws-user-personalization","parameters":{"bptt":"32"},"training_users":90,"test_users":10,
        "metrics":{"coverage":0.5,"precision_at_5":0.2},"popularity_baseline":{"coverage":0.1,"precision_at_5":0.1},
        "confidence_95":{"precision_at_5":[0.15,0.25]},
        "by_history":[{"events_from":3,"users":10,"ndcg_at_10":[0.3,0.1],"mrr_at_25":[0.3,0.1]}],
        "popularity_bias":{"model":{"mean_popularity":9.0,"head_share":0.5,"gini":0.4},
            "taken":{"mean_popularity":7.0,"head_share":0.4,"gini":0.3},
            "popularity_baseline":{"mean_popularity":20.0,"head_share":1.0,"gini":0.9}},
        "ensemble":{"signals":[{"name":"network","weights":[1.0,0.5],"single":[0.2,0.1],"without":[0.1,0.1]},
            {"name":"repeats","weights":[-0.5,0.0],"single":[0.2,0.1],"without":[0.1,0.1]},
            {"name":"dropped","weights":[0.0,0.0],"single":[0.2,0.1],"without":[0.1,0.1]}],
            "components":[{"name":"network","without":[0.1,0.15]},{"name":"repeats","without":[0.2,0.2]}],
            "points":[5,5],"quality":[0.25,0.2],"by_history":[]},
        "training_curve":[{"epoch":1,"loss":3.0,"ndcg_at_10":0.1},{"epoch":2,"loss":2.0,"ndcg_at_10":0.2}]}"#;

    #[test]
    fn every_part_is_in_the_picture_and_in_the_text() -> Result<()> {
        let report = TrainingReport::from_json(REPORT.as_bytes())?;
        let svg = draw(&report)?;
        for word in ["<svg", "coverage", "P@5", "3+ (10)", "network", "repeats", "epoch", "#1F69B4"] {
            assert!(svg.contains(word), "{word}");
        }
        assert!(!svg.contains("dropped"), "a part without weight has no bar");
        let text = super::super::show::report(&report);
        for word in ["0.1500 to 0.2500", "2 epochs, the best was 2", "dropped", "-0.500", "20.0000", "events shown"] {
            assert!(text.contains(word), "{text}");
        }
        Ok(())
    }

    #[test]
    fn a_report_without_epochs_and_blend_is_drawn_too() -> Result<()> {
        let mut report = TrainingReport::from_json(REPORT.as_bytes())?;
        report.training_curve.clear();
        report.by_history.clear();
        report.metrics.clear();
        report.blend = None;
        assert!(draw(&report)?.contains("</svg>"));
        Ok(())
    }
}
