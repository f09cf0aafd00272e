#!/usr/bin/env bash
# Checks the CUDA device on a machine with an NVIDIA GPU, from a folder made by publish.sh, and prints what belongs in
# benchmarks/results: parity with the CPU, 50 training steps, graphs on and off, the sanitizer, and each kernel's speed.
#   benchmarks/gpu/check.sh [quick]           quick: without the sanitizer
# A step that fails or cannot run is said at the end; the exit code is the number of failed steps.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
quick=${1:-}
out=${OUT:-gpu-results}
mkdir -p "$out"
failed=() missing=()

export ENGINE_REQUIRE_DEVICES=cuda
# The folder of libnvrtc-builtins must be on the path of the loader.
if [ -d nvrtc ] && ! ldconfig -p 2>/dev/null | grep libnvrtc.so >/dev/null; then
    export LD_LIBRARY_PATH=$PWD/nvrtc${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
fi

tests=Engine.Tests/Engine.Tests
training=Engine.Pretraining.Tests/Engine.Pretraining.Tests
engine=Engine.Cli/engine

step() {
    local name=$1
    shift
    printf '\n== %s (%s s)\n' "$name" "$SECONDS"
    "$@" 2>&1 | tee "$out/$name.txt" | tail -n 40
    local status=${PIPESTATUS[0]}
    (( status == 0 )) || { failed+=("$name"); echo "FAILED: $name (exit code $status)"; }
}

step hardware nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv
step devices "$engine" info

# Every op, forward and backward; every storage type; the device's own tests.
step parity "$tests" -class Engine.Tests.Ops.OpCaseTests -method '*Every_device_agrees_with_the_reference*'
step cuda-tests "$tests" -namespace Engine.Tests.Cuda
step fifty-steps "$training" -class Engine.Pretraining.Tests.Training.DeviceRunTests

train() {
    rm -rf "$out/run-$1"
    "$engine" pretrain --preset shakespeare-char --device cuda --out "$out/run-$1" --steps 300 --warmup_steps 100 \
        --eval_interval 0 --checkpoint_every 0 --sample_tokens 0 "${@:2}"
}
step train-launches train launches --cuda_graphs false
step train-graphs train graphs --cuda_graphs true
step train-bf16 train bf16 --cuda_graphs true --precision bf16
step train-fp16 train fp16 --cuda_graphs true --precision fp16

# The same losses whether launched or gathered.
losses() { grep -o '"loss":[0-9.E+-]*' "$out/run-$1/metrics.jsonl"; }
same_losses() { [ -n "$(losses launches)" ] && diff <(losses launches) <(losses graphs) && echo "equal to the last digit"; }
step graphs-equal same_losses

step kernels "$engine" bench all --device cuda

if [ "$quick" != quick ]; then
    if command -v compute-sanitizer >/dev/null; then
        for tool in memcheck racecheck; do
            sanitizer=(timeout 1500 compute-sanitizer --tool "$tool" --error-exitcode 9 --target-processes all)
            # Every kernel of the catalog, and training steps of a shape that fits no tile.
            step "$tool-kernels" "${sanitizer[@]}" "$engine" bench all --device cuda
            rm -rf "$out/run-$tool"
            step "$tool-steps" "${sanitizer[@]}" "$engine" pretrain --preset tiny --device cuda --out "$out/run-$tool" --steps 3 \
                --n_embd 33 --n_head 3 --block_size 31 --batch_size 3 --dropout 0.1 --warmup_steps 1 --eval_interval 0 --checkpoint_every 0 --sample_tokens 0
        done
    else
        missing+=("compute-sanitizer")
    fi
fi

printf '\n== Result (%s s)\n' "$SECONDS"
echo "failed: ${failed[*]:-none}"
echo "not there: ${missing[*]:-nothing}"
exit "${#failed[@]}"
