using Engine.Kernels;

namespace Engine;

/// <summary>
/// Channels of an int8 matrix in float32: those at indices, or all of them. W with V channels of C numbers, indices (…) int32 → y (…, C),
/// or without indices y of W's own shape. For inference only.
/// </summary>
internal readonly struct Int8RowsOp : IInference<Int8RowsOp.Args>
{
    public readonly record struct Args(Tensor Weight, Tensor Indices);

    public static string Name => "Int8Rows";

    public static Tensor Apply(Tensor weight, Tensor indices) => Recorder.Infer<Int8RowsOp, Args>(new(weight, indices), weight, indices);

    public static Tensor Forward(in Args a, in OpContext context)
    {
        if (a.Indices.IsDefined)
        {
            Indices.Check(context, "the table", a.Weight, a.Indices, a.Weight.Shape[0]);
            Tensor y = context.New(a.Indices.Shape.Append(a.Weight.Shape[1]));
            Launch(context, a.Weight, a.Indices, y, a.Indices.Count);
            return y;
        }

        Tensor rows = Widened(context, a.Weight);
        if (Int8Matrix.ChannelAxis(a.Weight) == 0)
        {
            return rows;
        }

        using (rows)
        {
            return OpContext.View(rows, a.Weight.Shape, a.Weight.Data.Strides, 0, Name);
        }
    }

    /// <summary>All channels, one a row: (V, C) float32.</summary>
    public static Tensor Widened(in OpContext context, Tensor weight)
    {
        int axis = Int8Matrix.ChannelAxis(weight);
        Tensor y = context.New([weight.Shape[axis], weight.Shape[1 - axis]]);
        Launch(context, weight, default, y, weight.Shape[axis]);
        return y;
    }

    private static void Launch(in OpContext context, Tensor weight, Tensor indices, Tensor y, long rows)
    {
        int axis = Int8Matrix.ChannelAxis(weight);
        context.Launch(
            new Int8Rows(
                Int8Matrix.Rows(weight), Int8Matrix.Scales(weight), Optional.Flat<int>(indices), y.Flat<float>(),
                weight.Shape[axis], weight.Shape[1 - axis]),
            rows);
    }
}
