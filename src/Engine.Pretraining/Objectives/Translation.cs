using System.Runtime.InteropServices;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Generation;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// Write the translation of a line (Vaswani et al. 2017): pairs of lines of two files, teacher forcing, label smoothing; evaluations
/// translate the validation pairs greedily and report BLEU.
/// </summary>
internal static class Translation
{
    private const string Name = "translation";

    /// <summary>The row of the catalog.</summary>
    internal static readonly ObjectiveEntry Entry = new(
        Name, "translation of parallel lines", "Vaswani et al., Attention is all you need, 2017",
        "−mean over t of Σ_v q_v log p(v | y_<t, x), q = (1 − ε)·onehot(y_t) + ε/V", ["transformer", "t5"], "transformer-multi30k", Create);

    private static PretrainTask Create(TaskContext context)
    {
        PretrainConfig config = context.Config;
        ParallelCorpus corpus = config.DataTarget.Length > 0
            ? ParallelCorpus.Load(config.Data, config.DataTarget)
            : throw new EngineException($"objective {Name}: data = {config.Data} names the source lines; set data_target to the file with their translations.");
        ITokenizer tokenizer = context.Tokenizer ?? TokenizerFile.Create(
            config.Tokenizer, string.Join('\n', [.. corpus.Sources, .. corpus.Targets]), config.VocabSize, config.MinFrequency, config.ExtraIds);
        int eos = SpecialTokens.Require(tokenizer, s => s.Eos, "end", Name);
        int pad = SpecialTokens.Require(tokenizer, s => s.Pad, "padding", Name);
        IReadOnlyList<TokenPair> pairs = corpus.Encode(tokenizer, eos, config.BlockSize);
        ulong fingerprint = PretrainData.FingerprintOf(MemoryMarshal.AsBytes<int>([.. pairs.SelectMany(p => p.Source.Concat(p.Target))]), tokenizer);
        PretrainData.RequireUnchanged(corpus.Name, context.Fingerprint, fingerprint);

        // The last pairs validate, at least one batch of them; of a corpus that is a single batch, the same pairs.
        int validating = Math.Max((int)(pairs.Count * config.ValFraction), Math.Min(config.BatchSize, pairs.Count / 2));
        TokenPair[] training = [.. pairs.Take(pairs.Count - validating)];
        TokenPair[] validation = [.. pairs.TakeLast(validating)];
        EncoderDecoder model = (EncoderDecoder)ModelCatalog.Create(context.Device, config, tokenizer.VocabSize);
        PairSampler evaluation = new(validation, config.BatchSize, pad, seed: null);
        Translator translator = new(model, tokenizer, new DecodingLimits(pad, eos, pad, config.BlockSize));
        int batches = Math.Min(config.EvalBatches, evaluation.BatchesPerEpoch);
        TextToText objective = new(model, new PairSampler(training, config.BatchSize, pad, config.Seed), evaluation, batches, start: pad, pad)
        {
            MoreFigures = () => [new EvaluationFigure("bleu", translator.Bleu(evaluation, Math.Min(batches * config.BatchSize, validation.Length)))],
        };
        return new PretrainTask(model, objective, tokenizer, fingerprint, training.Sum(p => (long)p.Target.Length), validation.Sum(p => (long)p.Target.Length))
        {
            Sample = _ => translator.Describe(evaluation.Pair(0, 0)),
        };
    }
}
