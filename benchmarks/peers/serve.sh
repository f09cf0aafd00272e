#!/bin/bash
# Tokens a second and time to first token of `engine serve` with 1, 4 and 16 clients, beside the same model writing one text after
# another in the benchmark's own process, round by round in the same run. MODEL is what `engine serve --model` takes; THREADS,
# TOKENS (of a text), TEXTS (of each client) and ROUNDS may be set. CLI and PROGRAM name built programs instead of building them.
set -euo pipefail
# shellcheck source=benchmarks/peers/common.sh
source "$(dirname "$0")/common.sh"
model=${MODEL:?name a model: MODEL=PATH}
if [[ -z ${CLI:-} ]]; then
    build tools/Engine.Cli
    cli=("${program[@]}")
else
    read -ra cli <<<"$CLI"
fi
if [[ -z ${PROGRAM:-} ]]; then
    build benchmarks/Engine.Benchmarks
else
    read -ra program <<<"$PROGRAM"
fi
log=$out/serve.log
"${cli[@]}" serve --model "$model" --device cpu --threads "$threads" --port 0 > "$log" &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
until url=$(grep -o 'http://[^ ]*' "$log"); do
    kill -0 $server 2>/dev/null || { echo "engine serve has ended: see $log" >&2; exit 1; }
    sleep 0.1
done
"${program[@]}" serve "$url/" "$model" "$threads" "${TOKENS:-64}" "${TEXTS:-4}" "${ROUNDS:-3}"
