#!/usr/bin/env bash
# The preset shakespeare-char, by `engine pretrain` and by PyTorch, with the same number of threads, taking turns.
# Prints a table of medians; measurements stay in artifacts/peers/shakespeare.jsonl.
#   STEPS=2000 ROUNDS=3 THREADS=2 EVAL=100 benchmarks/peers/shakespeare.sh
# PyTorch runs at two settings: as it comes, and with OPENBLAS_NUM_THREADS=1, which leaves all threads to its own OpenMP
# pool instead of two pools that fight for the same cores. The better one is what we compare with.
# OpenBLAS takes AVX-512 processors newer than itself for AVX2 ones; told otherwise it is about twice as fast.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
steps=${STEPS:-2000} rounds=${ROUNDS:-3} threads=${THREADS:-$(nproc)} eval=${EVAL:-100}
python=${PYTHON:-/usr/bin/python3}
peers=benchmarks/peers
out=artifacts/peers
mkdir -p "$out"
: > "$out/shakespeare.jsonl"

"$python" -c 'import torch' 2>/dev/null || { echo "PyTorch is not installed: run $peers/install.sh." >&2; exit 1; }
dotnet build tools/Engine.Cli -c Release -v quiet -nologo >&2
engine=(dotnet tools/Engine.Cli/bin/Release/net10.0/Engine.Cli.dll)

if grep -q avx512bw /proc/cpuinfo 2>/dev/null; then
    export OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-SkylakeX}
fi

warm_up=$(( steps < 100 ? steps : 100 ))

ours() {
    rm -rf "$out/run"
    "${engine[@]}" pretrain --preset shakespeare-char --json --out "$out/run" --threads "$threads" --steps "$steps" \
        --warmup_steps "$warm_up" --eval_batches "$eval" --eval_interval 0 --checkpoint_every 0 --sample_tokens 0 --seed "$1" |
        "$python" "$peers/measure.py" engine --label Engine --threads "$threads"
}

pytorch() {
    "$python" "$peers/pytorch_shakespeare.py" --label "$2" --threads "$threads" --steps "$steps" --eval "$eval" --seed "$1" 2>/dev/null
}

for (( round = 1; round <= rounds; round++ )); do
    {
        ours "$round"
        pytorch "$round" "PyTorch, as it comes"
        OPENBLAS_NUM_THREADS=1 pytorch "$round" "PyTorch, OPENBLAS_NUM_THREADS=1"
    } | tee -a "$out/shakespeare.jsonl" >&2
done

rm -rf "$out/run"
printf '\n%s, %s threads, PyTorch %s, .NET %s\n\n' \
    "$(grep -m 1 'model name' /proc/cpuinfo | cut -d: -f2- | sed 's/^ *//')" "$threads" \
    "$("$python" -c 'import torch; print(torch.__version__)')" "$(dotnet --version)"
"$python" "$peers/measure.py" table "$out/shakespeare.jsonl"
