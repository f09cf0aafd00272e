using Engine.KernelLanguage;
using Engine.Pretraining.Data;
using Engine.Pretraining.Evaluation;
using Engine.Pretraining.Models;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// ELECTRA: a generator fills in hidden tokens, sampled from its distribution at temperature 1, and a discriminator says of every token
/// whether it was put in. A sample that happens to be the right token counts as real. The loss is the generator's masked language
/// modelling plus λ (50) times the binary cross-entropy over all tokens that are not padding; no gradient passes through the samples.
/// </summary>
public sealed class ReplacedTokenDetection : EncoderObjective
{
    /// <summary>The row of the catalog.</summary>
    internal static readonly ObjectiveEntry Entry = new(
        "electra", "replaced token detection", "Clark et al., ELECTRA: pre-training text encoders as discriminators rather than generators, 2020",
        "MLM of the generator + 50·mean over t of BCE(D(x̂, t), x̂_t ≠ x_t)", ["electra"], "electra-tiny", Create);

    // The Philox streams of the seed that samples are drawn from ("REPL").
    private const ulong SampleStream = 0x4C_50_45_52;

    private readonly Electra _model;
    private readonly float _weight;
    private readonly ulong _seed;
    private readonly float[] _uniform;
    private readonly float[] _tokenWeights;
    private readonly int[] _original;
    private readonly int[] _sources;
    private readonly List<(float Score, bool Positive)> _scored = [];
    private TokenScores _generatorScores;
    private double _detectionLoss;

    /// <summary>An objective over masked sequences.</summary>
    /// <param name="model">Generator and discriminator.</param>
    /// <param name="batches">Their batches.</param>
    /// <param name="weight">λ.</param>
    /// <param name="seed">Of the samples.</param>
    public ReplacedTokenDetection(Electra model, EncoderBatches batches, double weight, ulong seed)
        : base(batches)
    {
        (_model, _weight, _seed) = (model, (float)weight, seed);
        _uniform = new float[batches.BatchSize * batches.Predictions];
        _tokenWeights = new float[batches.Capacity];
        _original = new int[batches.Capacity];
        _sources = new int[batches.Capacity];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationFigure> TakeFigures()
    {
        EvaluationFigure[] figures =
        [
            new("rtd_auc", RankStatistics.AreaUnderCurve(_scored)),
            new("rtd_loss", _detectionLoss / EvaluationBatches),
            new("mlm_accuracy", _generatorScores.Accuracy),
            new("mlm_loss", _generatorScores.Loss),
        ];
        _scored.Clear();
        (_generatorScores, _detectionLoss) = (default, 0);
        return figures;
    }

    /// <summary>
    /// Draws a class of each row by inverting its distribution function: the number of classes whose sum of probabilities is at most u.
    /// No gradient.
    /// </summary>
    /// <param name="logits">(N, V).</param>
    /// <param name="uniform">u in [0, 1) for each row, (N, 1).</param>
    /// <returns>(N), as whole float32 numbers.</returns>
    public static Tensor Sample(Tensor logits, Tensor uniform)
    {
        Tensor sums = logits.Detach().To(DType.Float32).Softmax(-1).CumSum(-1);                            // (N, V)
        int V = sums.Shape[1];
        Tensor end = sums.Slice(1, V - 1, V);                                                              // (N, 1), 1 but for rounding
        return sums.LessOrEqual(end * uniform).To(DType.Float32).Sum(1).ClampMax(V - 1);
    }

    /// <summary>Σ weight·BCE(logit, replaced): with weights 1/n at n tokens and 0 at padding the mean over the tokens. All of one shape.</summary>
    public static Tensor DetectionLoss(Tensor logits, Tensor replaced, Tensor weights) =>
        (logits.BceWithLogits(replaced, reduction: LossReduction.None) * weights).Sum();

    private static PretrainTask Create(TaskContext context)
    {
        // 85 % of the chosen are hidden and the rest left, as google-research/electra, pretrain_helpers.py, does it.
        EncoderData data = EncoderData.Open(
            context,
            (documents, config, special) => new FullSentences(documents, config.BlockSize, special.Cls, special.Sep),
            options => options with { MaskShare = 0.85, RandomShare = 0 });
        Electra model = (Electra)data.CreateModel();
        return data.Task(model, new ReplacedTokenDetection(model, data.Batches, context.Config.RtdWeight, context.Config.Seed));
    }

    // What the batch was before masking, where each token of the discriminator's input comes from, and the samples' random numbers.
    private protected override void Prepare(long batch, bool evaluate)
    {
        ReadOnlySpan<int> mask = Batches.AttentionMask;
        Batches.InputIds.CopyTo(_original);
        int tokens = 0;
        for (int i = 0; i < mask.Length; i++)
        {
            _sources[i] = i;
            tokens += mask[i];
        }

        for (int i = 0; i < mask.Length; i++)
        {
            _tokenWeights[i] = (float)mask[i] / tokens;
        }

        for (int i = 0; i < Batches.Labels.Length; i++)
        {
            _uniform[i] = Philox.Uniform(evaluate ? 0 : _seed, SampleStream, ((ulong)batch * (ulong)_uniform.Length) + (ulong)i);
            if (Batches.Labels[i] != EncoderBatches.Ignored)
            {
                _original[Batches.Rows[i]] = Batches.Labels[i];
                _sources[Batches.Rows[i]] = mask.Length + i;
            }
        }
    }

    private protected override Tensor BatchLoss(StepScope step, bool evaluate)
    {
        (int N, int places) = (Batches.InputIds.Length, Batches.Labels.Length);
        EncoderInput masked = Batches.Input(step);
        Tensor logits = _model.TokenLogits(masked, Batches.MaskedRows(step));                             // (places, V)
        Tensor generatorLoss = logits.CrossEntropy(Batches.MaskedLabels(step));

        // Whole numbers up to 2²⁴ are exact in float32, which is what selecting takes.
        Tensor samples = Sample(logits, step.From<float>(_uniform.AsSpan(0, places), [places, 1]));       // (places)
        Tensor original = step.From<int>(_original.AsSpan(0, N), [N]).To(DType.Float32);                   // (N)
        Tensor corrupted = Tensor.Cat(0, original, samples).IndexSelect(0, step.From<int>(_sources.AsSpan(0, N), [N]));
        Tensor replaced = corrupted.NotEqualTo(original).To(DType.Float32);
        EncoderInput filled = masked with { InputIds = corrupted.To(DType.Int32).Reshape(masked.InputIds.Shape[0], masked.InputIds.Shape[1]) };

        Tensor scores = _model.ReplacedLogits(_model.Hidden(filled)).To(DType.Float32).Reshape(-1);        // (N)
        Tensor detection = DetectionLoss(scores, replaced, step.From<float>(_tokenWeights.AsSpan(0, N), [N]));
        if (evaluate)
        {
            _generatorScores.Add(logits, Batches.Labels, generatorLoss);
            _detectionLoss += detection.Item();
            Count(scores.ToArray(), replaced.ToArray());
        }

        return generatorLoss + (_weight * detection);
    }

    private void Count(float[] scores, float[] replaced)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            if (_tokenWeights[i] > 0)
            {
                _scored.Add((scores[i], replaced[i] > 0));
            }
        }
    }
}
