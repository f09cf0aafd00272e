using Engine.KernelLanguage;
using Engine.Numerics;

namespace Engine;

/// <summary>
/// The memory of an int8 matrix: the row of each output channel in one piece, whichever axis of the tensor that is, so that products
/// read every channel front to back; behind them one float32 scale a channel. Values are q·scale, as <see cref="Int8Absmax"/> makes them.
/// </summary>
internal static unsafe class Int8Matrix
{
    // Where scales may begin: vectors read them too.
    private const long Alignment = 64;

    /// <summary>A matrix with arbitrary contents.</summary>
    public static Tensor Empty(Device device, StepScope? scope, string op, Shape shape, int channelAxis)
    {
        long bytes = ScalesAt(shape.Count) + (shape[channelAxis] * sizeof(float));
        Tensor q = OpContext.Allocate(device, scope, op, DType.Int8, shape, bytes);
        q.Data.Strides[channelAxis] = shape[1 - channelAxis];
        q.Data.Strides[1 - channelAxis] = 1;
        return q;
    }

    /// <summary>Quantises a contiguous float32 matrix of the same shape, on the host: weights are read in once.</summary>
    /// <exception cref="EngineException">A value is not finite.</exception>
    public static void Fill(Tensor x, Tensor q)
    {
        int axis = ChannelAxis(q);
        int channels = q.Shape[axis];
        int K = q.Shape[1 - axis];
        float[] values = new float[x.Count];
        x.CopyTo<float>(values);
        sbyte[] rows = new sbyte[x.Count];
        float[] scales = new float[channels];
        float[] row = new float[K];
        for (int n = 0; n < channels; n++)
        {
            for (int k = 0; k < K; k++)
            {
                row[k] = values[axis == 0 ? (n * (long)K) + k : (k * (long)channels) + n];
            }

            Int8Absmax.Quantize(row, ScaleGroups.PerTensor(K), rows.AsSpan(checked(n * K), K), scales.AsSpan(n, 1));
        }

        q.Data.Storage!.Version++;
        fixed (sbyte* r = rows)
        {
            q.Device.CopyFromHost(r, q.Address, rows.Length);
        }

        fixed (float* s = scales)
        {
            q.Device.CopyFromHost(s, q.Address + (nint)ScalesAt(q.Count), scales.Length * sizeof(float));
        }
    }

    /// <summary>The axis of the output channels.</summary>
    public static int ChannelAxis(Tensor q) => q.Data.Strides[0] == q.Shape[1] && q.Data.Strides[1] == 1 ? 0 : 1;

    /// <summary>The numbers (channels, K).</summary>
    public static View<sbyte> Rows(Tensor q) => new(q.Raw<sbyte>().Pointer, q.Count);

    /// <summary>The scales (channels).</summary>
    public static View<float> Scales(Tensor q) => new((float*)(q.Address + (nint)ScalesAt(q.Count)), q.Shape[ChannelAxis(q)]);

    /// <summary>The error of ops that cannot read such a matrix.</summary>
    public static void Refuse(string op, Tensor x)
    {
        if (x.DType == DType.Int8)
        {
            Check.Fail(op, $"x {x.Shape} is an int8 matrix, which Linear, Conv1D and Embedding read. Convert it with To(DType.Float32).", x);
        }
    }

    private static long ScalesAt(long count) => (count + Alignment - 1) / Alignment * Alignment;
}

/// <content>Weights in int8.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// This float32 matrix in int8, a quarter of the memory: each output channel c has scale[c] = max|w|/127 over its weights, which
    /// become round(w/scale), half to even, so none is off by more than scale/2. For inference: what Linear, Conv1D and Embedding do
    /// with it has no backward; <c>To(DType.Float32)</c> gives it back. Passes through the host and waits.
    /// </summary>
    /// <param name="channelAxis">0 for weights (out, in) of Linear and tables (V, C), 1 for weights (in, out) of Conv1D.</param>
    /// <exception cref="EngineException">It is no float32 matrix, has a value that is not finite, or requires a gradient in a step that records.</exception>
    public Tensor QuantizeInt8(int channelAxis = 0)
    {
        const string Op = "QuantizeInt8";
        Check.Rank(Op, "x", this, 2);
        Check.DType(Op, "x", this, DType.Float32);
        int axis = Check.Axis(Op, this, channelAxis);
        OpContext context = Recorder.NotDifferentiable(Op, this);
        Tensor q = Int8Matrix.Empty(context.Device, context.Scope, Op, Shape, axis);
        Int8Matrix.Fill(Contiguous(), q);
        return q;
    }
}
