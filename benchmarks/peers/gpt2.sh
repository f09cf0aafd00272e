#!/usr/bin/env bash
# The training step of GPT-2 124M, by our benchmark `gpt2` and by PyTorch, from the same weights on the same tokens, taking
# turns. Prints a table of medians for each shape B×T; measurements stay in artifacts/peers/gpt2-B×T.jsonl.
#   SHAPES="4x64 1x1024" STEPS=5 ROUNDS=3 THREADS=2 benchmarks/peers/gpt2.sh
# The first two steps of a run are not counted. Fails if the losses differ, step by step, by more than 0.001.
# LLMC=FOLDER adds llm.c's train_gpt2, built by its own Makefile in that folder with its own data, to the shape 4x64.
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
steps=${STEPS:-5} rounds=${ROUNDS:-3} shapes=${SHAPES:-4x64 1x1024}
require_pytorch
build benchmarks/Engine.Benchmarks
weights=$out/gpt2.safetensors
trap 'rm -f "$weights"' EXIT

ours() {
    "${program[@]}" gpt2 "$B" "$T" "$threads" "$1"
}

pytorch() {
    "$python" "$peers/pytorch_gpt2.py" "$weights" --label "$1" --threads "$2" --batch "$B" --length "$T" --steps "$steps"
}

status=0
for shape in $shapes; do
    B=${shape%x*} T=${shape#*x}
    file=$out/gpt2-$shape.jsonl
    : > "$file"

    # A run of its own saves the weights, so that those that are measured do nothing but train.
    WEIGHTS=$weights ours 1 > /dev/null
    for (( round = 1; round <= rounds; round++ )); do
        {
            ours "$steps"
            at_each_setting pytorch
            if [[ -n ${LLMC:-} && $shape == 4x64 ]]; then
                "$python" "$peers/measure.py" llmc "$LLMC" --threads "$threads"
            fi
        } | tee -a "$file" >&2
    done

    machine
    echo "GPT-2 124M, B $B, T $T:"
    "$python" "$peers/measure.py" steps "$file" || status=1
done

exit "$status"
