using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Mean cross-entropy of the logits x·Wᵀ with target classes, which never stores all logits: rows are taken in chunks, and for
/// each chunk logits → loss and dLogits in their place → dX and dW. x (…, C), W (V, C), targets (…) int32 → ().
/// The gradient of a mean loss is known up to the factor dLoss/count, so forward, when recording, already computes dX and dW
/// for a factor of 1 and saves them; backward scales them. dX overwrites, dW accumulates.
/// <para>
/// Why not recompute the logits in backward, which would save dW's memory: that is a fourth product beside three, a third more
/// time. For V = 65, C = 128, N = 768 all of it is small, so speed decides. For V = 50257, C = 768, N = 1024 the saved dW
/// takes 154 MB for the moment between forward and backward, and a chunk of 256 rows 51 MB, where logits and dLogits would
/// take 412 MB, growing with N.
/// </para>
/// </summary>
internal readonly struct LinearCrossEntropyOp : IDifferentiable<LinearCrossEntropyOp.Args, LinearCrossEntropyOp.Saved>
{
    // Logits of a chunk: 4 MB, so that they stay in the cache between the kernels that use them …
    private const long ChunkLogits = 1 << 20;

    // … but enough rows to do arithmetic rather than wait for W and dW, which every chunk reads once.
    private const long LeastRows = 256;

    public readonly record struct Args(Tensor X, Tensor Weight, Tensor Targets, int Ignore);

    /// <summary>DX and DWeight for a factor of 1, undefined if not wanted; Scale (1) is 1/count.</summary>
    public readonly record struct Saved(Tensor X, Tensor Weight, Tensor DX, Tensor DWeight, Tensor Scale) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(DX);
            visitor.Values(DWeight);
            visitor.Values(Scale);
        }
    }

    public static string Name => "LinearCrossEntropy";

    public static Tensor Apply(Tensor x, Tensor weight, Tensor targets, int ignore)
    {
        Check.RankAtLeast(Name, "x", x, 1);
        Check.Rank(Name, "weight", weight, 2);
        Check.SameDType(Name, "x", x, "weight", weight);
        if (weight.Shape[1] != x.Shape[^1])
        {
            Check.Fail(Name, $"last axis of x {x.Shape} is {x.Shape[^1]}, but weight has shape {weight.Shape}. Expected weight (V, {x.Shape[^1]}).", x);
        }

        CrossEntropyOp.CheckTargets(Name, "x", x, targets);
        Check.Float(Name, "x", x);
        Args a = new(x.Contiguous(), weight, targets.Contiguous(), ignore);
        return Recorder.Apply<LinearCrossEntropyOp, Args, Saved>(a, a.X, a.Weight, a.Targets);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        int V = a.Weight.Shape[0];
        Indices.Check(context, "the classes of weight", a.Weight, a.Targets, V, a.Ignore, "targets");
        Tensor loss = context.New(a.Targets.Shape);
        Tensor dX = context.Records && a.X.RequiresGrad ? context.New(a.X.Shape, a.X.DType) : default;
        Tensor dWeight = context.Records && a.Weight.RequiresGrad ? context.New(a.Weight.Shape) : default;
        Chunks(context, a, loss, dX, dWeight);
        Tensor total = CrossEntropyOp.Total(context, loss, a.Targets, default, V, a.Ignore, mean: true, out Tensor scale);
        saved = new Saved(a.X, a.Weight, dX, dWeight, scale);
        return total;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        if (s.DX.IsDefined)
        {
            Elements.Run(s.DX.DType, new ScaleWork(context, s.DX, dY, s.Scale));
            sink.Add(s.X, s.DX);
        }

        if (s.DWeight.IsDefined)
        {
            Tensor dWeight = sink.Float32Accumulator(s.Weight, out bool accumulate);
            long n = s.DWeight.Count;
            context.Launch(
                new ScaledGradient<float, Float32Element>(
                    s.DWeight.Flat<float>(), dY.Flat<float>(), s.Scale.Flat<float>(), dWeight.Flat<float>(), n, accumulate),
                Block.Cover(n));
            sink.Settle(s.Weight, dWeight);
        }
    }

    /// <summary>The same as two ops, which store all logits and their gradient: documentation and oracle.</summary>
    internal static Tensor Slow(Tensor x, Tensor weight, Tensor targets, int ignore) =>
        x.Linear(weight).CrossEntropy(targets, ignoreIndex: ignore);

    /// <summary>Rows of a chunk, for chunks of nearly equal size.</summary>
    internal static long ChunkRows(long N, long V)
    {
        long most = Math.Max(LeastRows, ChunkLogits / Math.Max(1, V));
        long chunks = Math.Max(1, (N + most - 1) / most);
        return (N + chunks - 1) / chunks;
    }

    private static void Chunks(in OpContext context, in Args a, Tensor loss, Tensor dX, Tensor dWeight)
    {
        long N = a.Targets.Count;
        long V = a.Weight.Shape[0];
        long step = ChunkRows(N, V);
        Matrix w = Matrix.Of(a.Weight);
        Tensor logits = context.New([(int)step, (int)V]);

        // Gradients take the operands' type, for the products that follow; float32 ones take the logits' place.
        Tensor dLogits = a.X.DType == DType.Float32 ? logits : context.New(logits.Shape, a.X.DType);
        if (N == 0 && dWeight.IsDefined)
        {
            dWeight.ZeroInPlace();
        }

        for (long start = 0; start < N; start += step)
        {
            long rows = Math.Min(step, N - start);
            Matrix x = Rows(a.X, start, rows);
            Matrix z = new(logits, 0, rows, V);
            Matrix dZ = new(dLogits, 0, rows, V);
            View<int> targets = a.Targets.Flat<int>().From(start);
            View<float> losses = loss.Flat<float>().From(start);
            MatrixProduct.Launch(context, x, w.T, z, accumulate: false);
            if (!dX.IsDefined && !dWeight.IsDefined)
            {
                context.Launch(
                    new CrossEntropyForward<float, Float32Element>(
                        logits.Flat<float>(), targets, default, default, losses, V, 0f, a.Ignore),
                    rows);
                continue;
            }

            Elements.Run(dLogits.DType, new GradientWork(context, logits, targets, dLogits, losses, a.Ignore, rows));
            if (dX.IsDefined)
            {
                MatrixProduct.Launch(context, dZ, w, Rows(dX, start, rows), accumulate: false);
            }

            if (dWeight.IsDefined)
            {
                MatrixProduct.Launch(context, dZ.T, x, Matrix.Of(dWeight), accumulate: start > 0);
            }
        }

        logits.Dispose();
        if (a.X.DType != DType.Float32)
        {
            dLogits.Dispose();
        }
    }

    // Rows of a contiguous (…, C) tensor as a matrix.
    private static Matrix Rows(Tensor x, long start, long rows)
    {
        long C = x.Shape[^1];
        return new Matrix(x, start * C, rows, C);
    }

    // dX = dLoss·scale·dX, in place.
    private readonly struct ScaleWork(OpContext context, Tensor dX, Tensor dLoss, Tensor scale) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(
                new ScaledGradient<T, E>(dX.Flat<T>(), dLoss.Flat<float>(), scale.Flat<float>(), dX.Flat<T>(), dX.Count, false),
                Block.Cover(dX.Count));
    }

    private readonly struct GradientWork(
        OpContext context, Tensor logits, View<int> targets, Tensor dLogits, View<float> losses, int ignore, long rows) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(
                new CrossEntropyGradient<T, E>(logits.Flat<float>(), targets, dLogits.Flat<T>(), losses, logits.Shape[1], ignore),
                rows);
    }
}

/// <content>The output layer and loss of a language model in one op.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// <c>Linear(weight).CrossEntropy(targets)</c> without ever storing all logits: this (…, C), <paramref name="weight"/> (V, C),
    /// <paramref name="targets"/> (…) → the mean loss over the rows that count, a scalar; NaN if there are none, with gradient
    /// 0. With bf16 and fp16 operands logits, loss and all sums are float32.
    /// </summary>
    /// <param name="weight">One row a class; may be the embedding table itself.</param>
    /// <param name="targets">int32 classes from 0 to V − 1, or <paramref name="ignoreIndex"/>. Checked on devices where
    /// <see cref="Device.ChecksIndices"/>; elsewhere a target outside gives NaN.</param>
    /// <param name="ignoreIndex">Rows with this target have loss and gradient 0 and do not count; −100 as in PyTorch.</param>
    /// <exception cref="EngineException">Shapes or dtypes do not fit, or a target is no class.</exception>
    public Tensor LinearCrossEntropy(Tensor weight, Tensor targets, int ignoreIndex = -100) =>
        LinearCrossEntropyOp.Apply(this, weight, targets, ignoreIndex);
}
