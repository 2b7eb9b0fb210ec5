//! Products of one-byte vectors with a 16-bit query, exact in 32-bit integers.
//!
//! Two dimensions lie side by side, which is what x86's `pmaddwd` multiplies and adds in one instruction: half as many as the
//! same products in `f32`, so that a scan waits for memory only.

/// The products of 64 items: `out[j] = sum over p and e of query[p][e] * codes[(64 p + j) 2 + e]`.
///
/// `codes` `[query.len(), 64, 2]`. The sum of `|query|` times 128 must be below 2^31.
pub(crate) fn dots_block(out: &mut [i32; 64], codes: &[i8], query: &[[i16; 2]]) {
    let pairs = &codes.as_chunks::<128>().0[..query.len()];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
            // SAFETY: both features the function enables were just detected.
            return unsafe { x86::avx512(out, pairs, query) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the feature the function enables was just detected.
            return unsafe { x86::avx2(out, pairs, query) };
        }
    }
    portable(out, pairs, query);
}

fn portable(out: &mut [i32; 64], pairs: &[[i8; 128]], query: &[[i16; 2]]) {
    *out = [0; 64];
    for (codes, q) in pairs.iter().zip(query) {
        for (out, code) in out.iter_mut().zip(codes.as_chunks::<2>().0) {
            *out += i32::from(q[0]) * i32::from(code[0]) + i32::from(q[1]) * i32::from(code[1]);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use crate::kernels::prefetch;
    use std::arch::x86_64::*;

    /// The processor's own prefetching stops at every page, which is as long as a block of 64 dimensions: so far ahead the next
    /// codes are asked for.
    const AHEAD: usize = 64 * 64;

    #[inline(always)]
    fn prefetch_next(codes: &[i8; 128]) {
        prefetch(codes, AHEAD);
        prefetch(codes, AHEAD + 64);
    }

    /// Two 16-bit numbers as the 32 bits that are broadcast to every lane.
    fn pair(q: [i16; 2]) -> i32 {
        (i32::from(q[1]) << 16) | i32::from(q[0] as u16)
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn avx2(out: &mut [i32; 64], pairs: &[[i8; 128]], query: &[[i16; 2]]) {
        let mut sums = [_mm256_setzero_si256(); 8];
        for (codes, q) in pairs.iter().zip(query) {
            prefetch_next(codes);
            let q = _mm256_set1_epi32(pair(*q));
            for (sum, codes) in sums.iter_mut().zip(codes.as_chunks::<16>().0) {
                // SAFETY: `codes` has the sixteen bytes that an unaligned load reads.
                let wide = _mm256_cvtepi8_epi16(unsafe { _mm_loadu_si128(codes.as_ptr().cast()) });
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(wide, q));
            }
        }
        for (out, sum) in out.as_chunks_mut::<8>().0.iter_mut().zip(sums) {
            // SAFETY: `out` has the 32 bytes that an unaligned store writes.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), sum) };
        }
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn avx512(out: &mut [i32; 64], pairs: &[[i8; 128]], query: &[[i16; 2]]) {
        let mut sums = [_mm512_setzero_si512(); 4];
        for (codes, q) in pairs.iter().zip(query) {
            prefetch_next(codes);
            let q = _mm512_set1_epi32(pair(*q));
            for (sum, codes) in sums.iter_mut().zip(codes.as_chunks::<32>().0) {
                // SAFETY: `codes` has the 32 bytes that an unaligned load reads.
                let wide = _mm512_cvtepi8_epi16(unsafe { _mm256_loadu_si256(codes.as_ptr().cast()) });
                *sum = _mm512_add_epi32(*sum, _mm512_madd_epi16(wide, q));
            }
        }
        for (out, sum) in out.as_chunks_mut::<16>().0.iter_mut().zip(sums) {
            // SAFETY: `out` has the 64 bytes that an unaligned store writes.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), sum) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_the_plain_sum(
            codes in proptest::collection::vec(any::<i8>(), 128 * 9),
            query in proptest::collection::vec(any::<[i16; 2]>(), 0..10),
        ) {
            let (mut found, mut expected) = ([1; 64], [2; 64]);
            dots_block(&mut found, &codes, &query[..query.len().min(9)]);
            portable(&mut expected, codes.as_chunks::<128>().0, &query[..query.len().min(9)]);
            prop_assert_eq!(found, expected);
        }
    }
}
