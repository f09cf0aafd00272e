using System.Runtime.InteropServices;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Data;

/// <summary>
/// The data side of a run, from its configuration: corpus → tokenizer → tokens → splits → batches. <c>data</c> names a text
/// file, which is tokenized in memory, or a token shard made by <see cref="Prepare"/>, which is mapped.
/// </summary>
public sealed class PretrainData : IDisposable
{
    /// <summary>A shard <c>x.tokens</c> has its tokenizer beside it, in <c>x.tokens.json</c>.</summary>
    public const string ShardExtension = ".tokens";

    private readonly TokenShard? _shard;

    private PretrainData(PretrainConfig config, ITokenizer tokenizer, ITokenSource tokens, ulong fingerprint)
    {
        (Config, Tokenizer, Fingerprint) = (config, tokenizer, fingerprint);
        _shard = tokens as TokenShard;
        Dataset = new TokenDataset(tokens, config.ValFraction, config.BlockSize);
        Training = config.Sampling == "epoch"
            ? new EpochSampler(Dataset.Training, config.BatchSize, config.BlockSize, config.Seed)
            : new RandomWindowSampler(Dataset.Training, config.BatchSize, config.BlockSize, config.Seed);
        Validation = new EvaluationSet(Dataset.Validation, config.BatchSize, config.BlockSize, config.EvalBatches);
    }

    /// <summary>The configuration it was opened for.</summary>
    public PretrainConfig Config { get; }

    /// <summary>Text to tokens and back.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>The tokens, split.</summary>
    public TokenDataset Dataset { get; }

    /// <summary>Training batches: batch number step · accumulation + micro-step.</summary>
    public ISampler Training { get; }

    /// <summary>The fixed evaluation set, cut from the validation split.</summary>
    public EvaluationSet Validation { get; }

    /// <summary>Equal for equal tokens of an equal tokenizer. A checkpoint stores it, so that a resumed run finds a changed corpus.</summary>
    public ulong Fingerprint { get; }

    /// <summary>Opens the data of a configuration.</summary>
    /// <param name="config">Keys data, tokenizer, vocab_size, min_frequency, extra_ids, val_fraction, sampling, block_size, batch_size, eval_batches and seed count here.</param>
    /// <param name="tokenizer">The tokenizer of a checkpoint; null makes one from the corpus.</param>
    /// <param name="fingerprint">The <see cref="Fingerprint"/> that a checkpoint expects; null takes any.</param>
    /// <exception cref="EngineException">The corpus cannot be used, does not fit the tokenizer, or has changed; names it and why.</exception>
    public static PretrainData Open(PretrainConfig config, ITokenizer? tokenizer = null, ulong? fingerprint = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        tokenizer = tokenizer is null ? null : OfKind(config, tokenizer);
        PretrainData data = config.Data.EndsWith(ShardExtension, StringComparison.Ordinal) ? OpenShard(config, tokenizer) : OpenText(config, tokenizer);
        try
        {
            RequireUnchanged(config.Data, fingerprint, data.Fingerprint);
            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>Tokenizes a corpus into a shard and its tokenizer file.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="tokenizer">Makes the tokens.</param>
    /// <param name="path">The shard; ends in <see cref="ShardExtension"/>.</param>
    /// <returns>The number of tokens.</returns>
    /// <exception cref="EngineException">The text does not fit the tokenizer, or a file cannot be written.</exception>
    public static long Prepare(Corpus corpus, ITokenizer tokenizer, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!path.EndsWith(ShardExtension, StringComparison.Ordinal))
        {
            throw new EngineException($"{path}: the name of a token shard must end in {ShardExtension}.");
        }

        int[] tokens = Encode(corpus.Name, corpus.Text, tokenizer);
        TokenizerFile.Save(tokenizer, path + ".json");
        TokenShardWriter.Write(path, tokenizer, writer => writer.Append(tokens));
        return tokens.Length;
    }

    /// <summary>Unmaps the shard, if there is one.</summary>
    public void Dispose() => _shard?.Dispose();

    private static PretrainData OpenText(PretrainConfig config, ITokenizer? tokenizer)
    {
        (Corpus corpus, tokenizer) = LoadText(config, tokenizer);
        int[] tokens = Encode(corpus.Name, corpus.Text, tokenizer);
        ulong fingerprint = FingerprintOf(MemoryMarshal.AsBytes<int>(tokens), tokenizer);
        return new PretrainData(config, tokenizer, new MemoryTokens(corpus.Name, tokens, tokenizer.VocabSize), fingerprint);
    }

    private static PretrainData OpenShard(PretrainConfig config, ITokenizer? tokenizer)
    {
        if (Directory.Exists(config.Data) || !File.Exists(config.Data))
        {
            throw new EngineException($"{config.Data}: there is no such token shard.");
        }

        tokenizer ??= OfKind(config, TokenizerFile.Load(TokenizerFile.IsFile(config.Tokenizer) ? config.Tokenizer : config.Data + ".json"));
        TokenShard shard = TokenShard.Open(config.Data, tokenizer);
        try
        {
            return new PretrainData(config, tokenizer, shard, Combine(shard.Header.DataCrc, tokenizer));
        }
        catch
        {
            shard.Dispose();
            throw;
        }
    }

    /// <summary>The text of a configuration and the tokenizer for it: a checkpoint's, or one made from the text.</summary>
    internal static (Corpus Corpus, ITokenizer Tokenizer) LoadText(PretrainConfig config, ITokenizer? tokenizer)
    {
        Corpus corpus = Corpus.Load(config.Data);
        return (corpus, tokenizer is null ? TokenizerFile.Create(config.Tokenizer, corpus.Text, config.VocabSize, config.MinFrequency, config.ExtraIds) : OfKind(config, tokenizer));
    }

    /// <summary>Tokens of a part of the corpus <paramref name="name"/>.</summary>
    internal static int[] Encode(string name, ReadOnlySpan<char> text, ITokenizer tokenizer)
    {
        try
        {
            return tokenizer.Encode(text);
        }
        catch (EngineException e)
        {
            throw new EngineException($"{name}: vocabulary mismatch: {e.Message}", e);
        }
    }

    /// <summary>Equal for equal tokens of an equal tokenizer.</summary>
    internal static ulong FingerprintOf(ReadOnlySpan<byte> tokens, ITokenizer tokenizer) => Combine(TokenShardHeader.Crc(0, tokens), tokenizer);

    /// <summary>Refuses data that is not what a run began with.</summary>
    /// <param name="name">The corpus.</param>
    /// <param name="expected">Its fingerprint then; null takes any.</param>
    /// <param name="found">Its fingerprint now.</param>
    internal static void RequireUnchanged(string name, ulong? expected, ulong found)
    {
        if (expected is not null && expected != found)
        {
            throw new EngineException($"{name}: the corpus has changed since the run began, so the run cannot go on as it was; restore the corpus or start a new run.");
        }
    }

    private static ITokenizer OfKind(PretrainConfig config, ITokenizer tokenizer) => tokenizer.Kind == config.Tokenizer || TokenizerFile.IsFile(config.Tokenizer)
        ? tokenizer
        : throw new EngineException($"{config.Data}: its tokens are made by a {tokenizer.Kind} tokenizer, but tokenizer = {config.Tokenizer}.");

    private static ulong Combine(uint crc, ITokenizer tokenizer) => TokenizerFile.Fingerprint(tokenizer) ^ ((ulong)crc * 0x9E3779B97F4A7C15);
}
