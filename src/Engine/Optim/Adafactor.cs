using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Optim;

/// <summary>
/// Adafactor (Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", 2018): of the second moments of
/// a matrix only the means of rows and of columns are kept, β₂ = 1 − t^−0.8 needs no correction, updates longer than a threshold
/// are shortened, and the step is relative: the learning rate times max(ε₂, RMS(p)). With the schedule
/// <see cref="InverseSquareRootSchedule"/> that is the paper's ρ_t = min(10⁻², 1/√t) and the way T5 is trained. There is no momentum.
/// </summary>
/// <remarks>
/// A parameter counts as a matrix of rows of its last axis; a vector as one column, for which the factored moments are exactly the
/// unfactored ones (algorithm 5). Weight decay is decoupled.
/// </remarks>
public sealed class Adafactor : Optimizer
{
    private const int Chunk = 64;
    private readonly double _decayRate;
    private readonly float _eps1;
    private readonly float _eps2;
    private readonly float _threshold;
    private readonly Tensor _columnSums;
    private readonly Tensor _squaresP;
    private readonly Tensor _squaresW;
    private readonly Tensor _scale;
    private float _oneMinusBeta;

    /// <summary>An optimizer; defaults are the paper's.</summary>
    /// <param name="groups">Parameters with their decays; all on one device.</param>
    /// <param name="learningRate">Relative learning rate until the loop sets another; 10⁻² in the paper for the first 10,000 steps.</param>
    /// <param name="decayRate">β₂ = 1 − t^−decayRate, above 0.</param>
    /// <param name="eps1">ε₁, added to squared gradients.</param>
    /// <param name="eps2">ε₂, the least size that a parameter counts as having.</param>
    /// <param name="clippingThreshold">d: the largest root mean square of an update, above 0.</param>
    /// <exception cref="EngineException">A setting is out of range, a parameter comes twice or is not float32, or there is none.</exception>
    public Adafactor(
        IEnumerable<ParameterGroup> groups, double learningRate = 1e-2, double decayRate = 0.8, double eps1 = 1e-30, double eps2 = 1e-3,
        double clippingThreshold = 1)
        : base(nameof(Adafactor), groups, learningRate, "exp_avg_sq_row", "exp_avg_sq_col")
    {
        _decayRate = Setting.Positive(nameof(Adafactor), "decayRate", decayRate);
        _eps1 = (float)Setting.Positive(nameof(Adafactor), "eps1", eps1);
        _eps2 = (float)Setting.AtLeastZero(nameof(Adafactor), "eps2", eps2);
        _threshold = (float)Setting.Positive(nameof(Adafactor), "clippingThreshold", clippingThreshold);
        long sums = 1;
        long blocks = 1;
        foreach (Shape shape in Groups.SelectMany(g => g.Parameters).Select(p => p.Value.Shape))
        {
            (int N, int M) = Matrix(shape);
            sums = Math.Max(sums, ColumnChunks.Of(N, Chunk) * M);
            blocks = Math.Max(blocks, Block.Cover((long)N * M));
        }

        _columnSums = Tensor.Empty(Device, [checked((int)sums)], tag: "optimizer state");
        _squaresP = Tensor.Empty(Device, [checked((int)blocks)], tag: "optimizer state");
        _squaresW = Tensor.Empty(Device, [(int)blocks], tag: "optimizer state");
        _scale = Tensor.Empty(Device, [1], tag: "optimizer state");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _columnSums.Dispose();
        _squaresP.Dispose();
        _squaresW.Dispose();
        _scale.Dispose();
        base.Dispose(disposing);
    }

    private protected override Shape StateShape(int slot, Shape parameter) => slot == 0 ? [Matrix(parameter).Rows] : [Matrix(parameter).Columns];

    private protected override void Prepare(long step) => _oneMinusBeta = (float)Math.Pow(step, -_decayRate);

    private protected override void Update(in ParameterUpdate u)
    {
        long n = u.Count;
        if (n == 0)
        {
            return;
        }

        (View<float> r, View<float> c) = (u.State(0), u.State(1));
        long M = u.States[1].Count;
        long N = n / M;
        long chunks = ColumnChunks.Of(N, Chunk);
        View<float> sums = _columnSums.Flat<float>();
        View<float> squaresP = _squaresP.Flat<float>();
        View<float> squaresW = _squaresW.Flat<float>();
        View<float> scale = _scale.Flat<float>();
        u.Device.Launch(new AdafactorRows(u.Grad, r, u.Clip, u.GradScale, _eps1, _oneMinusBeta, M), N);
        u.Device.Launch(new AdafactorColumns(u.Grad, sums, u.Clip, u.GradScale, N, M, Chunk), ColumnChunks.Blocks(N, M, Chunk));
        u.Device.Launch(new AdafactorColumnMoments(sums, c, _eps1, _oneMinusBeta, chunks, N, M), Block.Cover(M));
        u.Device.Launch(new AdafactorNorms(u.Value, u.Grad, r, c, squaresP, squaresW, u.Clip, u.GradScale, n, M), u.Blocks);
        u.Device.Launch(new AdafactorScale(squaresP, squaresW, r, scale, _eps2, _threshold, u.Blocks, n, N), 1);
        float decay = (float)(1 - (u.LearningRate * u.WeightDecay));
        u.Device.Launch(new AdafactorApply(u.Value, u.Grad, r, c, scale, u.Clip, u.GradScale, (float)u.LearningRate, decay, n, M), u.Blocks);
    }

    private static (int Rows, int Columns) Matrix(Shape shape)
    {
        int columns = shape.Rank < 2 ? 1 : Math.Max(shape[^1], 1);
        return (checked((int)(shape.Count / columns)), columns);
    }
}
