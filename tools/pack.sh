#!/usr/bin/env bash
# Makes the package. Where NVRTC is installed, the kernels go in as PTX too, so that machines with NVIDIA's driver alone can
# run them; where it is not, the package is made without and says so.
#   tools/pack.sh [FOLDER]                    default: artifacts/package
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=${1:-artifacts/package}
most=$((5 * 1024 * 1024))
ptx=$PWD/artifacts/programs.ptx.br
mkdir -p "$out" artifacts
rm -f "$ptx"
dotnet build tests/Engine.Pretraining.Tests -c Release -v quiet -nologo
ENGINE_PTX=$ptx tests/Engine.Pretraining.Tests/bin/Release/net10.0/Engine.Pretraining.Tests \
    -class Engine.Pretraining.Tests.Training.PtxPackageTests -showliveoutput
if [ -s "$ptx" ]; then
    dotnet pack src/Engine -c Release -o "$out" -v quiet -nologo -p:EnginePtx="$ptx"
else
    echo "NVRTC is not installed: the package has no PTX." >&2
    dotnet pack src/Engine -c Release -o "$out" -v quiet -nologo
fi
for package in "$out"/*.nupkg; do
    bytes=$(stat -c %s "$package")
    echo "$package: $bytes bytes"
    (( bytes < most )) || { echo "$package is larger than $most bytes" >&2; exit 1; }
done
