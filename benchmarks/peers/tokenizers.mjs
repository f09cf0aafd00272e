// Encodes a text with one of the tokenizers of npm: tokenizers.mjs LIBRARY VOCABULARY TEXT THREADS ROUNDS MODULES FOLDER
// prints the median of MB/s over the rounds and how many tokens came out. The text is cut into documents of about 10 kB; each
// thread is a worker that has loaded and warmed up before the clock starts, and takes every THREADS-th document.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const DOCUMENT = 10000;

function load({ library, vocabulary, modules, folder }) {
    const require = createRequire(path.join(modules, 'x.js'));
    if (library === 'tiktoken') {
        const encoder = require('tiktoken').get_encoding(vocabulary);
        return text => encoder.encode_ordinary(text).length;
    }
    if (library === 'gpt-tokenizer') {
        const name = vocabulary === 'gpt2' ? 'r50k_base' : vocabulary;
        const encoder = require(`gpt-tokenizer/encoding/${name}`);
        return text => encoder.encode(text).length;
    }
    const { Tokenizer } = require('@huggingface/tokenizers');
    const json = JSON.parse(fs.readFileSync(path.join(folder, vocabulary === 'gpt2' ? 'gpt2_hf' : vocabulary, 'tokenizer.json')));
    const tokenizer = new Tokenizer(json, {});
    return text => tokenizer.encode(text, { add_special_tokens: false }).ids.length;
}

function cut(file) {
    const text = fs.readFileSync(file, 'utf8'), documents = [];
    for (let start = 0; start < text.length;) {
        const line = text.indexOf('\n\n', start + DOCUMENT);
        const end = line < 0 ? text.length : line + 2;
        documents.push(text.slice(start, end));
        start = end;
    }
    return documents;
}

if (isMainThread) {
    const [library, vocabulary, text, threads, rounds, modules, folder] = process.argv.slice(2);
    const workers = Array.from({ length: +threads }, (_, index) => new Worker(new URL(import.meta.url),
        { workerData: { library, vocabulary, text, modules, folder, index, threads: +threads } }));
    const all = message => Promise.all(workers.map(w => new Promise((done, failed) => {
        w.once('message', done);
        w.once('error', failed);
        w.postMessage(message);
    })));
    let tokens = (await all('round')).reduce((a, b) => a + b, 0);
    const seconds = [];
    for (let round = 0; round < +rounds; round++) {
        const start = process.hrtime.bigint();
        tokens = (await all('round')).reduce((a, b) => a + b, 0);
        seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
    }
    seconds.sort((a, b) => a - b);
    console.log((fs.statSync(text).size / 1e6 / seconds[seconds.length >> 1]).toFixed(2), tokens);
    workers.forEach(w => w.terminate());
} else {
    const encode = load(workerData);
    const mine = cut(workerData.text).filter((_, i) => i % workerData.threads === workerData.index);
    parentPort.on('message', () => parentPort.postMessage(mine.reduce((sum, document) => sum + encode(document), 0)));
}
