using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Classification;

/// <summary>BERT and its kin, and ELECTRA's discriminator: [CLS] tokens [SEP], the states of the last layer.</summary>
internal sealed class TransformerSentences : SentenceEncoder
{
    private readonly ITokenizer _tokenizer;
    private readonly EncoderModel? _encoder;
    private readonly Electra? _electra;
    private readonly int _cls;
    private readonly int _sep;
    private readonly int _longest;

    public TransformerSentences(EncoderModel model, ITokenizer tokenizer, PretrainConfig config, int maxLength)
        : this(model, tokenizer, config, model.MaxLength, maxLength) => _encoder = model;

    public TransformerSentences(Electra model, ITokenizer tokenizer, PretrainConfig config, int maxLength)
        : this(model, tokenizer, config, model.MaxLength, maxLength) => _electra = model;

    private TransformerSentences(Module model, ITokenizer tokenizer, PretrainConfig config, int positions, int maxLength)
        : base(model, config.NEmbd, padding: SpecialTokens.Require(tokenizer, s => s.Pad, "pad", config.Objective))
    {
        (_tokenizer, _longest) = (tokenizer, Math.Max(2, Math.Min(positions, maxLength)));
        _cls = SpecialTokens.Require(tokenizer, s => s.Cls, "cls", config.Objective);
        _sep = SpecialTokens.Require(tokenizer, s => s.Sep, "sep", config.Objective);
    }

    public override Pooling UsualPooling => Pooling.Cls;

    public override bool HasPooler => Pooling == Pooling.Cls && _encoder is { HasPooler: true };

    internal override bool GeluHead => _electra is not null;

    public override int[] Read(string sentence)
    {
        int[] tokens = _tokenizer.Encode(sentence);
        return [_cls, .. tokens.AsSpan(0, Math.Min(tokens.Length, _longest - 2)), _sep];
    }

    private protected override void Encode(in SentenceBatch batch)
    {
        EncoderInput input = new(batch.InputIds, AttentionMask: batch.AttentionMask);
        States[0] = _encoder is { } encoder ? encoder.Hidden(input) : _electra!.Hidden(input);
    }

    private protected override Tensor Pool(Tensor states, in SentenceBatch batch) =>
        HasPooler ? _encoder!.Pooled(states).To(DType.Float32) : base.Pool(states, batch);
}

/// <summary>GPT and its kin: the tokens, behind the token that begins a text if there is one.</summary>
internal sealed class CausalSentences(CausalLanguageModel model, ITokenizer tokenizer, PretrainConfig config, int maxLength)
    : SentenceEncoder(model, config.NEmbd)
{
    private readonly int _longest = Math.Min(model.ContextLength, maxLength);

    public override Pooling UsualPooling => Pooling.Last;

    public override int[] Read(string sentence) =>
        [.. (tokenizer.SpecialTokens.Bos is { } bos ? [bos] : Array.Empty<int>()).Concat(tokenizer.Encode(sentence)).Take(_longest)];

    private protected override void Encode(in SentenceBatch batch) => States[0] = model.Hidden(batch.InputIds);
}

/// <summary>T5 and the first transformer: the encoder's states of the tokens and of the token that ends a source.</summary>
internal sealed class SourceSentences(EncoderDecoder model, ITokenizer tokenizer, PretrainConfig config, int maxLength)
    : SentenceEncoder(model, config.NEmbd, padding: SpecialTokens.Require(tokenizer, s => s.Pad, "pad", config.Objective))
{
    private readonly int _end = SpecialTokens.Require(tokenizer, s => s.Eos, "eos", config.Objective);
    private readonly int _longest = Math.Max(1, Math.Min(config.BlockSize, maxLength));

    public override int[] Read(string sentence) => [.. tokenizer.Encode(sentence).Take(_longest - 1), _end];

    private protected override void Encode(in SentenceBatch batch) => States[0] = model.Encode(batch.InputIds, batch.AttentionMask);
}

/// <summary>ELMo: words as characters, so that no word is unknown; all layers of both directions side by side.</summary>
internal sealed class ElmoSentences(Elmo model, int maxLength)
    : SentenceEncoder(model, 2 * model.Config.Projection, model.Config.Layers + 1, BidirectionalLanguageModeling.WordLength)
{
    public override int[] Read(string sentence) =>
        [.. sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(maxLength).SelectMany(BidirectionalLanguageModeling.CharactersOf)];

    private protected override void Encode(in SentenceBatch batch) => Elmo.Join(model.Layers(batch.InputIds, batch.Lengths), States);
}

/// <summary>word2vec's input vectors, or the sum of GloVe's two; words without a vector are left out.</summary>
internal sealed class WordVectorSentences : SentenceEncoder
{
    private readonly WordTokenizer _tokenizer;
    private readonly Parameter _words;
    private readonly Parameter? _contexts;
    private readonly int _longest;

    public WordVectorSentences(WordVectorModel model, WordTokenizer tokenizer, PretrainConfig config, int maxLength)
        : base(model, config.NEmbd)
    {
        (_tokenizer, _longest) = (tokenizer, maxLength);
        _contexts = model.Find("context.weight");
        _words = model.Find("input.weight") ?? model.Find("word.weight")!;

        // As word2vec.c draws them; the trainer of a run does it otherwise.
        Initializer first = Initializer.Uniform(0.5f / config.NEmbd, new RandomStream(config.Seed, Gpt2.InitializationStream));
        first.Fill(_words.Master);
        if (_contexts is not null)
        {
            first.Fill(_contexts.Master);
        }
    }

    // Word 0 of the vocabulary is the line end, for which GloVe has no row.
    public override int[] Read(string sentence) =>
        [.. _tokenizer.Encode(sentence).Where(id => id != _tokenizer.Unknown).Select(id => _contexts is null ? id : id - 1).Take(_longest)];

    private protected override void Encode(in SentenceBatch batch)
    {
        Tensor vectors = _words.Value.Embedding(batch.InputIds);
        States[0] = _contexts is { } contexts ? vectors + contexts.Value.Embedding(batch.InputIds) : vectors;
    }
}
