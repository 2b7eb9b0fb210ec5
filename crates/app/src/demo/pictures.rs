//! Pictures of the sample shop's products, drawn on request.

use super::catalog::{CATEGORIES, Product, STYLES};

/// Braze recommends images at least 600 pixels wide for Content Cards.
const WIDTH: usize = 640;
const HEIGHT: usize = 480;
/// Pixels from the middle to the edge of a figure.
const FIGURE: f64 = 173.0;

/// Ground and figure colours by style, as RGB.
const PALETTES: [[[u8; 3]; 2]; STYLES] = [
    [[0xE8, 0xEE, 0xF2], [0x37, 0x5A, 0x7F]],
    [[0xFB, 0xEF, 0xEF], [0xC0, 0x39, 0x52]],
    [[0xE5, 0xE1, 0xDC], [0x4A, 0x3F, 0x35]],
    [[0xFF, 0xF4, 0xDC], [0xD8, 0x8A, 0x1E]],
    [[0xEA, 0xF1, 0xE4], [0x4F, 0x74, 0x3B]],
    [[0xF0, 0xE9, 0xFF], [0x6B, 0x3F, 0xD4]],
];

/// A PNG of 640x480: one figure for each category in the colours of the style.
pub fn picture(product: &Product) -> Result<Vec<u8>, png::EncodingError> {
    let [ground, figure] = PALETTES[product.style];
    let shade = (product.price_cents / 100 % 5) as f64 * 0.06;
    let mut pixels = Vec::with_capacity(WIDTH * HEIGHT * 3);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (u, v) = ((x as f64 - WIDTH as f64 / 2.0) / FIGURE, (y as f64 - HEIGHT as f64 / 2.0) / FIGURE);
            let colour = if inside(product.category, u, v) { figure } else { ground };
            let light = 1.0 - shade - 0.10 * (y as f64 / HEIGHT as f64);
            pixels.extend(colour.map(|c| (f64::from(c) * light) as u8));
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

/// Whether the point lies in the category's figure; the figure fills about -1..1 in both directions.
fn inside(category: usize, u: f64, v: f64) -> bool {
    let radius = (u * u + v * v).sqrt();
    match category % CATEGORIES.len() {
        0 => (v < 0.1 && v > -0.9 && u.abs() < 0.25 + (v + 0.9) * 0.6) || (u.abs() < 0.06 && (0.1..0.9).contains(&v)),
        1 => (radius < 0.6) || (v.abs() < 0.09 && (0.0..1.2).contains(&u)),
        2 => (u.abs() < 0.55 && (-0.5..0.7).contains(&v)) || ((0.25..0.4).contains(&((u - 0.6).hypot(v)))),
        3 => {
            (u.abs() < 0.5 - (v - 0.1) * 0.2 && (0.1..0.9).contains(&v))
                || (u.abs() < 0.08 + (v + 0.9) * 0.3 && (-0.9..0.1).contains(&v))
        }
        4 => v < 0.7 && u.abs() < (v + 0.8) * 0.7 && !(u.abs() < (v - 0.1) * 0.4 && v > 0.1),
        5 => (u.abs().max(v.abs()) < 0.75) && ((u * 6.0).floor() as i64 + (v * 6.0).floor() as i64) % 2 == 0,
        6 => (u.abs() < 0.35 && (-0.3..0.9).contains(&v)) || (u.abs() < 0.15 && (-0.8..-0.3).contains(&v)),
        7 => radius < 0.75 && (u.abs() - 0.28).hypot(v + 0.2) >= 0.1 && !(v > 0.2 && (0.38..0.46).contains(&radius)),
        8 => u.abs() < 0.6 && v.abs() < 0.8 && (u + 0.42).abs() > 0.04,
        _ => (u.abs() < 0.75 && (-0.6..0.35).contains(&v)) || (u.abs() < 0.3 && (0.5..0.62).contains(&v)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::shop::Shop;

    #[test]
    fn every_category_has_a_picture_of_its_own() {
        let shop = Shop::make(3);
        let mut seen = std::collections::HashSet::new();
        for category in 0..CATEGORIES.len() {
            let product = shop.products.iter().find(|p| p.category == category && p.style == 0).expect("one of each");
            let bytes = picture(product).expect("encodes");
            assert!(bytes.starts_with(b"\x89PNG"));
            let width = u32::from_be_bytes(bytes[16..20].try_into().expect("four bytes"));
            assert!(width >= 600 && bytes.len() < 1 << 20, "{width} pixels, {} bytes", bytes.len());
            assert!(seen.insert(bytes));
        }
    }
}
