using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = f(x·W + b) with W stored (in, out), as GPT-2 does, or (out, in), as PyTorch's Linear does. x (…, in), b (out) →
/// y (…, out). With g = dY·f′(z), z the argument of f: dX = g·Wᵀ, dW = xᵀ·g and db = Σ g over the rows; all three
/// accumulate in place. Saved: x, W, and z if there is an f. x, W, y and z have one dtype; sums are float32.
/// </summary>
internal readonly struct LinearOp : IDifferentiable<LinearOp.Args, LinearOp.Saved>
{
    public readonly record struct Args(Tensor X, Tensor Weight, Tensor Bias, Activation Activation, bool OutFirst);

    public readonly record struct Saved(Tensor X, Tensor Weight, Tensor Bias, Tensor Z, Activation Activation, bool OutFirst) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(X);
            visitor.Values(Weight);
            visitor.Values(Z);
        }
    }

    public static string Name => "Linear";

    public static Tensor Apply(string op, Tensor x, Tensor weight, Tensor bias, Activation activation, bool outFirst)
    {
        CheckShapes(op, x, weight, bias, outFirst);
        Tensor c = x.Contiguous();
        Tensor b = bias.IsDefined ? bias.To(DType.Float32).Contiguous() : bias;
        if (weight.DType == DType.Int8)
        {
            return Int8LinearOp.Apply(op, c, weight, b, activation, outFirst);
        }

        return Recorder.Apply<LinearOp, Args, Saved>(new(c, weight, b, activation, outFirst), c, weight, b);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Shape shape = a.X.Shape.With(^1, a.Weight.Shape[a.OutFirst ? 0 : 1]);
        Tensor y = context.New(shape, a.X.DType);
        bool keep = a.Activation != Activation.None && context.Scope is { Recording: true };
        Tensor z = keep ? context.New(shape, a.X.DType) : default;
        MatrixProduct.Launch(
            context, Matrix.Flatten(a.X), InOut(a.Weight, a.OutFirst), Matrix.Flatten(y), a.Bias, z, a.Activation);
        saved = new Saved(a.X, a.Weight, a.Bias, z, a.Activation, a.OutFirst);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        Tensor g = PastActivation(context, s, dY);
        Matrix rows = Matrix.Flatten(g);
        if (sink.Wants(s.X))
        {
            Tensor dX = sink.Accumulator(s.X, out bool accumulate);
            MatrixProduct.Launch(context, rows, InOut(s.Weight, s.OutFirst).T, Matrix.Flatten(dX), accumulate);
        }

        if (sink.Wants(s.Weight))
        {
            Tensor dW = sink.Accumulator(s.Weight, out bool accumulate);
            Matrix x = Matrix.Flatten(s.X);
            if (s.OutFirst)
            {
                MatrixProduct.Launch(context, rows.T, x, Matrix.Of(dW), accumulate);
            }
            else
            {
                MatrixProduct.Launch(context, x.T, rows, Matrix.Of(dW), accumulate);
            }
        }

        if (sink.Wants(s.Bias))
        {
            Tensor db = sink.Accumulator(s.Bias, out bool accumulate);
            MatrixProduct.SumRows(context, g, db, accumulate);
        }

        if (!g.Equals(dY))
        {
            g.Dispose();
        }
    }

    /// <summary>The same in primitive ops: documentation and oracle.</summary>
    internal static Tensor Slow(Tensor x, Tensor weight, Tensor bias, Activation activation, bool outFirst)
    {
        Tensor z = x.Reshape(-1, x.Shape[^1]).MatMul(outFirst ? weight.Transpose(0, 1) : weight);
        z = z.ReshapeTo(x.Shape.With(^1, z.Shape[^1]));
        z = bias.IsDefined ? z + bias : z;
        return activation switch
        {
            Activation.GeluTanh => MapOp<GeluTanh>.Apply(z),
            Activation.Gelu => MapOp<Gelu>.Apply(z),
            _ => z,
        };
    }

    // dY·f′(z), or dY itself where there is no f.
    private static Tensor PastActivation(in OpContext context, in Saved s, Tensor dY)
    {
        if (s.Activation == Activation.None)
        {
            return dY;
        }

        return s.Activation == Activation.Gelu
            ? MapOp<Gelu>.Gradient(context, s.Z, dY, 0f)
            : MapOp<GeluTanh>.Gradient(context, s.Z, dY, 0f);
    }

    private static Matrix InOut(Tensor weight, bool outFirst) => outFirst ? Matrix.Of(weight).T : Matrix.Of(weight);

    private static void CheckShapes(string op, Tensor x, Tensor weight, Tensor bias, bool outFirst)
    {
        Check.Float(op, "x", x);
        Check.RankAtLeast(op, "x", x, 1);
        Check.Rank(op, "weight", weight, 2);
        if (weight.DType != DType.Int8)
        {
            Check.SameDType(op, "x", x, "weight", weight);
        }

        int C = x.Shape[^1];
        if (weight.Shape[outFirst ? 1 : 0] != C)
        {
            Check.Fail(op, $"last axis of x {x.Shape} is {C}, but weight has shape {weight.Shape}. Expected weight {(outFirst ? $"(out, {C})" : $"({C}, out)")}.", x);
        }

        if (bias.IsDefined)
        {
            if (bias.DType != DType.Float32)
            {
                Check.SameDType(op, "x", x, "bias", bias);
            }

            Check.Shape(op, "bias", bias, [weight.Shape[outFirst ? 0 : 1]]);
        }
    }
}

/// <content>Linear layers.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// f(x·Wᵀ + b) with the weight as PyTorch stores it: this (…, in), <paramref name="weight"/> (out, in),
    /// <paramref name="bias"/> (out) → (…, out). bf16 and fp16 are summed in float32 and rounded once; their
    /// bias may be float32.
    /// </summary>
    /// <exception cref="EngineException">Shapes or dtypes do not fit.</exception>
    public Tensor Linear(Tensor weight, Tensor bias = default, Activation activation = Activation.None) =>
        LinearOp.Apply("Linear", this, weight, bias, activation, outFirst: true);

    /// <summary>
    /// f(x·W + b) with the weight as GPT-2 and Hugging Face's Conv1D store it: this (…, in), <paramref name="weight"/>
    /// (in, out), <paramref name="bias"/> (out) → (…, out). bf16 and fp16 are summed in float32 and rounded once; their
    /// bias may be float32.
    /// </summary>
    /// <exception cref="EngineException">Shapes or dtypes do not fit.</exception>
    public Tensor Conv1D(Tensor weight, Tensor bias = default, Activation activation = Activation.None) =>
        LinearOp.Apply("Conv1D", this, weight, bias, activation, outFirst: false);
}
