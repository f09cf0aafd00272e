"""One op forward and backward in PyTorch, on the same numbers as our benchmark `op`.

Prints one JSON object: the median of the milliseconds, by how much the first run raised the peak of resident memory above
what the inputs take, and each result's dot product with fixed numbers and length. Written for PyTorch 1.13 and later. Where
PyTorch has a fused attention (2.0 and later) it is used; else attention is spelled out.
"""
import argparse
import json
import math
import statistics
import time

import torch
from torch.nn import functional as F

ROWS, WIDTH, VOCABULARY, CHECK_STREAM, LEAST_RUNS = 8192, 768, 50304, 99, 3


def numbers(stream, *shape):
    """The formula of PeerOps.cs, in integers until the last step."""
    places = torch.arange(math.prod(shape), dtype=torch.int64) + 1000003 * stream
    h = (places * 2654435761) & 0xFFFFFFFF
    h = ((h ^ (h >> 15)) * 739982445) & 0xFFFFFFFF
    return (((h ^ (h >> 12)) >> 8).float() / 8388608 - 1).view(shape)


def digest(result):
    values = result.detach().double().flatten()
    return {"dot": float(values @ numbers(CHECK_STREAM, len(values)).double()), "length": float(values.norm())}


def forget_peak():
    """Making the inputs has its own peak."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def resident():
    """Resident memory now and its peak, in KiB."""
    with open("/proc/self/status", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["VmRSS"].split()[0]), int(fields["VmHWM"].split()[0])


def differentiated(forward, result_shape, *shapes):
    """Forward and backward; results are y and the gradient of each input."""
    inputs = [numbers(i, *shape).requires_grad_() for i, shape in enumerate(shapes)]
    upstream = numbers(len(inputs), *result_shape) if result_shape else torch.ones(())

    def run():
        for x in inputs:
            x.grad = None
        y = forward(*inputs)
        y.backward(upstream)
        return [y] + [x.grad for x in inputs]

    return run


def attention(length):
    future = torch.ones(length, length, dtype=torch.bool).triu(1)

    def forward(q, k, v):
        if hasattr(F, "scaled_dot_product_attention"):
            return F.scaled_dot_product_attention(q, k, v, is_causal=True)
        scores = (q * q.shape[-1] ** -0.5) @ k.transpose(2, 3)
        return scores.masked_fill(future, -math.inf).softmax(dim=3) @ v

    shape = (1, 12, length, 64)
    return differentiated(forward, shape, shape, shape, shape)


def cross_entropy():
    targets = torch.arange(512) * 7919 % VOCABULARY
    return differentiated(lambda x: F.cross_entropy(x, targets), (), (512, VOCABULARY))


def adamw(foreach):
    p = torch.nn.Parameter(numbers(0, VOCABULARY, WIDTH))
    p.grad = numbers(1, VOCABULARY, WIDTH)
    optimizer = torch.optim.AdamW([p], lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, foreach=foreach)

    def run():
        optimizer.step()
        return [p]

    return run


def copy():
    x, y = numbers(0, VOCABULARY, WIDTH), torch.zeros(VOCABULARY, WIDTH)
    return lambda: [y.copy_(x)]


OPS = {
    "copy": copy,
    **{f"attention-{length}": lambda length=length: attention(length) for length in (256, 512, 1024, 2048, 4096)},
    "layer-norm": lambda: differentiated(
        lambda x, gamma, beta: F.layer_norm(x, (WIDTH,), gamma, beta), (ROWS, WIDTH), (ROWS, WIDTH), (WIDTH,), (WIDTH,)),
    "gelu": lambda: differentiated(lambda x: F.gelu(x, approximate="tanh"), (ROWS, 4 * WIDTH), (ROWS, 4 * WIDTH)),
    "softmax": lambda: differentiated(lambda x: x.softmax(dim=-1), (ROWS, 1024), (ROWS, 1024)),
    "cross-entropy": cross_entropy,
    "adamw": lambda: adamw(foreach=False),
    "adamw-foreach": lambda: adamw(foreach=True),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("op", choices=OPS)
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's own choice")
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--label", default="PyTorch")
    args = parser.parse_args()
    if args.threads > 0:
        torch.set_num_threads(args.threads)
    run = OPS[args.op]()
    forget_peak()
    before, _ = resident()
    run()
    growth = resident()[1] - before
    check = [digest(result) for result in run()]
    milliseconds = []
    start = time.perf_counter()
    while len(milliseconds) < LEAST_RUNS or time.perf_counter() - start < args.seconds:
        one = time.perf_counter()
        run()
        milliseconds.append(1000 * (time.perf_counter() - one))
    print(json.dumps({
        "label": args.label,
        "op": args.op.removesuffix("-foreach"),
        "threads": torch.get_num_threads(),
        "ms": statistics.median(milliseconds),
        "growth_mib": growth / 1024,
        "check": check,
    }))


if __name__ == "__main__":
    main()
