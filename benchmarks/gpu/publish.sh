#!/usr/bin/env bash
# Makes a folder with which a machine that has an NVIDIA GPU, and neither .NET nor a network, can check the CUDA device:
# the tests and the command, self-contained, the fixtures, and check.sh.
#   benchmarks/gpu/publish.sh [FOLDER]        default: artifacts/gpu
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-artifacts/gpu}
mkdir -p "$out"
for project in tests/Engine.Tests tests/Engine.Pretraining.Tests tools/Engine.Cli; do
    dotnet publish "$project" -c Release -r linux-x64 --self-contained -o "$out/$(basename "$project")" -v quiet -nologo
done
# The tests find their fixtures beside the solution.
cp Engine.sln "$out/"
mkdir -p "$out/tests" "$out/data" "$out/benchmarks/gpu"
cp -r tests/Fixtures "$out/tests/"
cp -r data/. "$out/data/"
cp benchmarks/gpu/check.sh "$out/benchmarks/gpu/"
# NVRTC from this machine, for one that has only the driver: set ENGINE_NVRTC to it there.
for library in $(ldconfig -p 2>/dev/null | grep -o '/[^ ]*libnvrtc[^ ]*' || true); do
    mkdir -p "$out/nvrtc"
    cp -L "$library" "$out/nvrtc/"
done
du -sh "$out"
