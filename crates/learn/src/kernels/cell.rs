//! The gated recurrent unit's element-wise part, one time step for a group of lanes.
//!
//! With x and h the projected input and previous state (PyTorch's convention):
//! r = sigmoid(xr + hr), z = sigmoid(xz + hz), n = tanh(xn + r * hn), h' = (1 - z) n + z h.

use super::dispatch;
use super::math::{sigmoid, tanh};

dispatch! {
    /// Forward. `gates` `[m, 3d]` holds the input projection and becomes (r, z, n); `recurrent`
    /// `[m, 3d]` is the recurrent projection, both without bias; `bias` `[4d]` is (r, z, xn, hn);
    /// `previous` and `state` `[m, d]`; `candidate` `[m, d]` keeps hn for the backward pass.
    pub(crate) fn cell_forward<L>(
        gates: &mut [f32],
        recurrent: &[f32],
        bias: &[f32],
        previous: &[f32],
        candidate: &mut [f32],
        state: &mut [f32],
    ) {
        let d = bias.len() / 4;
        let (br, rest) = bias.split_at(d);
        let (bz, rest) = rest.split_at(d);
        let (bx, bn) = rest.split_at(d);
        let lanes = gates
            .chunks_exact_mut(3 * d)
            .zip(recurrent.chunks_exact(3 * d))
            .zip(previous.chunks_exact(d))
            .zip(candidate.chunks_exact_mut(d))
            .zip(state.chunks_exact_mut(d));
        for ((((gate, hidden), previous), candidate), state) in lanes {
            let (r, rest) = gate.split_at_mut(d);
            let (z, n) = rest.split_at_mut(d);
            let (hr, rest) = hidden.split_at(d);
            let (hz, hn) = rest.split_at(d);
            let (br, bz, bx, bn) = (&br[..d], &bz[..d], &bx[..d], &bn[..d]);
            let (r, z, n) = (&mut r[..d], &mut z[..d], &mut n[..d]);
            let (hr, hz, hn) = (&hr[..d], &hz[..d], &hn[..d]);
            let (previous, candidate, state) = (&previous[..d], &mut candidate[..d], &mut state[..d]);
            for j in 0..d {
                let reset = sigmoid::<L>(r[j] + hr[j] + br[j]);
                let update = sigmoid::<L>(z[j] + hz[j] + bz[j]);
                let inner = hn[j] + bn[j];
                let new = tanh::<L>(L::fma(reset, inner, n[j] + bx[j]));
                r[j] = reset;
                z[j] = update;
                n[j] = new;
                candidate[j] = inner;
                state[j] = L::fma(update, previous[j] - new, new);
            }
        }
    }

    /// Backward. `grad` `[m, d]` is the gradient of h' and becomes its direct part for h (`grad * z`).
    /// `gates` `[m, 3d]`: (r, z, n) becomes the gradient of (hr, hz, hn), which for the first two is
    /// also that of (xr, xz). `candidate` `[m, d]`: hn becomes the gradient of xn.
    pub(crate) fn cell_backward<L>(
        gates: &mut [f32],
        candidate: &mut [f32],
        previous: &[f32],
        grad: &mut [f32],
        d: usize,
    ) {
        let lanes = gates
            .chunks_exact_mut(3 * d)
            .zip(candidate.chunks_exact_mut(d))
            .zip(previous.chunks_exact(d))
            .zip(grad.chunks_exact_mut(d));
        for (((gate, candidate), previous), grad) in lanes {
            let (r, rest) = gate.split_at_mut(d);
            let (z, n) = rest.split_at_mut(d);
            let (r, z, n) = (&mut r[..d], &mut z[..d], &mut n[..d]);
            let (candidate, previous, grad) = (&mut candidate[..d], &previous[..d], &mut grad[..d]);
            for j in 0..d {
                let (reset, update, new) = (r[j], z[j], n[j]);
                let g = grad[j];
                let d_new = g * (1.0 - update) * (1.0 - new * new);
                r[j] = d_new * candidate[j] * reset * (1.0 - reset);
                z[j] = g * (previous[j] - new) * update * (1.0 - update);
                n[j] = d_new * reset;
                candidate[j] = d_new;
                grad[j] = g * update;
            }
        }
    }
}
