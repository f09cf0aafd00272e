using Engine.Pretraining.Models;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Configuration;

/// <summary>
/// The table of all configuration keys. Spelling follows nanoGPT (model, data) and Hugging Face's TrainingArguments
/// (steps). It drives files, command line, help, printing and validation: a new key is one property of
/// <see cref="PretrainConfig"/> and one row here.
/// </summary>
public static class ConfigFields
{
    private static readonly string[] s_llama = ["llama", "mixtral"];
    private static readonly string[] s_mixtral = ["mixtral"];
    private static readonly string[] s_encoders = ["mlm", "mlm-nsp", "mlm-sop", "spanbert", "electra"];

    private static readonly ConfigField[] s_all =
    [
        Row("preset", new Choice([.. Presets.Names]), c => c.Preset, (c, v) => c with { Preset = v },
            "named settings that the other keys change"),
        Row("objective", new Choice(ObjectiveCatalog.Names), c => c.Objective, (c, v) => c with { Objective = v },
            "what is learned; `engine objectives` explains them"),
        Row("model", new Choice(ModelCatalog.Names), c => c.Model, (c, v) => c with { Model = v }, "the architecture"),
        Row("init_from", new FreeText("the path of a run, of a Hugging Face folder or of a file of weights", orEmpty: true), c => c.InitFrom, (c, v) => c with { InitFrom = v },
            "begin with the weights, the shape and the vocabulary of this run or published model instead of random ones (nanoGPT train.py); block_size may be smaller than its own",
            only: ["gpt2", "llama", "mixtral", "bert", "roberta", "spanbert", "albert", "electra", "t5"]),
        Row("data", new FreeText("the path of a UTF-8 text file, or tinyshakespeare for the built-in corpus"), c => c.Data, (c, v) => c with { Data = v },
            "the corpus (tinyshakespeare: Karpathy, char-rnn); a resumed run finds it changed, but it may have moved", freeOnResume: true),
        Row("data_target", new FreeText("the path of a UTF-8 text file", orEmpty: true), c => c.DataTarget, (c, v) => c with { DataTarget = v },
            "the file whose line i translates line i of data", freeOnResume: true, only: ["translation"]),
        Row("tokenizer", new ChoiceOrFile(TokenizerFile.Kinds, TokenizerFile.FileOrFolder, TokenizerFile.IsFile), c => c.Tokenizer, (c, v) => c with { Tokenizer = v },
            "tokens: characters of the corpus (char), the 256 bytes of UTF-8 (byte), byte-level BPE (bpe: GPT-2), BPE of characters (metaspace: Llama 2), pieces of a unigram model (unigram: T5), WordPiece (wordpiece: BERT uncased), white-space words (word), or the tokenizer.json of a published model"),
        Row("vocab_size", Count(1, 1 << 24), c => c.VocabSize, (c, v) => c with { VocabSize = v },
            "V of a vocabulary made from the corpus, special tokens counted; a small corpus gives fewer; char and byte have a size of their own"),
        Row("min_frequency", Count(1, int.MaxValue), c => c.MinFrequency, (c, v) => c with { MinFrequency = v },
            "bpe, metaspace, wordpiece: the fewest occurrences of a pair that is merged (Hugging Face: 2); word: of a word (word2vec: 5)"),
        Row("extra_ids", Count(0, 10000), c => c.ExtraIds, (c, v) => c with { ExtraIds = v },
            "bpe, metaspace, unigram: sentinels <extra_id_0> … that stand for spans (T5: 100); models that need none can save their rows with 0"),
        Row("val_fraction", new RealNumber(0.001, 0.5), c => c.ValFraction, (c, v) => c with { ValFraction = v },
            "share of the corpus, at its end, for validation (nanoGPT data/*/prepare.py: 0.1)"),
        Row("sampling", new Choice(["random", "epoch"]), c => c.Sampling, (c, v) => c with { Sampling = v },
            "training windows: anywhere, with replacement (random; nanoGPT), or each once in shuffled order, then again (epoch)"),

        Row("n_layer", Count(1, 1024), c => c.NLayer, (c, v) => c with { NLayer = v }, "L: transformer layers (nanoGPT README, CPU run: 4)"),
        Row("n_head", Count(1, 1024), c => c.NHead, (c, v) => c with { NHead = v }, "H: attention heads, a divisor of n_embd (CPU run: 4)"),
        Row("n_embd", Count(1, 65536), c => c.NEmbd, (c, v) => c with { NEmbd = v }, "C: model width (CPU run: 128)"),
        Row("hidden_size", Count(1, 65536), c => c.HiddenSize, (c, v) => c with { HiddenSize = v },
            "H: cells of an LSTM, projected to n_embd (ELMo: 8 times n_embd)", only: ["elmo"]),
        Row("window", Count(1, 1000), c => c.Window, (c, v) => c with { Window = v },
            "words on each side that count as near (word2vec.c: 5; GloVe: 15)", only: ["word2vec", "glove"]),
        Row("negative", Count(0, 1000), c => c.Negative, (c, v) => c with { Negative = v },
            "words drawn against each true one; 0 = none (word2vec.c: 5)", only: ["word2vec"]),
        Row("hierarchical_softmax", new Flag(), c => c.HierarchicalSoftmax, (c, v) => c with { HierarchicalSoftmax = v },
            "predict words along a Huffman tree (Morin & Bengio 2005)", only: ["word2vec"]),
        Row("subsample", new RealNumber(0, 1), c => c.Subsample, (c, v) => c with { Subsample = v },
            "frequency above which words are left out at random; 0 = never (word2vec.c: 1e-3)", only: ["word2vec"]),
        Row("x_max", new RealNumber(0.001, 1e9), c => c.XMax, (c, v) => c with { XMax = v },
            "count from which on a pair has full weight (GloVe: 100; 10 for small corpora)", only: ["glove"]),
        Row("hogwild", Count(1, 1024), c => c.Hogwild, (c, v) => c with { Hogwild = v },
            "threads that train one table without locks (Recht et al. 2011); more than one is a little different every time", only: ["word2vec"]),
        Row("block_size", Count(1, 1 << 20), c => c.BlockSize, (c, v) => c with { BlockSize = v }, "T: tokens of a sequence (CPU run: 64)"),
        Row("dropout", new RealNumber(0, 1, below: true), c => c.Dropout, (c, v) => c with { Dropout = v },
            "probability of dropping an activation (nanoGPT: 0 for pre-training, 0.1 and more for fine-tuning)"),
        Row("bias", new Flag(), c => c.Bias, (c, v) => c with { Bias = v }, "biases in linear layers and norms (GPT-2: true; nanoGPT: false, slightly better and faster)"),
        Row("mem_len", Count(0, 1 << 20), c => c.MemLen, (c, v) => c with { MemLen = v },
            "M: tokens before a text that are read as memory (XLNet: half of the text)", only: ["plm"]),
        Row("label_smoothing", new RealNumber(0, 1, below: true), c => c.LabelSmoothing, (c, v) => c with { LabelSmoothing = v },
            "share of each target's probability spread over the vocabulary (Vaswani et al. 2017: 0.1)", only: ["transformer"]),
        Row("corruption", new Choice(["spans", "prefix", "bert", "deshuffling"]), c => c.Corruption, (c, v) => c with { Corruption = v },
            "how a text becomes source and target (Raffel et al. 2020, table 3; spans is T5's)", only: ["span-corruption"]),
        Row("noise_density", new RealNumber(0.001, 0.9), c => c.NoiseDensity, (c, v) => c with { NoiseDensity = v },
            "share of the tokens that is corrupted (T5: 0.15)", only: ["span-corruption"]),
        Row("mean_noise_span_length", new RealNumber(1, 1000), c => c.MeanNoiseSpanLength, (c, v) => c with { MeanNoiseSpanLength = v },
            "mean tokens of a corrupted span (T5: 3)", only: ["span-corruption"]),
        Row("feed_forward_proj", new Choice(["relu", "gated-gelu"]), c => c.FeedForwardProj, (c, v) => c with { FeedForwardProj = v },
            "feed-forward part: ReLU and a tied output layer (T5), or gated GELU and one of its own (T5 1.1)", only: ["t5"]),

        Row("num_key_value_heads", Count(0, 1024), c => c.NumKeyValueHeads, (c, v) => c with { NumKeyValueHeads = v },
            "heads of keys and values, a divisor of n_head: 1 = multi-query, in between grouped-query (Ainslie et al. 2023); 0 = n_head", only: s_llama),
        Row("intermediate_size", Count(0, 1 << 20), c => c.IntermediateSize, (c, v) => c with { IntermediateSize = v },
            "F: width of the feed-forward part; 0 = the model's usual multiple of n_embd", only: [.. s_llama, "t5", "transformer", "xlnet"]),
        Row("position_embedding", new Choice(LlamaConfig.Positions), c => c.PositionEmbedding, (c, v) => c with { PositionEmbedding = v },
            "how tokens know their place (rotary: Su et al. 2021; alibi: Press et al. 2021; sinusoidal: Vaswani et al. 2017)", only: s_llama),
        Row("rope_theta", new RealNumber(1, 1e9), c => c.RopeTheta, (c, v) => c with { RopeTheta = v },
            "base of the angles of rotary positions (Su et al. 2021: 10000; Llama 3: 500000)", only: s_llama),
        Row("rms_norm_eps", new RealNumber(1e-12, 1), c => c.RmsNormEps, (c, v) => c with { RmsNormEps = v },
            "ε of RMS norms (Llama 2: 1e-5)", only: s_llama),
        Row("sliding_window", Count(0, 1 << 20), c => c.SlidingWindow, (c, v) => c with { SlidingWindow = v },
            "tokens that a token sees, itself included (Mistral 7B: 4096); 0 = all before it", only: s_llama),
        Row("tie_word_embeddings", new Flag(), c => c.TieWordEmbeddings, (c, v) => c with { TieWordEmbeddings = v },
            "the output layer is the embedding table (Press and Wolf 2017; Llama 2: false)", only: s_llama),
        Row("num_local_experts", Count(1, 1024), c => c.NumLocalExperts, (c, v) => c with { NumLocalExperts = v }, "E: experts of a layer (Mixtral: 8)", only: s_mixtral),
        Row("num_experts_per_tok", Count(1, 1024), c => c.NumExpertsPerTok, (c, v) => c with { NumExpertsPerTok = v },
            "experts that a token goes to (Mixtral: 2)", only: s_mixtral),
        Row("router_aux_loss_coef", new RealNumber(0, 100), c => c.RouterAuxLossCoef, (c, v) => c with { RouterAuxLossCoef = v },
            "weight of the load-balancing loss (Fedus et al. 2022: 0.01)", only: s_mixtral),
        Row("embedding_size", Count(0, 65536), c => c.EmbeddingSize, (c, v) => c with { EmbeddingSize = v },
            "E: width of the embedding tables (ALBERT: 128 for every C); 0 = n_embd", only: ["albert", "electra"]),
        Row("generator_size", new RealNumber(0.01, 1), c => c.GeneratorSize, (c, v) => c with { GeneratorSize = v },
            "the generator's width as a share of the discriminator's (ELECTRA small and large: 1/4)", only: ["electra"]),

        Row("mask_probability", new RealNumber(0.001, 0.999), c => c.MaskProbability, (c, v) => c with { MaskProbability = v },
            "share of tokens that are hidden (BERT: 0.15; ELECTRA large: 0.25)", only: s_encoders),
        Row("max_predictions", Count(0, 1 << 20), c => c.MaxPredictions, (c, v) => c with { MaxPredictions = v },
            "the most tokens hidden in a sequence (BERT: 20 of 128); 0 = mask_probability of block_size, rounded up", only: s_encoders),
        Row("masking", new Choice(["dynamic", "static"]), c => c.Masking, (c, v) => c with { Masking = v },
            "new masks each time a sequence comes up (RoBERTa), or static_masks that are repeated (BERT)", only: s_encoders),
        Row("static_masks", Count(1, 1 << 20), c => c.StaticMasks, (c, v) => c with { StaticMasks = v },
            "masks that a sequence has with masking = static (BERT's dupe_factor: 10)", only: s_encoders),
        Row("whole_word_masking", new Flag(), c => c.WholeWordMasking, (c, v) => c with { WholeWordMasking = v },
            "hide words rather than tokens; for tokenizers that know words", only: s_encoders),
        Row("mask_ngram", Count(1, 20), c => c.MaskNgram, (c, v) => c with { MaskNgram = v },
            "hide up to so many neighbours together, n of them with probability 1/n (ALBERT: 3)", only: ["mlm", "mlm-nsp", "mlm-sop", "electra"]),
        Row("short_seq_prob", new RealNumber(0, 1), c => c.ShortSeqProb, (c, v) => c with { ShortSeqProb = v },
            "share of pairs whose length is drawn from 2 to block_size (BERT: 0.1)", only: ["mlm-nsp", "mlm-sop"]),
        Row("rtd_weight", new RealNumber(0, 1e6), c => c.RtdWeight, (c, v) => c with { RtdWeight = v },
            "weight of the discriminator's loss (ELECTRA: 50)", only: ["electra"]),

        Row("batch_size", Count(1, 1 << 20), c => c.BatchSize, (c, v) => c with { BatchSize = v }, "B: sequences of a micro-batch (CPU run: 12)"),
        Row("gradient_accumulation_steps", Count(1, 1 << 20), c => c.GradientAccumulationSteps, (c, v) => c with { GradientAccumulationSteps = v },
            "micro-batches averaged into one optimizer step"),
        Row("max_steps", Count(1, int.MaxValue), c => c.MaxSteps, (c, v) => c with { MaxSteps = v },
            "optimizer steps of the run (CPU run: 2000); the schedule ends there", freeOnResume: true),
        Row("learning_rate", new RealNumber(0, 100), c => c.LearningRate, (c, v) => c with { LearningRate = v },
            "peak learning rate (nanoGPT config/train_shakespeare_char.py: 1e-3); schedule noam multiplies its own rate by it"),
        Row("min_lr", new RealNumber(0, 100), c => c.MinLr, (c, v) => c with { MinLr = v },
            "learning rate at the end of the decay, about a tenth of the peak (Hoffmann et al. 2022)"),
        Row("warmup_steps", Count(0, int.MaxValue), c => c.WarmupSteps, (c, v) => c with { WarmupSteps = v },
            "steps of linear warm-up (train_shakespeare_char.py: 100)"),
        Row("decay_steps", Count(0, int.MaxValue), c => c.DecaySteps, (c, v) => c with { DecaySteps = v },
            "schedule wsd: steps of the final decay; 0 = a fifth of max_steps (Hägele et al. 2024)"),
        Row("schedule", new Choice(["constant", "linear", "cosine", "wsd", "noam", "rsqrt"]), c => c.Schedule, (c, v) => c with { Schedule = v },
            "learning rate over the steps after warm-up (GPT-3: cosine; T5: rsqrt, the inverse square root)"),
        Row("optimizer", new Choice(Optimizers.Names), c => c.Optimizer, (c, v) => c with { Optimizer = v },
            "adamw, lamb (You et al. 2020), lion (Chen et al. 2023) or adafactor (Shazeer and Stern 2018)"),
        Row("weight_decay", new RealNumber(0, 10), c => c.WeightDecay, (c, v) => c with { WeightDecay = v },
            "decoupled decay of matrices, not of biases and norms (GPT-3: 0.1)"),
        Row("beta1", new RealNumber(0, 1, below: true), c => c.Beta1, (c, v) => c with { Beta1 = v }, "AdamW's first moment (GPT-3: 0.9)"),
        Row("beta2", new RealNumber(0, 1, below: true), c => c.Beta2, (c, v) => c with { Beta2 = v },
            "AdamW's second moment (train_shakespeare_char.py: 0.99, for few tokens a step; GPT-3: 0.95)"),
        Row("eps", new RealNumber(1e-30, 1), c => c.Eps, (c, v) => c with { Eps = v }, "AdamW's epsilon (Kingma & Ba 2015: 1e-8)"),
        Row("grad_clip", new RealNumber(0, 1e9), c => c.GradClip, (c, v) => c with { GradClip = v },
            "largest global norm of the gradient; 0 = no clipping (GPT-3: 1.0)"),
        Row("seed", new WholeNumber<ulong>(0, ulong.MaxValue), c => c.Seed, (c, v) => c with { Seed = v },
            "seed of initialisation, sampling and dropout (nanoGPT: 1337)"),

        Row("eval_interval", Count(0, int.MaxValue), c => c.EvalInterval, (c, v) => c with { EvalInterval = v },
            "steps between evaluations; 0 = only at the end", freeOnResume: true),
        Row("eval_batches", Count(1, 1 << 20), c => c.EvalBatches, (c, v) => c with { EvalBatches = v },
            "batches of the fixed evaluation set", freeOnResume: true),
        Row("log_interval", Count(1, int.MaxValue), c => c.LogInterval, (c, v) => c with { LogInterval = v }, "steps between reported losses", freeOnResume: true),
        Row("checkpoint_every", Count(0, int.MaxValue), c => c.CheckpointEvery, (c, v) => c with { CheckpointEvery = v },
            "steps between checkpoints; 0 = only at the end", freeOnResume: true),
        Row("keep_checkpoints", Count(1, 1 << 20), c => c.KeepCheckpoints, (c, v) => c with { KeepCheckpoints = v }, "newest checkpoints kept", freeOnResume: true),
        Row("sample_every", Count(0, int.MaxValue), c => c.SampleEvery, (c, v) => c with { SampleEvery = v },
            "steps between samples of text; 0 = only at the end", freeOnResume: true),
        Row("sample_tokens", Count(0, 1 << 20), c => c.SampleTokens, (c, v) => c with { SampleTokens = v }, "tokens of a sample; 0 = no samples", freeOnResume: true),
        Row("device", new FreeText("auto, cpu, cuda, cuda:N, opencl or opencl:N"), c => c.Device, (c, v) => c with { Device = v },
            "where to run; auto takes the first GPU there is, else the CPU", freeOnResume: true),
        Row("precision", new Choice(Precisions.Names), c => c.Precision, (c, v) => c with { Precision = v },
            "storage of activations and of the weights that ops read: fp32, bf16, or fp16 with loss scaling; masters and sums stay float32"),
        Row("cuda_graphs", new Flag(), c => c.CudaGraphs, (c, v) => c with { CudaGraphs = v },
            "on CUDA, start the launches of a step together as a graph; results are the same, and other devices just launch", freeOnResume: true),
        Row("threads", Count(0, 1024), c => c.Threads, (c, v) => c with { Threads = v },
            "CPU worker threads; 0 = one for each processor; results do not depend on it", freeOnResume: true),
    ];

    private static readonly Dictionary<string, ConfigField> s_byKey = s_all.ToDictionary(f => f.Key);

    /// <summary>All rows, in the order they are printed.</summary>
    public static IReadOnlyList<ConfigField> All => s_all;

    /// <summary>The row of an entry's key.</summary>
    /// <exception cref="EngineException">There is no such key; names the place and the nearest known key.</exception>
    public static ConfigField Find(in ConfigEntry entry) =>
        s_byKey.TryGetValue(entry.Key, out ConfigField? field)
            ? field
            : throw new EngineException($"{entry.Where}: unknown key {entry.Key}.{Nearest.Suggest(entry.Key, s_byKey.Keys)} `engine config` prints all keys.");

    private static WholeNumber<int> Count(int min, int max) => new(min, max);

    private static ConfigField<T> Row<T>(
        string key, ValueType<T> type, Func<PretrainConfig, T> get, Func<PretrainConfig, T, PretrainConfig> set, string doc, bool freeOnResume = false,
        string[]? only = null) =>
        new(key, type, get, set, doc, freeOnResume, only ?? []);
}
