//! Scalar functions without branches or calls, so that loops around them vectorize.

/// An instruction set's way to multiply and add.
pub(crate) trait Level {
    /// `a * b + c`.
    fn fma(a: f32, b: f32, c: f32) -> f32;
}

/// With one rounding, in one instruction.
pub(crate) struct Fused;

/// With two roundings; `f32::mul_add` would call a library function here.
pub(crate) struct Plain;

impl Level for Fused {
    #[inline(always)]
    fn fma(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
}

impl Level for Plain {
    #[inline(always)]
    fn fma(a: f32, b: f32, c: f32) -> f32 {
        a * b + c
    }
}

/// `e^x` within 2 units in the last place for x in [-87, 88]; saturates outside.
///
/// x = n ln 2 + r with |r| <= ln 2 / 2; e^r is a polynomial of degree 6 and 2^n is added to the
/// exponent's bits.
#[inline(always)]
pub(crate) fn exp<L: Level>(x: f32) -> f32 {
    const MAGIC: f32 = 12_582_912.0;
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let shifted = L::fma(x, std::f32::consts::LOG2_E, MAGIC);
    let n = shifted - MAGIC;
    let r = L::fma(n, -LN2_HIGH, x);
    let r = L::fma(n, -LN2_LOW, r);
    let p = 1.0 / 720.0;
    let p = L::fma(p, r, 1.0 / 120.0);
    let p = L::fma(p, r, 1.0 / 24.0);
    let p = L::fma(p, r, 1.0 / 6.0);
    let p = L::fma(p, r, 0.5);
    let p = L::fma(p, r, 1.0);
    let p = L::fma(p, r, 1.0);
    f32::from_bits(p.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn sigmoid<L: Level>(x: f32) -> f32 {
    1.0 / (1.0 + exp::<L>(-x))
}

/// The hyperbolic tangent, as `2 sigmoid(2x) - 1`.
#[inline(always)]
pub(crate) fn tanh<L: Level>(x: f32) -> f32 {
    L::fma(2.0, sigmoid::<L>(2.0 * x), -1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<L: Level>() {
        for step in -8700..=8800 {
            let x = step as f32 * 0.01;
            let wide = f64::from(x);
            let relative = (f64::from(exp::<L>(x)) / wide.exp() - 1.0).abs();
            assert!(relative < 4e-7, "exp({x}) is off by {relative}");
            let sig = (f64::from(sigmoid::<L>(x)) - 1.0 / (1.0 + (-wide).exp())).abs();
            assert!(sig < 2e-7, "sigmoid({x}) is off by {sig}");
            let tan = (f64::from(tanh::<L>(x)) - wide.tanh()).abs();
            assert!(tan < 4e-7, "tanh({x}) is off by {tan}");
        }
        assert!(exp::<L>(-1e30) < 1e-37 && exp::<L>(1e30).is_finite());
        assert_eq!(exp::<L>(0.0), 1.0);
    }

    #[test]
    fn agrees_with_f64_fused_and_plain() {
        check::<Fused>();
        check::<Plain>();
    }
}
