#!/bin/bash
# Encoding beside the tokenizers of npm, on one thread and on two: MB/s of the same documents (Shakespeare, MEGABYTES of it)
# under the same vocabularies. Fails after its table if two sides disagree on the number of tokens. Needs node and npm;
# TOKENIZERS names a folder filled by tests/Fixtures/tokenizers.sh, which is called if there is none; PREFIX is put before each
# measuring command (for example taskset -c 0).
set -euo pipefail
# shellcheck source=benchmarks/peers/common.sh
source "$(dirname "$0")/common.sh"
folder=${TOKENIZERS:-$out/vocabularies} rounds=${ROUNDS:-3} megabytes=${MEGABYTES:-10} modules=$PWD/$out/npm counts=${COUNTS:-1 2}
[[ -d $folder ]] || tests/Fixtures/tokenizers.sh "$folder"
mkdir -p "$modules"
(cd "$modules" && [[ -d node_modules/gpt-tokenizer ]] || npm install --silent --no-audit --prefix "$modules" tiktoken@1.0.22 gpt-tokenizer@4.0.0 @huggingface/tokenizers@0.2.0)
text=$PWD/$out/shakespeare.txt
for (( i = 0; i < megabytes * 1000000 / 1115394 + 1; i++ )); do cat data/tinyshakespeare/input.txt; done > "$text"
if [[ -z ${PROGRAM:-} ]]; then
    build benchmarks/Engine.Benchmarks
else
    read -ra program <<<"$PROGRAM"
fi
failed=0
echo "| vocabulary | threads | Engine MB/s | tiktoken | gpt-tokenizer | @huggingface/tokenizers | ratio to the fastest | tokens |"
echo "|---|---|---|---|---|---|---|---|"
for vocabulary in gpt2 cl100k_base o200k_base; do
    for count in $counts; do
        read -r ours tokens < <(${PREFIX:-} "${program[@]}" encode "$text" "$folder/$vocabulary" "$count" "$rounds")
        row="| $vocabulary | $count | $ours |" best=0
        for library in tiktoken gpt-tokenizer @huggingface/tokenizers; do
            if [[ $library == @* && $vocabulary != gpt2 ]]; then
                row+=" – |"
                continue
            fi
            read -r theirs their_tokens < <(${PREFIX:-} node $peers/tokenizers.mjs "$library" "$vocabulary" "$text" "$count" "$rounds" "$modules" "$folder")
            row+=" $theirs |"
            best=$(awk "BEGIN { print ($theirs > $best) ? $theirs : $best }")
            [[ $tokens == "$their_tokens" ]] || { echo "$library makes $their_tokens tokens of $vocabulary, Engine $tokens" >&2; failed=1; }
        done
        echo "$row $(awk "BEGIN { printf \"%.2f\", $ours / $best }") | $tokens |"
    done
done
exit $failed
