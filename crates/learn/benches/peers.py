#!/usr/bin/env python3
"""What the counting and closed-form components cost elsewhere, on one thread: prints seconds.

  peers.py cooccurrence   numpy and scipy.sparse: the windowed counts of 6,000 histories of 165 events over 3,500 items
  peers.py ials           implicit 0.7: one epoch of AlternatingLeastSquares, 64 factors, on the same log
  peers.py lists FILE     implicit 0.7: lists of 25 for all users by 64 factors, in processor time; FILE has the numbers of users and of
                          items, the lengths of the histories and their items, 32 bits each
  peers.py inverse N      LAPACK's Cholesky inverse (spotrf, spotri) of an N x N co-occurrence matrix

Run by `cargo bench -p tastemaker-learn --bench counting` and `-p tastemaker-training --bench batch`, which print the ratios.
"""
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import sys
import time

import numpy as np
import scipy.sparse as sp


def log(users, length, items):
    """Skewed histories, `[users, length]`; as `log` in counting.rs."""
    i = np.arange(users * length, dtype=np.uint64)
    draw = (i * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    share = (draw.astype(np.float64) + 0.5) / 2**24
    return (items * share**3).astype(np.int64).reshape(users, length)


def fastest(rounds, run):
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - began)
    return best


def cooccurrence():
    histories, items = log(6000, 165, 3500), 3500

    def run():
        total = sp.csr_matrix((items, items), dtype=np.float32)
        for d in range(1, 11):
            a, b = histories[:, :-d].ravel(), histories[:, d:].ravel()
            kept = a != b
            weight = np.full(kept.sum(), d**-0.7, dtype=np.float32)
            total = total + sp.coo_matrix((weight, (a[kept], b[kept])), shape=(items, items)).tocsr()
        count = np.bincount(histories.ravel(), minlength=items)
        return sp.diags(1.0 / np.maximum(count, 1)) @ total

    return fastest(3, run)


def ials():
    from implicit.als import AlternatingLeastSquares

    histories = log(6000, 165, 3500)
    rows = np.repeat(np.arange(6000), 165)
    matrix = sp.csr_matrix((np.ones(rows.size, np.float32), (rows, histories.ravel())), shape=(6000, 3500))
    matrix.data[:] = 1.0

    def fit(epochs):
        model = AlternatingLeastSquares(factors=64, iterations=epochs, num_threads=1, random_state=1)
        return fastest(2, lambda: model.fit(matrix, show_progress=False))

    return (fit(9) - fit(1)) / 8


def lists(path):
    from implicit.als import AlternatingLeastSquares

    numbers = np.fromfile(path, dtype=np.uint32)
    users, items = int(numbers[0]), int(numbers[1])
    lengths, taken = numbers[2 : 2 + users], numbers[2 + users :]
    matrix = sp.csr_matrix((np.ones(taken.size, np.float32), (np.repeat(np.arange(users), lengths), taken)), shape=(users, items))
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    model = AlternatingLeastSquares(factors=64, iterations=2, num_threads=1, random_state=1)
    model.fit(matrix, show_progress=False)
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        model.recommend(np.arange(users), matrix, N=25, filter_already_liked_items=True)
        best = min(best, time.process_time() - began)
    return best


def inverse(n):
    from scipy.linalg import lapack

    histories = log(20_000, 9, n)
    rows = np.repeat(np.arange(20_000), 9)
    x = sp.csr_matrix((np.ones(rows.size, np.float32), (rows, histories.ravel())), shape=(20_000, n))
    x.data[:] = 1.0
    gram = np.asfortranarray((x.T @ x).toarray(), dtype=np.float32)
    gram[np.diag_indices(n)] += 100.0
    began = time.perf_counter()
    factor, info = lapack.spotrf(gram, lower=1, overwrite_a=1)
    _, again = lapack.spotri(factor, lower=1, overwrite_c=1)
    assert info == 0 and again == 0
    return time.perf_counter() - began


case = sys.argv[1]
if case == "lists":
    print(lists(sys.argv[2]))
elif case == "inverse":
    print(inverse(int(sys.argv[2])))
else:
    print({"cooccurrence": cooccurrence, "ials": ials}[case]())
