using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = x·keep/(1 − p) with a random mask; dX = dY·keep/(1 − p), overwriting. x, y (…). The mask is a function of the step's
/// random stream and a position in it, so backward makes it again and nothing but that position is saved.
/// </summary>
internal readonly struct DropoutOp : IDifferentiable<DropoutOp.Args, DropoutOp.Saved>
{
    public readonly record struct Args(Tensor X, float P);

    public readonly record struct Saved(Tensor X, float P, ulong Seed, ulong Stream, ulong Position) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            // Values are not read; X only says where the gradient goes.
        }
    }

    public static string Name => "Dropout";

    public static Tensor Apply(Tensor x, float p)
    {
        Check.Float(Name, "x", x);
        if (!(p >= 0f && p < 1f))
        {
            Check.Fail(Name, $"the probability {p} is not in [0, 1).", x);
        }

        if (p == 0f || x.Scope is not { } scope || !(scope.Recording || scope.Rehearsing))
        {
            return x;
        }

        Tensor c = x.Contiguous();
        return Recorder.Apply<DropoutOp, Args, Saved>(new(c, p), c);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        RandomStream random = context.Scope!.Random;
        saved = new Saved(a.X, a.P, random.Seed, random.Stream, random.Reserve(a.X.Count));
        Tensor y = context.New(a.X.Shape, a.X.DType);
        Elements.Run(y.DType, new Work(context, saved, a.X, y));
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        Tensor dX = context.New(dY.Shape, dY.DType);
        Elements.Run(dX.DType, new Work(context, s, dY, dX));
        sink.Give(s.X, dX);
    }

    private readonly struct Work(OpContext context, Saved s, Tensor x, Tensor y) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(
                new Kernels.Dropout<T, E>(x.Flat<T>(), y.Flat<T>(), s.Seed, s.Stream, s.Position, s.P, 1f / (1f - s.P), x.Count),
                Block.Cover(x.Count));
    }
}

/// <content>Dropout.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// Dropout (Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014): each element is
    /// zeroed with probability <paramref name="p"/>, the others are divided by 1 − p, so the mean stays. The mask comes from the step's
    /// <see cref="StepScope.Random"/>. In a step that does not record, and for p = 0, it is the tensor itself.
    /// </summary>
    /// <param name="p">The probability of zero, in [0, 1).</param>
    /// <exception cref="EngineException">p is outside [0, 1), or the dtype is no floating-point type.</exception>
    public Tensor Dropout(float p) => DropoutOp.Apply(this, p);
}
