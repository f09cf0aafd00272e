"""The preset shakespeare-char in PyTorch: the same model, batches of the same shape, the same optimizer and schedule.

Prints one JSON object: the median milliseconds of a step, the seconds of all steps, and the validation loss over a fixed
set of batches. Written for PyTorch 1.13 and later; uses neither torch.compile nor scaled_dot_product_attention.
"""
import argparse
import json
import math
import statistics
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

LAYERS, HEADS, WIDTH, CONTEXT, BATCH = 4, 4, 128, 64, 12
PEAK_RATE, FINAL_RATE, WARM_UP = 1e-3, 1e-4, 100
DEFAULT_CORPUS = Path(__file__).resolve().parents[2] / "data" / "tinyshakespeare" / "input.txt"


class Norm(nn.Module):
    """Layer norm without a bias, which nn.LayerNorm of 1.13 cannot leave out."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        return F.layer_norm(x, (WIDTH,), self.weight, None, 1e-5)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = Norm(), Norm()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.out = nn.Linear(WIDTH, WIDTH, bias=False)
        self.up = nn.Linear(WIDTH, 4 * WIDTH, bias=False)
        self.down = nn.Linear(4 * WIDTH, WIDTH, bias=False)
        future = torch.ones(CONTEXT, CONTEXT, dtype=torch.bool).triu(1)
        self.register_buffer("future", future, persistent=False)

    def attention(self, x):
        q, k, v = (
            part.view(-1, CONTEXT, HEADS, WIDTH // HEADS).transpose(1, 2)  # (B, H, T, D)
            for part in self.qkv(x).split(WIDTH, dim=2)
        )
        scores = (q * (WIDTH // HEADS) ** -0.5) @ k.transpose(2, 3)  # (B, H, T, T)
        p = scores.masked_fill(self.future, -math.inf).softmax(dim=3)
        return self.out((p @ v).transpose(1, 2).reshape(-1, CONTEXT, WIDTH))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, WIDTH)
        self.positions = nn.Embedding(CONTEXT, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = Norm()
        for name, p in self.named_parameters():
            if p.dim() == 2:
                residual = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(p, std=0.02 / (math.sqrt(2 * LAYERS) if residual else 1))

    def forward(self, x, y):
        h = self.tokens(x) + self.positions.weight
        for layer in self.layers:
            h = layer(h)
        logits = F.linear(self.norm(h), self.tokens.weight)  # the head is the token embedding
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), y.reshape(-1))


def learning_rate(step, steps):
    warm_up = min(WARM_UP, steps)
    if step < warm_up:
        return PEAK_RATE * (step + 1) / (warm_up + 1)
    done = (step - warm_up) / (steps - warm_up)
    return FINAL_RATE + 0.5 * (1 + math.cos(math.pi * done)) * (PEAK_RATE - FINAL_RATE)


def batch(data, generator):
    starts = torch.randint(len(data) - CONTEXT, (BATCH,), generator=generator)
    windows = data[starts[:, None] + torch.arange(CONTEXT + 1)]
    return windows[:, :-1], windows[:, 1:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's own choice")
    parser.add_argument("--eval", type=int, default=100, help="batches of the fixed evaluation set")
    parser.add_argument("--seed", type=int, default=1337)
    parser.add_argument("--data", type=Path, default=DEFAULT_CORPUS)
    parser.add_argument("--label", default="PyTorch")
    args = parser.parse_args()
    if args.threads > 0:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)

    text = args.data.read_text(encoding="utf-8")
    index = {c: i for i, c in enumerate(sorted(set(text)))}
    data = torch.tensor([index[c] for c in text])
    split = int(0.9 * len(data))
    train, validation = data[:split], data[split:]

    model = Gpt(len(index))
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=PEAK_RATE, betas=(0.9, 0.99), foreach=True)

    generator = torch.Generator().manual_seed(args.seed)
    durations = []
    for step in range(args.steps):
        start = time.perf_counter()
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, args.steps)
        loss = model(*batch(train, generator))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        train_loss = loss.item()
        durations.append(time.perf_counter() - start)
        if step % 100 == 0:
            print(f"step {step}: loss {train_loss:.4f}", file=sys.stderr)

    with torch.no_grad():
        fixed = torch.Generator().manual_seed(args.seed + 1)
        losses = [model(*batch(validation, fixed)).item() for _ in range(args.eval)]

    print(json.dumps({
        "label": args.label,
        "threads": torch.get_num_threads(),
        "steps": args.steps,
        "ms_per_step": 1000 * statistics.median(durations),
        "seconds": sum(durations),
        "val_loss": statistics.fmean(losses) if losses else None,
    }))


if __name__ == "__main__":
    main()
