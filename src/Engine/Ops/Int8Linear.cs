using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = f(x·W + b) with W in int8: x (…, in) float32, W (in, out) or (out, in) with a scale for each output, b (out) → y (…, out)
/// float32. Few rows meet the int8 numbers where they lie; for more, W is widened once and the ordinary product reads it.
/// For inference only.
/// </summary>
internal readonly struct Int8LinearOp : IInference<Int8LinearOp.Args>
{
    // From here on, widening W costs little beside the product.
    private const long MostRows = 32;

    public readonly record struct Args(Tensor X, Tensor Weight, Tensor Bias, Activation Activation);

    public static string Name => "Int8Linear";

    /// <summary>Applies it; shapes have been checked.</summary>
    public static Tensor Apply(string op, Tensor x, Tensor weight, Tensor bias, Activation activation, bool outFirst)
    {
        Check.DType(op, "x", x, DType.Float32);
        int outputs = outFirst ? 0 : 1;
        if (Int8Matrix.ChannelAxis(weight) != outputs)
        {
            Check.Fail(op, $"the int8 weight {weight.Shape} has its scales along axis {1 - outputs}, but its outputs are axis {outputs}. Make it with QuantizeInt8({outputs}).", weight);
        }

        return Recorder.Infer<Int8LinearOp, Args>(new(x, weight, bias, activation), x, weight, bias);
    }

    public static Tensor Forward(in Args a, in OpContext context)
    {
        int axis = Int8Matrix.ChannelAxis(a.Weight);
        long N = a.Weight.Shape[axis];
        long K = a.Weight.Shape[1 - axis];
        Tensor y = context.New(a.X.Shape.With(^1, (int)N));
        long M = a.X.Shape.Without(^1).Count;
        if (M > MostRows)
        {
            using Tensor w = Int8RowsOp.Widened(context, a.Weight);
            MatrixProduct.Launch(context, Matrix.Flatten(a.X), Matrix.Of(w).T, Matrix.Flatten(y), a.Bias, default, a.Activation);
            return y;
        }

        switch (a.Activation)
        {
            case Activation.Gelu:
                Launch<Gelu>(context, a, y, M, N, K);
                break;
            case Activation.GeluTanh:
                Launch<GeluTanh>(context, a, y, M, N, K);
                break;
            default:
                Launch<Identity>(context, a, y, M, N, K);
                break;
        }

        return y;
    }

    private static void Launch<F>(in OpContext context, in Args a, Tensor y, long M, long N, long K)
        where F : unmanaged, IFunction =>
        context.Launch(
            new Int8Linear<F>(
                a.X.Flat<float>(), Int8Matrix.Rows(a.Weight), Int8Matrix.Scales(a.Weight), Optional.Flat<float>(a.Bias), y.Flat<float>(), M, N, K),
            M * N);
}
