using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = u·v/(‖u‖·‖v‖) over the last axis; formulas at <see cref="CosineSimilarityForward"/> and
/// <see cref="CosineSimilarityBackward"/>. u, v (…, C) → (…). Saved: u, v, y and the norms. dU and dV overwrite.
/// </summary>
internal readonly struct CosineSimilarityOp : IDifferentiable<CosineSimilarityOp.Args, CosineSimilarityOp.Saved>
{
    public readonly record struct Args(Tensor U, Tensor V, float Eps);

    /// <summary>The norms are (…).</summary>
    public readonly record struct Saved(Tensor U, Tensor V, Tensor Y, Tensor NormU, Tensor NormV, float Eps) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(U);
            visitor.Values(V);
            visitor.Values(Y);
            visitor.Values(NormU);
            visitor.Values(NormV);
        }
    }

    public static string Name => "CosineSimilarity";

    public static Tensor Apply(Tensor u, Tensor v, float eps)
    {
        Check.DType(Name, "x", u, DType.Float32);
        Check.DType(Name, "other", v, DType.Float32);
        Check.RankAtLeast(Name, "x", u, 1);
        Check.SameShape(Name, "x", u, "other", v);
        Args a = new(u.Contiguous(), v.Contiguous(), eps);
        return Recorder.Apply<CosineSimilarityOp, Args, Saved>(a, a.U, a.V);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Tensor y = context.New(a.U.Shape.Without(^1));
        Tensor normU = context.Records ? context.New(y.Shape) : default;
        Tensor normV = context.Records ? context.New(y.Shape) : default;
        context.Launch(
            new CosineSimilarityForward(
                a.U.Flat<float>(), a.V.Flat<float>(), y.Flat<float>(), Optional.Flat<float>(normU), Optional.Flat<float>(normV),
                a.U.Shape[^1], a.Eps),
            y.Count);
        saved = new Saved(a.U, a.V, y, normU, normV, a.Eps);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        Gradient(s.U, s.V, s.NormU, s.NormV, s, dY, sink);
        Gradient(s.V, s.U, s.NormV, s.NormU, s, dY, sink);
    }

    /// <summary>The definition in other ops.</summary>
    internal static Tensor Slow(Tensor u, Tensor v, float eps) => (u.L2Normalize(-1, eps) * v.L2Normalize(-1, eps)).Sum(-1);

    private static void Gradient(Tensor u, Tensor v, Tensor normU, Tensor normV, in Saved s, Tensor dY, GradSink sink)
    {
        if (sink.Wants(u))
        {
            OpContext context = sink.Context(Name);
            Tensor dU = context.New(u.Shape);
            context.Launch(
                new CosineSimilarityBackward(
                    u.Flat<float>(), v.Flat<float>(), s.Y.Flat<float>(), normU.Flat<float>(), normV.Flat<float>(), dY.Flat<float>(),
                    dU.Flat<float>(), u.Shape[^1], s.Eps),
                dY.Count);
            sink.Give(u, dU);
        }
    }
}

/// <content>Cosine similarity.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// The cosine of the angle between the rows of this and <paramref name="other"/>: u·v/(max(‖u‖, eps)·max(‖v‖, eps)) over the last
    /// axis. Both (…, C) → (…).
    /// </summary>
    /// <param name="other">Of this shape.</param>
    /// <param name="eps">The smallest norm to divide by, so that a zero row gives 0; 1e-8 as in PyTorch.</param>
    /// <exception cref="EngineException">Shapes differ, or a dtype is not float32.</exception>
    public Tensor CosineSimilarity(Tensor other, float eps = 1e-8f) => CosineSimilarityOp.Apply(this, other, eps);
}
