//! Loops over contiguous `f32`, compiled three times and chosen at run time.
//!
//! A kernel is an ordinary branch-free loop inside [`dispatch!`]; the compiler vectorizes it once for
//! AVX-512, once for AVX2 with FMA and once for the baseline. Matrix products are `faer`'s, which
//! dispatches in the same way.

mod adam;
mod aligned;
mod cell;
mod count;
mod dropout;
mod gemm;
mod int8;
mod linear;
mod many_vectors;
mod math;
mod norm;
mod pointwise;
mod prefetch;
mod softmax;

pub(crate) use adam::{Adam, adam_dense, adam_row};
pub(crate) use aligned::Aligned;
pub(crate) use cell::{cell_backward, cell_forward};
pub(crate) use count::count_at_least;
pub(crate) use dropout::{Dropout, drop_row};
pub(crate) use gemm::{add_product, rows, set_product};
pub(crate) use int8::dots_block;
pub(crate) use linear::{add_scaled, add_to, column_sums, dot, scale_rows, vector_matrix};
pub(crate) use many_vectors::{Panels, ROW_TILE, add_rows_rounded, item_scores};
pub(crate) use math::{Fused, Level, Plain, exp};
pub(crate) use norm::{norm_backward, norm_forward};
pub(crate) use pointwise::{add_bias, gate, gate_backward, silu, silu_backward, softmax_row, softmax_row_backward};
pub(crate) use prefetch::prefetch;
pub(crate) use softmax::{add_row_max, exp_sum, row_score, scores_block};

/// Defines functions whose bodies are compiled for each instruction set. Inside, `L::fma(a, b, c)` is
/// `a * b + c`, fused where the processor can.
macro_rules! dispatch {
    ($(
        $(#[$meta:meta])*
        $vis:vis fn $name:ident<$level:ident>($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block
    )+) => {$(
        $(#[$meta])*
        #[allow(clippy::too_many_arguments)]
        $vis fn $name($($arg: $ty),*) $(-> $ret)? {
            #[inline(always)]
            fn body<$level: $crate::kernels::Level>($($arg: $ty),*) $(-> $ret)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
                fn avx512($($arg: $ty),*) $(-> $ret)? {
                    body::<$crate::kernels::Fused>($($arg),*)
                }
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($arg: $ty),*) $(-> $ret)? {
                    body::<$crate::kernels::Fused>($($arg),*)
                }
                if is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("fma")
                {
                    // SAFETY: every feature the function enables was just detected.
                    return unsafe { avx512($($arg),*) };
                }
                if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                    // SAFETY: both features the function enables were just detected.
                    return unsafe { avx2($($arg),*) };
                }
            }
            #[cfg(target_arch = "aarch64")]
            return body::<$crate::kernels::Fused>($($arg),*);
            #[cfg(not(target_arch = "aarch64"))]
            body::<$crate::kernels::Plain>($($arg),*)
        }
    )+};
}
pub(crate) use dispatch;
