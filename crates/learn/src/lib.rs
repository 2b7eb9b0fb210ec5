//! Published algorithms and their kernels: train from a dataset, score from an artifact.
