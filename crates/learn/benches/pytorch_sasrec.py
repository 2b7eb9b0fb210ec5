#!/usr/bin/env python3
"""A training step of SASRec in PyTorch, on one thread: prints the fastest time in milliseconds.

`S`: 50 events, 128 histories, 50,000 items, 256 negatives shared by the step, sparse Adam for the item tables.
`F`: 200 events, 64 histories, full softmax over 3,500 items. Both: 2 blocks, width 64, 2 heads, feed-forward 64.
Run by `cargo bench -p tastemaker-learn`, which prints the ratio.
"""
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(1)
full = sys.argv[1] == "F"
d, heads, blocks = 64, 2, 2
length, batch, items, negatives = (200, 64, 3_500, 0) if full else (50, 128, 50_000, 256)


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = torch.nn.LayerNorm(d), torch.nn.LayerNorm(d)
        self.qkv, self.project = torch.nn.Linear(d, 3 * d), torch.nn.Linear(d, d)
        self.widen, self.narrow = torch.nn.Linear(d, d), torch.nn.Linear(d, d)

    def forward(self, x):
        q, k, v = self.qkv(self.norm1(x)).reshape(-1, length, 3, heads, d // heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.project(y.permute(0, 2, 1, 3).reshape(-1, length, d))
        return x + self.narrow(F.silu(self.widen(self.norm2(x))))


embedding = torch.nn.Embedding(items, d, sparse=not full)
bias = torch.nn.Embedding(items, 1, sparse=not full)
network = torch.nn.Sequential(*[Block() for _ in range(blocks)], torch.nn.LayerNorm(d))
positions = torch.nn.Parameter(torch.randn(length, d) * 0.1)
tables = [embedding.weight, bias.weight]
dense = torch.optim.Adam([*network.parameters(), positions] + (tables if full else []), lr=1e-3)
sparse = None if full else torch.optim.SparseAdam(tables, lr=1e-3)


def step(inputs, targets, drawn):
    y = network(embedding(inputs) + positions).reshape(-1, d)
    if full:
        loss = F.cross_entropy(torch.addmm(bias.weight.T, y, embedding.weight.T), targets)
    else:
        target = (y * embedding(targets)).sum(1) + bias(targets).squeeze(1)
        logits = y @ embedding(drawn).T + bias(drawn).T
        logits = logits.masked_fill(drawn.unsqueeze(0) == targets.unsqueeze(1), -1e30)
        loss = F.cross_entropy(torch.cat([target.unsqueeze(1), logits], 1), torch.zeros(len(targets), dtype=torch.long))
    dense.zero_grad()
    if sparse:
        sparse.zero_grad()
    loss.backward()
    dense.step()
    if sparse:
        sparse.step()


times = []
for round in range(int(sys.argv[2]) if len(sys.argv) > 2 else 12):
    inputs = torch.randint(0, items, (batch, length))
    targets = torch.randint(0, items, (batch * length,))
    drawn = torch.randint(0, items, (negatives,))
    began = time.perf_counter()
    step(inputs, targets, drawn)
    if round >= 2:
        times.append((time.perf_counter() - began) * 1e3)
print(f"{min(times):.3f}")
