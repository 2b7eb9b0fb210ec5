//! A picture of a split: NDCG@10 of each model with its standard error.

use anyhow::{Result, anyhow};
use plotters::prelude::*;
use std::path::Path;

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    pub name: String,
    pub value: f64,
    /// 0 where it was not measured.
    pub standard_error: f64,
    pub is_ours: bool,
}

const OURS: RGBColor = RGBColor(0x1f, 0x77, 0xb4);
const OTHERS: RGBColor = RGBColor(0xb0, 0xb0, 0xb0);
const ROW: u32 = 26;
const HEAD: u32 = 70;

/// Writes the bars, from above in their order, as an SVG file.
pub fn draw(path: &Path, caption: &str, bars: &[Bar]) -> Result<()> {
    let broken = |error: DrawingAreaErrorKind<std::io::Error>| anyhow!("{}: {error}", path.display());
    let height = HEAD + ROW * bars.len() as u32;
    let area = SVGBackend::new(path, (720, height)).into_drawing_area();
    area.fill(&WHITE).map_err(broken)?;
    let most = bars.iter().map(|bar| bar.value + bar.standard_error).fold(0.0, f64::max).max(1e-6);
    let rows = bars.len() as f64;
    let mut chart = ChartBuilder::on(&area)
        .caption(caption, ("sans-serif", 15))
        .margin(8)
        .x_label_area_size(24)
        .y_label_area_size(250)
        .build_cartesian_2d(0.0..most * 1.05, 0.0..rows)
        .map_err(broken)?;
    let name = |y: &f64| {
        let middle = (y - y.floor() - 0.5).abs() < 1e-6;
        let at = (rows - y.ceil()).max(0.0) as usize;
        bars.get(at).filter(|_| middle).map_or(String::new(), |bar| format!("{}  {:.4}", bar.name, bar.value))
    };
    let mut mesh = chart.configure_mesh();
    mesh.disable_y_mesh().light_line_style(TRANSPARENT);
    mesh.y_labels(2 * bars.len() + 1).y_label_formatter(&name).draw().map_err(broken)?;
    for (at, bar) in bars.iter().enumerate() {
        let low = rows - at as f64 - 0.85;
        let color = if bar.is_ours { OURS } else { OTHERS };
        chart.draw_series([Rectangle::new([(0.0, low), (bar.value, low + 0.7)], color.filled())]).map_err(broken)?;
        let (from, to) = (bar.value - bar.standard_error, bar.value + bar.standard_error);
        let line = PathElement::new(vec![(from.max(0.0), low + 0.35), (to, low + 0.35)], BLACK);
        chart.draw_series([line]).map_err(broken)?;
    }
    area.present().map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_is_named_with_its_value() {
        let bar = |name: &str, value, is_ours| Bar { name: name.to_owned(), value, standard_error: 0.01, is_ours };
        let path = std::env::temp_dir().join(format!("tastemaker-quality-{}.svg", std::process::id()));
        draw(&path, "a split", &[bar("popular", 0.1, false), bar("aws-sims", 0.25, true)]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        for expected in ["a split", "popular  0.1000", "aws-sims  0.2500"] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}
