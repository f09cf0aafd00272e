# What the scripts of this folder share; to be sourced. Moves to the repository's root and sets
#   threads  THREADS, or as many as there are processors
#   python   PYTHON, or the distribution's
#   out      where measurements are kept
# What the machine's environment says to OpenBLAS, OpenMP and MKL is dropped: rivals run at settings that are named here.
# OpenBLAS takes AVX-512 processors newer than itself for AVX2 ones; told otherwise it is about twice as fast.
# shellcheck shell=bash
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck disable=SC2034 # Those who source this file use them.
threads=${THREADS:-$(nproc)} python=${PYTHON:-/usr/bin/python3} peers=benchmarks/peers out=artifacts/peers
mkdir -p "$out"

unset "${!OPENBLAS_@}" "${!OMP_@}" "${!MKL_@}"
if grep -q avx512bw /proc/cpuinfo 2>/dev/null; then
    export OPENBLAS_CORETYPE=SkylakeX
fi

require_pytorch() {
    "$python" -c 'import torch' 2>/dev/null || { echo "PyTorch is not installed: run $peers/install.sh." >&2; exit 1; }
}

# Builds a project and sets the array `program` to the command that runs it.
build() {
    dotnet build "$1" -c Release -v quiet -nologo >&2
    program=(dotnet "$1/bin/Release/net10.0/$(basename "$1").dll")
}

# Calls FUNCTION LABEL THREADS once for each setting that may be PyTorch's best with this number of threads. As it comes,
# OpenBLAS and PyTorch each keep a pool of threads, which take the cores from one another; so each pool alone is tried too.
at_each_setting() {
    if (( threads == 1 )); then
        OPENBLAS_NUM_THREADS=1 "$1" "PyTorch" 1
        return
    fi
    if (( threads == $(nproc) )); then
        "$1" "PyTorch, as it comes" 0
    fi
    OPENBLAS_NUM_THREADS=1 "$1" "PyTorch, $threads OpenMP threads" "$threads"
    OPENBLAS_NUM_THREADS=$threads "$1" "PyTorch, $threads BLAS threads" 1
}

# One line on what ran where.
machine() {
    printf '\n%s, %s threads, PyTorch %s, .NET %s\n\n' \
        "$(grep -m 1 'model name' /proc/cpuinfo | cut -d: -f2- | sed 's/^ *//')" "$threads" \
        "$("$python" -c 'import torch; print(torch.__version__)')" "$(dotnet --version)"
}
