using System.Runtime.InteropServices;

namespace Engine.Serialization;

/// <summary>
/// int8 matrices in files: an I8 tensor NAME, row-major, and an F32 tensor NAME_scale with one number for each row (N, 1) or each column
/// (1, M), as compressed-tensors writes them; a value is q·scale.
/// </summary>
internal static class Int8Weights
{
    /// <summary>What the name of the scales ends in.</summary>
    public const string Suffix = "_scale";

    /// <summary>The scales of an entry that is such a matrix and fits them; null if it is an ordinary tensor.</summary>
    public static WeightEntry? ScalesOf(WeightFile file, WeightEntry entry) =>
        entry is { DType: "I8", Shape: [long rows, long columns] } && file.Entries.TryGetValue(entry.Name + Suffix, out WeightEntry? scales)
        && scales is { DType: "F32", Shape: [long n, long m] } && ((n == rows && m == 1) || (n == 1 && m == columns))
            ? scales
            : null;

    /// <summary>Overwrites a contiguous float32 matrix of the same shape, row by row.</summary>
    public static unsafe void Load(WeightFile file, WeightEntry entry, WeightEntry scales, Tensor target)
    {
        int columns = target.Shape[1];
        bool byRow = scales.Shape[1] == 1 && (scales.Shape[0] == entry.Shape[0]);
        float[] scale = MemoryMarshal.Cast<byte, float>(file.Read(scales.Name)).ToArray();
        byte[] q = new byte[columns];
        float[] row = new float[columns];
        target.Data.Storage!.Version++;
        for (int r = 0; r < target.Shape[0]; r++)
        {
            file.ReadAt(entry, (long)r * columns, q);
            for (int c = 0; c < columns; c++)
            {
                row[c] = (sbyte)q[c] * scale[byRow ? r : c];
            }

            fixed (float* p = row)
            {
                target.Device.CopyFromHost(p, target.Address + (nint)((long)r * columns * sizeof(float)), (long)columns * sizeof(float));
            }
        }
    }

    /// <summary>The shape of a matrix's scales: (N, 1) if rows are output channels, otherwise (1, M).</summary>
    public static Shape ScaleShape(Tensor q) => Int8Matrix.ChannelAxis(q) == 0 ? [q.Shape[0], 1] : [1, q.Shape[1]];

    /// <summary>The two parts of an int8 matrix on its way into a file: numbers in row-major order, and scales.</summary>
    public static unsafe (byte[] Numbers, byte[] Scales) Parts(Tensor q)
    {
        int axis = Int8Matrix.ChannelAxis(q);
        (int rows, int columns) = (q.Shape[0], q.Shape[1]);
        byte[] memory = new byte[q.Count];
        byte[] scales = new byte[(long)q.Shape[axis] * sizeof(float)];
        fixed (byte* m = memory, s = scales)
        {
            q.Device.CopyToHost((nint)Int8Matrix.Rows(q).Pointer, m, memory.Length);
            q.Device.CopyToHost((nint)Int8Matrix.Scales(q).Pointer, s, scales.Length);
        }

        if (axis == 0)
        {
            return (memory, scales);
        }

        byte[] numbers = new byte[memory.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = memory[(i % columns * rows) + (i / columns)];
        }

        return (numbers, scales);
    }
}
