using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Generation;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// Fill in what was taken out of a text (Raffel et al. 2020): windows of the corpus, corrupted as <see cref="CorruptionSampler"/> does it.
/// Sources have block_size tokens, and with spans nothing is padded.
/// </summary>
internal static class SpanCorruption
{
    private const string Name = "span-corruption";

    /// <summary>The row of the catalog.</summary>
    internal static readonly ObjectiveEntry Entry = new(
        Name, "T5's span corruption", "Raffel et al., Exploring the limits of transfer learning with a unified text-to-text transformer, 2020",
        "−mean over t of log p(y_t | y_<t, x), y the spans taken out of x", ["t5"], "t5-tiny", Create);

    private static PretrainTask Create(TaskContext context)
    {
        PretrainConfig config = context.Config;
        Corruption corruption = Named(config.Corruption);
        int window = CorruptionSampler.WindowLength(corruption, config.BlockSize, config.NoiseDensity, config.MeanNoiseSpanLength);
        PretrainData data = PretrainData.Open(config with { BlockSize = window }, context.Tokenizer, context.Fingerprint);
        CorruptionSettings settings = Settings(data.Tokenizer, corruption, config, window);
        EncoderDecoder model = (EncoderDecoder)ModelCatalog.Create(context.Device, config, data.Tokenizer.VocabSize);

        // The evaluation set is the same in every run, and so is its corruption.
        CorruptionSampler validation = new(data.Validation, settings, seed: 0);
        TextToText objective = new(
            model, new CorruptionSampler(data.Training, settings, config.Seed), validation, data.Validation.Batches, start: settings.Pad, settings.Pad);
        return new PretrainTask(model, objective, data.Tokenizer, data.Fingerprint, data.Dataset.Training.Count, data.Dataset.Validation.Count)
        {
            Data = data,
            Sample = _ => Sample(model, validation, settings, data.Tokenizer),
        };
    }

    private static Corruption Named(string name) => name switch
    {
        "prefix" => Corruption.Prefix,
        "bert" => Corruption.Bert,
        "deshuffling" => Corruption.Deshuffling,
        _ => Corruption.Spans,
    };

    // T5 starts targets with the padding token.
    private static CorruptionSettings Settings(ITokenizer tokenizer, Corruption corruption, PretrainConfig config, int window)
    {
        IReadOnlyList<int> sentinels = tokenizer.SpecialTokens.Sentinels;
        int needed = corruption switch
        {
            Corruption.Spans => SpanLengths.Of(window, config.NoiseDensity, config.MeanNoiseSpanLength).Spans,
            Corruption.Bert => 1,
            _ => 0,
        };
        return sentinels.Count >= needed
            ? new CorruptionSettings(
                corruption, config.NoiseDensity, config.MeanNoiseSpanLength, sentinels,
                SpecialTokens.Require(tokenizer, s => s.Eos, "end", Name), SpecialTokens.Require(tokenizer, s => s.Pad, "padding", Name), tokenizer.VocabSize)
            : throw new EngineException(sentinels.Count == 0
                ? $"objective {Name}: the vocabulary of tokenizer {tokenizer.Kind} has no sentinels; take tokenizer = bpe with extra_ids above 0."
                : $"objective {Name}: a text of {window} tokens has {needed} spans, but the vocabulary of tokenizer {tokenizer.Kind} has {sentinels.Count} sentinels; " +
                  "lower block_size or noise_density, or raise mean_noise_span_length.");
    }

    // The first text of the evaluation set: as it is given to the model, and with what the model puts into the gaps.
    private static string Sample(EncoderDecoder model, CorruptionSampler validation, CorruptionSettings settings, ITokenizer tokenizer)
    {
        int S = validation.SourceLength;
        int[] inputIds = new int[validation.BatchSize * S];
        int[] mask = new int[inputIds.Length];
        validation.Fill(0, inputIds, mask, new int[validation.BatchSize * validation.TargetLength]);
        int[] source = inputIds[..S];
        int[] written = SequenceDecoder.Greedy(
            model, source, mask.AsSpan(0, S), batch: 1, new DecodingLimits(settings.Pad, settings.Eos, settings.Pad, validation.TargetLength))[0];
        string text = settings.Corruption == Corruption.Spans
            ? tokenizer.Decode(SpanNoise.Restore(source, written, [.. settings.Sentinels], settings.Eos))
            : tokenizer.Decode(written);
        return $"read:\n{tokenizer.Decode(source)}\n\nwritten:\n{text}";
    }
}
