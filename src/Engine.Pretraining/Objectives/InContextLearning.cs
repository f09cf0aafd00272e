using Engine.KernelLanguage;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// Learning from examples in the context, as GPT-3 does without changing a weight (Brown et al., 2020), in its smallest form: each
/// sequence draws its own random map from letters to digits and lists pairs of it, <c>c4a7c4f0a7…</c>. No digit can be known from training;
/// it can only be found where its letter stood before, which takes two layers (Olsson et al., "In-context learning and induction
/// heads", 2022). The loss counts digits only. There is no corpus: sequence n is a pure function of the seed and n.
/// </summary>
public sealed class InContextLearning : IObjective
{
    /// <summary>The Philox stream that maps and pairs are drawn from ("SHOTS").</summary>
    private const ulong Stream = 0x53_54_4F_48_53;
    private const string Letters = "abcdefgh";
    private const string Digits = "01234567";
    private const int Ignored = -100;

    /// <summary>The letters, then the digits.</summary>
    public static ITokenizer Vocabulary { get; } = CharTokenizer.FromText(Letters + Digits);

    private static readonly int[] s_letterIds = Vocabulary.Encode(Letters);
    private static readonly int[] s_digitIds = Vocabulary.Encode(Digits);

    /// <summary>The row of the catalog.</summary>
    internal static readonly ObjectiveEntry Entry = new(
        "in-context", "few-shot learning of a random map", "Brown et al., Language models are few-shot learners, 2020",
        "−mean over examples k of log p(y_k | x_1, y_1 … x_k), y = f(x) with a new f in each sequence", ["llama", "gpt2", "mixtral"], "in-context-tiny", Create);

    private readonly CausalLanguageModel _model;
    private readonly PretrainConfig _config;
    private readonly int[] _inputIds;
    private readonly int[] _labels;
    private readonly int[] _best;
    private readonly int[] _sequence;
    private readonly long[] _right;
    private readonly long[] _asked;
    private long _seenRight;
    private long _seen;

    /// <summary>An objective for a model whose vocabulary is <see cref="Vocabulary"/>.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="config">Keys block_size, batch_size, eval_batches and seed count here.</param>
    public InContextLearning(CausalLanguageModel model, PretrainConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        (_model, _config) = (model, config);
        _inputIds = new int[TokensPerBatch];
        _labels = new int[TokensPerBatch];
        _best = new int[TokensPerBatch];
        _sequence = new int[config.BlockSize + 1];
        _right = new long[(config.BlockSize + 1) / 2];
        _asked = new long[_right.Length];
    }

    /// <inheritdoc/>
    public int TokensPerBatch => _config.BatchSize * _config.BlockSize;

    /// <inheritdoc/>
    public int EvaluationBatches => _config.EvalBatches;

    /// <inheritdoc/>
    public Tensor TrainingLoss(StepScope step, long batch)
    {
        Fill(_config.Seed, batch);
        return _model.Loss(Ids(step, _inputIds), Ids(step, _labels));
    }

    /// <inheritdoc/>
    public Tensor EvaluationLoss(StepScope step, int batch)
    {
        // Another seed, the same in every run: sequences that training does not see, but by chance.
        Fill(~0UL, batch);
        Tensor logits = _model.Logits(Ids(step, _inputIds)).To(DType.Float32);
        logits.ArgMax(-1).CopyTo<int>(_best);
        Count();
        return logits.CrossEntropy(Ids(step, _labels));
    }

    /// <summary>
    /// <c>accuracy_shots_k</c>: the share of digits found after k examples, for k = 0, 1, 3, 7 …; <c>induction_score</c>: the share found
    /// among those whose letter stood in the context before.
    /// </summary>
    public IReadOnlyList<EvaluationFigure> TakeFigures()
    {
        List<EvaluationFigure> figures = [];
        for (int shots = 0; shots < _right.Length; shots = (2 * shots) + 1)
        {
            figures.Add(new EvaluationFigure($"accuracy_shots_{shots}", (double)_right[shots] / Math.Max(1, _asked[shots])));
        }

        figures.Add(new EvaluationFigure("induction_score", (double)_seenRight / Math.Max(1, _seen)));
        Array.Clear(_right);
        Array.Clear(_asked);
        (_seen, _seenRight) = (0, 0);
        return figures;
    }

    /// <summary>One sequence of T + 1 tokens: letter, digit, letter, digit …; a pure function of its arguments.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="number">The number of the sequence.</param>
    /// <param name="tokens">Gets the tokens.</param>
    public static void Sequence(ulong seed, long number, Span<int> tokens)
    {
        Span<int> map = stackalloc int[Letters.Length];
        for (int letter = 0; letter < map.Length; letter++)
        {
            map[letter] = Draw(seed, number, letter);
        }

        for (int i = 0; i < tokens.Length; i++)
        {
            int letter = Draw(seed, number, Letters.Length + (i / 2));
            tokens[i] = i % 2 == 0 ? s_letterIds[letter] : s_digitIds[map[letter]];
        }
    }

    private static PretrainTask Create(TaskContext context)
    {
        PretrainConfig config = context.Config;
        CausalLanguageModel model = (CausalLanguageModel)ModelCatalog.Create(context.Device, config, Vocabulary.VocabSize);
        return new PretrainTask(
            model, new InContextLearning(model, config), Vocabulary, Stream, config.TokensPerStep * config.MaxSteps,
            config.TokensPerStep * config.EvalBatches / config.GradientAccumulationSteps);
    }

    // One of eight: the highest three bits of a word.
    private static int Draw(ulong seed, long number, int place) => (int)(Philox.At(seed, Stream, ((ulong)number << 16) | (uint)place).X >> 29);

    private Tensor Ids(StepScope step, int[] values) => step.From<int>(values, [_config.BatchSize, _config.BlockSize]);

    private void Fill(ulong seed, long batch)
    {
        int T = _config.BlockSize;
        for (int b = 0; b < _config.BatchSize; b++)
        {
            Sequence(seed, (batch * _config.BatchSize) + b, _sequence);
            for (int t = 0; t < T; t++)
            {
                _inputIds[(b * T) + t] = _sequence[t];
                _labels[(b * T) + t] = t % 2 == 0 ? _sequence[t + 1] : Ignored;
            }
        }
    }

    private void Count()
    {
        int T = _config.BlockSize;
        for (int row = 0; row < _inputIds.Length; row++)
        {
            int t = row % T;
            if (_labels[row] == Ignored)
            {
                continue;
            }

            int right = _best[row] == _labels[row] ? 1 : 0;
            _asked[t / 2]++;
            _right[t / 2] += right;
            if (_inputIds.AsSpan(row - t, t).Contains(_inputIds[row]))
            {
                _seen++;
                _seenRight += right;
            }
        }
    }
}
