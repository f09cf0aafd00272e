#!/usr/bin/env bash
# Single ops forward and backward, by our benchmark `op` and by PyTorch, on the same numbers, taking turns: causal attention
# at growing lengths, layer norm, GELU, softmax, cross-entropy, AdamW, and a copy as the measure of the memory's bandwidth.
# Each measurement is a process of its own, so that its memory is too. Prints a table of medians; measurements stay in
# artifacts/peers/ops.jsonl. Fails if results differ.
#   OPS="copy gelu" SECONDS_EACH=0.5 ROUNDS=5 THREADS=2 benchmarks/peers/ops.sh
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
rounds=${ROUNDS:-5} seconds=${SECONDS_EACH:-0.5}
ops=${OPS:-copy attention-256 attention-512 attention-1024 attention-2048 attention-4096 layer-norm gelu softmax cross-entropy adamw}
require_pytorch
build benchmarks/Engine.Benchmarks
: > "$out/ops.jsonl"

# PyTorch has two forms of AdamW; the better one counts, as with the settings.
pytorch() {
    "$python" "$peers/pytorch_ops.py" "$op" --label "$1" --threads "$2" --seconds "$seconds"
    if [[ $op == adamw ]]; then
        "$python" "$peers/pytorch_ops.py" adamw-foreach --label "$1, foreach" --threads "$2" --seconds "$seconds"
    fi
}

for op in $ops; do
    for (( round = 1; round <= rounds; round++ )); do
        {
            "${program[@]}" op "$op" "$threads" "$seconds"
            at_each_setting pytorch
        } >> "$out/ops.jsonl"
    done

    echo "$op done" >&2
done

machine
"$python" "$peers/measure.py" ops "$out/ops.jsonl"
