using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Models;
using Engine.Pretraining.Objectives.Masking;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Objectives;

/// <summary>The special tokens that every encoder objective needs.</summary>
internal readonly record struct EncoderTokens(int Cls, int Sep, int Pad);

/// <summary>What the objectives of encoders share: the data of a run, checked, and the way from there to its task.</summary>
internal sealed class EncoderData
{
    private readonly TaskContext _context;
    private readonly DocumentSplits _splits;

    private EncoderData(TaskContext context, DocumentSplits splits, EncoderBatches batches) =>
        (_context, _splits, Batches) = (context, splits, batches);

    /// <summary>The batches of the run.</summary>
    public EncoderBatches Batches { get; }

    /// <summary>Opens the data and checks that the objective can use it; nothing has been trained by then.</summary>
    /// <param name="context">The run.</param>
    /// <param name="sequences">Cuts sequences from documents.</param>
    /// <param name="adjust">Changes what the configuration says of masks, for objectives with rules of their own.</param>
    /// <exception cref="EngineException">The corpus or the vocabulary cannot be used; one sentence that says why.</exception>
    public static EncoderData Open(
        TaskContext context, Func<Documents, PretrainConfig, EncoderTokens, ISequences> sequences, Func<MaskingOptions, MaskingOptions>? adjust = null)
    {
        PretrainConfig config = context.Config;
        int predictions = config.MaxPredictions > 0
            ? Math.Min(config.MaxPredictions, config.BlockSize)
            : (int)Math.Ceiling(config.MaskProbability * config.BlockSize);
        MaskingOptions options = new()
        {
            Probability = config.MaskProbability,
            MaxPredictions = predictions,
            WholeWords = config.WholeWordMasking,
            Spans = config.MaskNgram > 1 ? SpanLaw.NGrams(config.MaskNgram) : SpanLaw.Single,
        };
        DocumentSplits splits = Documents.Open(config, context.Tokenizer, context.Fingerprint);
        int Special(Func<SpecialTokens, int?> role, string name) => SpecialTokens.Require(splits.Tokenizer, role, name, config.Objective);
        EncoderTokens tokens = new(Special(s => s.Cls, "cls"), Special(s => s.Sep, "sep"), Special(s => s.Pad, "pad"));
        TokenMasker masker = new(splits.Tokenizer, adjust?.Invoke(options) ?? options, config.BlockSize, config.Objective);
        EncoderBatches batches = new(
            config, sequences(splits.Training, config, tokens), sequences(splits.Validation, config, tokens), masker, predictions, tokens.Pad);
        return new EncoderData(context, splits, batches);
    }

    /// <summary>The model that the configuration names, for this vocabulary.</summary>
    public Module CreateModel() => ModelCatalog.Create(_context.Device, _context.Config, _splits.Tokenizer.VocabSize);

    /// <summary>The task of a model and its objective.</summary>
    public PretrainTask Task(Module model, IObjective objective) => new(
        model, objective, _splits.Tokenizer, _splits.Fingerprint, _splits.Training.Tokens.Length, _splits.Validation.Tokens.Length);

    /// <summary>The token that the training split has most often, special tokens not counted.</summary>
    public int MostFrequentToken()
    {
        int[] counts = new int[_splits.Tokenizer.VocabSize];
        foreach (int token in _splits.Training.Tokens)
        {
            counts[token] += _splits.Tokenizer.SpecialTokens.Contains(token) ? 0 : 1;
        }

        return Array.IndexOf(counts, counts.Max());
    }
}
