#!/usr/bin/env bash
# Installs the rivals from the distribution's own packages (Debian 12 or later): PyTorch for the CPU, and OpenBLAS, which
# it multiplies matrices with.
set -euo pipefail
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
"${as_root[@]}" apt-get install -y --no-install-recommends python3-torch libopenblas0-pthread
"${PYTHON:-/usr/bin/python3}" -c 'import torch; print("PyTorch", torch.__version__)'
