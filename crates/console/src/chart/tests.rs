use super::*;
use proptest::prelude::*;

const TEXTS: Texts =
    Texts { id: "c", title: "<title>", description: "d", horizontal: "h", vertical: "v", numbers: "Numbers" };

/// The numbers of an attribute in a picture, with those of `points`.
fn attribute(svg: &str, names: &[&str]) -> Vec<f64> {
    let mut found = Vec::new();
    for name in names {
        let opening = format!(" {name}=\"");
        for part in svg.split(&opening).skip(1) {
            let value = part.split('"').next().unwrap();
            found.push(value.parse().unwrap_or_else(|_| panic!("{name}={value}")));
        }
    }
    found
}

/// The corners of lines and polygons as two lists.
fn corners(svg: &str) -> (Vec<f64>, Vec<f64>) {
    let values = svg.split(" points=\"").skip(1).flat_map(|part| part.split('"').next().unwrap().split(' '));
    values
        .map(|pair| pair.split_once(',').unwrap())
        .map(|(x, y)| (x.parse::<f64>().unwrap(), y.parse::<f64>().unwrap()))
        .unzip()
}

/// No number of the picture is missing or outside of the box, and nothing but classes says how it looks.
fn check(markup: &Markup, width: f64, height: f64) {
    let text = &markup.0;
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    for forbidden in [" style=", " fill=", " stroke=", "#", "onload"] {
        assert!(!text.contains(forbidden), "{forbidden} in {text}");
    }
    assert!(text.contains("role=\"img\""), "{text}");
    let svg = text.split("</svg>").next().unwrap();
    let (mut xs, mut ys) = corners(svg);
    xs.extend(attribute(svg, &["x", "x1", "x2", "cx"]));
    ys.extend(attribute(svg, &["y", "y1", "y2", "cy"]));
    let xs_with_width = svg.split("<rect").skip(1).map(|rect| {
        let of = |name: &str| attribute(rect.split('>').next().unwrap(), &[name])[0];
        (of("x") + of("width"), of("y") + of("height"), of("width"), of("height"))
    });
    for (right, bottom, w, h) in xs_with_width {
        assert!(w >= 0.0 && h >= 0.0, "{svg}");
        xs.push(right);
        ys.push(bottom);
    }
    assert!(xs.iter().all(|x| (-0.1..=width + 0.1).contains(x)), "{xs:?} in {svg}");
    assert!(ys.iter().all(|y| (-0.1..=height + 0.1).contains(y)), "{ys:?} in {svg}");
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -1e3..1e6f64,
        1 => prop::num::f64::ANY,
        1 => Just(0.0),
        1 => Just(f64::MAX),
        1 => Just(f64::MIN),
        1 => Just(f64::NAN),
    ]
}

