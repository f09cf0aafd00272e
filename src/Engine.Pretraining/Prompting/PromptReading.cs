using Engine.Nn;
using Engine.Pretraining.Classification;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Prompting;

/// <summary>A prompt with one answer, as a model reads it.</summary>
/// <param name="Tokens">What is read.</param>
/// <param name="First">The place whose state predicts the answer's first token; the others follow.</param>
/// <param name="Answer">The answer's tokens.</param>
internal readonly record struct PromptReading(int[] Tokens, int First, int[] Answer);

/// <summary>How one kind of model reads prompts and predicts answers.</summary>
internal abstract class PromptReader(ITokenizer tokenizer, int longest, int padding)
{
    public int Padding => padding;

    protected ITokenizer Tokenizer => tokenizer;

    /// <summary>A prompt for one answer. A text that is too long loses words at its end.</summary>
    /// <exception cref="EngineException">The template alone is too long, or a token is missing from the vocabulary.</exception>
    public PromptReading Read(PromptTemplate template, string text, string word)
    {
        PromptReading reading = Fill(template, text, word);
        while (reading.Tokens.Length > longest)
        {
            text = text.TrimEnd();
            text = text.Length > 0
                ? text[..Math.Max(0, text.AsSpan().LastIndexOfAny(" \t\n"))]
                : throw new EngineException($"template '{template}': with the answer '{word}' it has {reading.Tokens.Length} tokens, more than the {longest} that the model reads.");
            reading = Fill(template, text, word);
        }

        if (tokenizer.SpecialTokens.Unk is { } unknown && reading.Answer.Contains(unknown))
        {
            throw new EngineException($"verbalizer: the model's vocabulary has no word '{word}'; choose words that its corpus has.");
        }

        return reading;
    }

    /// <summary>Scores of all tokens at some places of a batch: rows (N) int32 = b·T + t → (N, V).</summary>
    public abstract Tensor Logits(in SentenceBatch batch, Tensor rows);

    protected abstract PromptReading Fill(PromptTemplate template, string text, string word);
}

/// <summary>A masked model: as many masks as the answer has tokens, all filled in at once.</summary>
internal sealed class ClozeReader : PromptReader
{
    private readonly EncoderModel? _encoder;
    private readonly Electra? _electra;
    private readonly int _cls;
    private readonly int _sep;
    private readonly int _mask;

    public ClozeReader(Module model, ITokenizer tokenizer, string objective)
        : base(tokenizer, (model as EncoderModel)?.MaxLength ?? ((Electra)model).MaxLength, SpecialTokens.Require(tokenizer, s => s.Pad, "pad", objective))
    {
        (_encoder, _electra) = (model as EncoderModel, model as Electra);
        _cls = SpecialTokens.Require(tokenizer, s => s.Cls, "cls", objective);
        _sep = SpecialTokens.Require(tokenizer, s => s.Sep, "sep", objective);
        _mask = SpecialTokens.Require(tokenizer, s => s.Mask, "mask", objective);
    }

    // ELECTRA's masked model is its generator.
    public override Tensor Logits(in SentenceBatch batch, Tensor rows)
    {
        EncoderInput input = new(batch.InputIds, AttentionMask: batch.AttentionMask);
        return _encoder is { } encoder ? encoder.TokenLogits(EncoderModel.Rows(encoder.Hidden(input), rows)) : _electra!.TokenLogits(input, rows);
    }

    protected override PromptReading Fill(PromptTemplate template, string text, string word)
    {
        int[] answer = Tokenizer.Encode(template.AnswerPrefix + word);
        int[] before = Tokenizer.Encode(template.Before(text));
        return new([_cls, .. before, .. answer.Select(_ => _mask), .. Tokenizer.Encode(template.After), _sep], before.Length + 1, answer);
    }
}

/// <summary>A causal model: the answer, and what the template has behind it, given what comes before.</summary>
internal sealed class PrefixReader(CausalLanguageModel model, ITokenizer tokenizer) : PromptReader(tokenizer, model.ContextLength, 0)
{
    public override Tensor Logits(in SentenceBatch batch, Tensor rows) => model.TokenLogits(EncoderModel.Rows(model.Hidden(batch.InputIds), rows));

    protected override PromptReading Fill(PromptTemplate template, string text, string word)
    {
        int[] begin = Tokenizer.SpecialTokens.Bos is { } bos ? [bos] : [];
        int[] before = [.. begin, .. Tokenizer.Encode(template.Before(text))];
        int[] answer = Tokenizer.Encode(template.AnswerPrefix + word + template.After);
        return before.Length > 0
            ? new([.. before, .. answer.AsSpan(0, answer.Length - 1)], before.Length - 1, answer)
            : throw new EngineException($"template '{template}': nothing comes before the answer, so that this model has nothing to predict it from.");
    }
}
