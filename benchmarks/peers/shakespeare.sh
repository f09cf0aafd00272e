#!/usr/bin/env bash
# The preset shakespeare-char, by `engine pretrain` and by PyTorch, with the same number of threads, taking turns.
# Prints a table of medians; measurements stay in artifacts/peers/shakespeare.jsonl.
#   STEPS=2000 ROUNDS=3 THREADS=2 EVAL=100 benchmarks/peers/shakespeare.sh
# PyTorch runs at each setting of common.sh; the best one is what we compare with.
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
steps=${STEPS:-2000} rounds=${ROUNDS:-3} eval=${EVAL:-100}
require_pytorch
build tools/Engine.Cli
: > "$out/shakespeare.jsonl"
warm_up=$(( steps < 100 ? steps : 100 ))

ours() {
    rm -rf "$out/run"
    "${program[@]}" pretrain --preset shakespeare-char --json --out "$out/run" --threads "$threads" --steps "$steps" \
        --warmup_steps "$warm_up" --eval_batches "$eval" --eval_interval 0 --checkpoint_every 0 --sample_tokens 0 --seed "$1" |
        "$python" "$peers/measure.py" engine --label Engine --threads "$threads"
}

pytorch() {
    "$python" "$peers/pytorch_shakespeare.py" --label "$1" --threads "$2" --steps "$steps" --eval "$eval" --seed "$round" 2>/dev/null
}

for (( round = 1; round <= rounds; round++ )); do
    {
        ours "$round"
        at_each_setting pytorch
    } | tee -a "$out/shakespeare.jsonl" >&2
done

rm -rf "$out/run"
machine
"$python" "$peers/measure.py" table "$out/shakespeare.jsonl"