fn numbers(max: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(any_number(), 0..max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bars_stay_in_the_box(values in numbers(200)) {
        let given: Vec<Bar> = values.iter().map(|value| Bar { label: "l".repeat(30), value: *value }).collect();
        check(&bars(&TEXTS, &given), WIDTH, HEIGHT);
    }

    #[test]
    fn histograms_stay_in_the_box(values in numbers(60), at in any_number()) {
        let bin = |(n, count): (usize, &f64)| {
            Bin { from: 2f64.powi(n as i32), to: 2f64.powi(n as i32 + 1), count: *count, muted: n == 0 }
        };
        let bins: Vec<Bin> = values.iter().enumerate().map(bin).collect();
        check(&histogram(&TEXTS, &bins, &[Marker { at, label: "m".into() }]), WIDTH, HEIGHT);
    }

    #[test]
    fn lines_stay_in_the_box(series in prop::collection::vec(numbers(60), 0..10), zero: bool) {
        let line = |values: &Vec<f64>| Line { name: "n".into(), points: values.chunks(2).map(|p| (p[0], p[p.len() - 1])).collect() };
        let given: Vec<Line> = series.iter().map(line).collect();
        check(&lines(&TEXTS, &given, zero), WIDTH, HEIGHT);
    }

    #[test]
    fn areas_stay_in_the_box(series in prop::collection::vec(numbers(40), 0..10), places in 0..40usize) {
        let layer = |values: &Vec<f64>| Layer { name: "n".into(), values: values.clone() };
        let horizontal: Vec<f64> = (0..places).map(|at| at as f64 - 30.0).collect();
        let given: Vec<Layer> = series.iter().map(layer).collect();
        check(&areas(&TEXTS, &horizontal, &given), WIDTH, HEIGHT);
    }

    #[test]
    fn points_stay_in_the_box(groups in prop::collection::vec(numbers(12), 0..8)) {
        let point = |value: &f64| Some(Interval { value: *value, ends: Some([value - 1.0, value + 1.0]) });
        let given: Vec<PointGroup> =
            groups.iter().map(|g| PointGroup { label: "g".into(), points: g.iter().map(point).collect() }).collect();
        check(&points(&TEXTS, &["a", "b", "c", "d", "e"], &given), WIDTH, HEIGHT);
    }

    #[test]
    fn small_pictures_stay_in_the_box(values in numbers(200)) {
        check(&sparkline("s", &values), 120.0, 28.0);
        let parts: Vec<Part> = values.iter().map(|value| Part { label: "p".into(), value: *value }).collect();
        check(&stacked_bar(&TEXTS, &parts), 640.0, 28.0);
    }
}

#[test]
fn a_picture_says_what_it_shows() {
    let text = bars(&TEXTS, &[Bar { label: "a & b".into(), value: 1234.0 }, Bar { label: "c".into(), value: 2.5 }]).0;
    assert!(text.contains("<title id=\"c-title\">&lt;title&gt;</title><desc id=\"c-description\">d</desc>"), "{text}");
    assert!(text.contains("aria-labelledby=\"c-title c-description\""), "{text}");
    assert!(text.contains("<summary>Numbers</summary>"), "{text}");
    assert!(text.contains("<th scope=\"row\">a &amp; b</th><td class=\"number\">1234</td>"), "{text}");
}

#[test]
fn higher_values_are_drawn_higher() {
    let svg = bars(&TEXTS, &[1.0, 3.0, 2.0].map(|value| Bar { label: "x".into(), value })).0;
    let bars: Vec<&str> = svg.split("<rect").skip(1).collect();
    let heights: Vec<f64> = bars.iter().map(|bar| attribute(bar.split('>').next().unwrap(), &["height"])[0]).collect();
    assert!(heights[0] < heights[2] && heights[2] < heights[1], "{heights:?}");
    assert!((heights[1] / heights[0] - 3.0).abs() < 0.02, "{heights:?}");
}

#[test]
fn areas_stand_on_each_other() {
    let layer = |values: [f64; 2]| Layer { name: "n".into(), values: values.to_vec() };
    let svg = areas(&TEXTS, &[0.0, 1.0], &[layer([1.0, 1.0]), layer([1.0, 3.0])]).0;
    let polygons: Vec<(Vec<f64>, Vec<f64>)> =
        svg.split("<polygon").skip(1).take(2).map(|part| corners(part.split('>').next().unwrap())).collect();
    let (lower, upper) = (&polygons[0].1, &polygons[1].1);
    assert_eq!(lower.len(), 4, "{svg}");
    // The upper one begins where the lower one ends, and goes to the top of the whole.
    assert_eq!((upper[2], upper[3]), (lower[1], lower[0]));
    assert!(upper[1] < upper[0] && upper[0] < lower[0], "{svg}");
    assert!(svg.contains("<th scope=\"row\">1</th><td class=\"number\">1</td><td class=\"number\">3</td>"), "{svg}");
}

#[test]
fn a_marker_stands_in_its_range() {
    let bins = [(1.0, 2.0), (2.0, 4.0), (4.0, 8.0), (8.0, f64::INFINITY)].map(|(from, to)| Bin {
        from,
        to,
        count: 1.0,
        muted: false,
    });
    let svg = histogram(&TEXTS, &bins, &[Marker { at: 6.0, label: "here".into() }]).0;
    let line = svg.split("class=\"chart-marker\"").nth(1).unwrap().split('>').next().unwrap();
    // Half of the third of four ranges.
    assert_eq!(attribute(line, &["x1"]), [LEFT + (WIDTH - LEFT - RIGHT) * 2.5 / 4.0]);
    assert!(svg.contains("≥ 8"), "{svg}");
}

#[test]
fn a_line_of_one_point_is_a_mark_and_two_series_have_a_legend() {
    let one = Line { name: "loss".into(), points: vec![(1.0, 0.5)] };
    let text = lines(&TEXTS, std::slice::from_ref(&one), true).0;
    assert!(text.contains("<circle") && !text.contains("<polyline") && !text.contains("chart-legend"), "{text}");
    let text =
        lines(&TEXTS, &[one.clone(), Line { name: "other".into(), points: vec![(1.0, 0.4), (2.0, 0.3)] }], true).0;
    assert!(text.contains("<polyline") && text.contains("chart-legend") && text.contains("other"), "{text}");
    assert!(
        text.contains("<th scope=\"row\">2</th><td class=\"number\">–</td><td class=\"number\">0.3</td>"),
        "{text}"
    );
}
