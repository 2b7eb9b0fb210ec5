#!/usr/bin/env python3
"""The training step of case G in PyTorch, on one thread: prints the fastest time in milliseconds.

Hidden 128, 32 steps, 128 histories, 50,000 items, 256 negatives shared by the step, Adam (sparse for the
item tables). Run by `cargo bench -p tastemaker-learn`, which prints the ratio.
"""
import sys
import time

import torch

torch.set_num_threads(1)
torch.manual_seed(1)
hidden, steps, batch, items, negatives = 128, 32, 128, 50_000, 256

embedding = torch.nn.Embedding(items, hidden, sparse=True)
output = torch.nn.Embedding(items, hidden, sparse=True)
bias = torch.nn.Embedding(items, 1, sparse=True)
torch.nn.init.zeros_(bias.weight)
gru = torch.nn.GRU(hidden, hidden)
dense = torch.optim.Adam(gru.parameters(), lr=1e-3)
sparse = torch.optim.SparseAdam([embedding.weight, output.weight, bias.weight], lr=1e-3)


def step(inputs, targets, drawn):
    states, _ = gru(embedding(inputs))
    states = states.reshape(-1, hidden)
    target = (states * output(targets)).sum(1) + bias(targets).squeeze(1)
    logits = states @ output(drawn).T + bias(drawn).T
    logits = logits.masked_fill(drawn.unsqueeze(0) == targets.unsqueeze(1), -1e30)
    loss = torch.nn.functional.cross_entropy(
        torch.cat([target.unsqueeze(1), logits], 1), torch.zeros(len(targets), dtype=torch.long)
    )
    dense.zero_grad()
    sparse.zero_grad()
    loss.backward()
    dense.step()
    sparse.step()


times = []
for round in range(int(sys.argv[1]) if len(sys.argv) > 1 else 15):
    batch_inputs = torch.randint(0, items, (steps, batch))
    batch_targets = torch.randint(0, items, (steps * batch,))
    drawn = torch.randint(0, items, (negatives,))
    began = time.perf_counter()
    step(batch_inputs, batch_targets, drawn)
    if round >= 3:
        times.append((time.perf_counter() - began) * 1e3)
print(f"{min(times):.3f}")
