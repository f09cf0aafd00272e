#!/usr/bin/env bash
# Makes the packages: Engine, Engine.Pretraining, and the command as a tool. Where NVRTC is installed, the kernels go in as PTX
# too, so that machines with NVIDIA's driver alone can run them; where it is not, the packages are made without and say so.
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
    options=(-p:EnginePtx="$ptx")
else
    echo "NVRTC is not installed: the package has no PTX." >&2
    options=()
fi
for project in src/Engine src/Engine.Pretraining tools/Engine.Cli; do
    # ContinuousIntegrationBuild leaves this machine's folders out of what is compiled.
    dotnet pack "$project" -c Release -o "$out" -v quiet -nologo -p:ContinuousIntegrationBuild=true "${options[@]}"
done
for package in "$out"/*.nupkg; do
    bytes=$(stat -c %s "$package")
    echo "$package: $bytes bytes"
    (( bytes < most )) || { echo "$package is larger than $most bytes" >&2; exit 1; }
done
