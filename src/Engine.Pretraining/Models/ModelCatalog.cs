using Engine.Nn;
using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Models;

/// <summary>All architectures by name. A new one is a page in this folder and an entry here.</summary>
public static class ModelCatalog
{
    private static readonly ModelEntry[] s_all =
    [
        new("gpt2", "Radford et al., Language models are unsupervised multitask learners, 2019", (device, config, V) => new Gpt2(device, Gpt2Config.From(config, V), config.Seed)),
        new("llama", "Touvron et al., Llama 2: open foundation and fine-tuned chat models, 2023", CreateLlama),
        new("mixtral", "Jiang et al., Mixtral of experts, 2024", CreateLlama),
        new("bert", "Devlin et al., BERT: pre-training of deep bidirectional transformers, 2019", (device, config, V) =>
            new Bert(device, EncoderConfig.From(config, V), config.Seed, HasPairs(config) ? BertHeads.Pairs : BertHeads.Tokens)),
        new("roberta", "Liu et al., RoBERTa: a robustly optimized BERT pretraining approach, 2019", (device, config, V) =>
            new Roberta(device, EncoderConfig.Roberta(config, V), config.Seed)),
        new("spanbert", "Joshi et al., SpanBERT: improving pre-training by representing and predicting spans, 2020", (device, config, V) =>
            new Bert(device, EncoderConfig.From(config, V), config.Seed, BertHeads.Spans)),
        new("electra", "Clark et al., ELECTRA: pre-training text encoders as discriminators, 2020", (device, config, V) =>
            new Electra(device, EncoderConfig.Factorised(config, V), config.GeneratorSize, config.Seed)),
        new("albert", "Lan et al., ALBERT: a lite BERT for self-supervised learning, 2020", (device, config, V) =>
            new Albert(device, EncoderConfig.Factorised(config, V) with { HiddenAct = "gelu_new" }, config.Seed, HasPairs(config))),
        new("t5", "Raffel et al., Exploring the limits of transfer learning with a unified text-to-text transformer, 2020", (device, config, V) => new T5(device, T5Config.From(config, V), config.Seed)),
        new("transformer", "Vaswani et al., Attention is all you need, 2017", (device, config, V) => new Transformer(device, TransformerConfig.From(config, V), config.Seed)),
        new("xlnet", "Yang et al., XLNet: generalized autoregressive pretraining for language understanding, 2019", (device, config, V) => new XLNet(device, XLNetConfig.From(config, V), config.Seed)),
        new("word2vec", "Mikolov et al., Efficient estimation of word representations in vector space, 2013", WordVectorModel.Word2Vec),
        new("glove", "Pennington et al., GloVe: global vectors for word representation, 2014", (device, config, V) => WordVectorModel.Glove(device, config, Math.Max(1, V - 1))),
        new("elmo", "Peters et al., Deep contextualized word representations, 2018", (device, config, V) => new Elmo(device, ElmoConfig.From(config, V), config.Seed)),
    ];

    /// <summary>The names, as the key <c>model</c> spells them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_all.Select(m => m.Name)];

    /// <summary>A freshly initialised model of a configuration.</summary>
    /// <param name="device">Where it lives; a <see cref="MetaDevice"/> counts parameters without memory.</param>
    /// <param name="config">Key <c>model</c> and the keys of its shape.</param>
    /// <param name="vocabSize">V.</param>
    /// <exception cref="EngineException">There is no such model, or its shape is not valid.</exception>
    public static Module Create(Device device, PretrainConfig config, int vocabSize)
    {
        ArgumentNullException.ThrowIfNull(config);
        ModelEntry entry = Array.Find(s_all, m => m.Name == config.Model)
            ?? throw new EngineException($"model: unknown name {config.Model}; expected one of {string.Join(", ", Names)}.");
        return entry.Create(device, config, vocabSize);
    }

    private static Llama CreateLlama(Device device, PretrainConfig config, int vocabSize) => new(device, LlamaConfig.From(config, vocabSize), config.Seed);

    private static bool HasPairs(PretrainConfig config) => config.Objective is "mlm-nsp" or "mlm-sop";
}
