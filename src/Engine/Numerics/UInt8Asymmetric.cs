namespace Engine.Numerics;

/// <summary>
/// Asymmetric uint8 for each row: scale = (max − min)/255 with min ≤ 0 ≤ max forced, so that 0 is exact; zero = −min/scale and
/// q = w/scale + zero, both rounded half to even, q in [0, 255] (Jacob et al., "Quantization and training of neural networks for
/// efficient integer-arithmetic-only inference", 2018). A row of zeros has scale 1 and zero 0. Layout: q row-major, one float32 scale
/// and one uint8 zero a row.
/// </summary>
public static class UInt8Asymmetric
{
    private const string Format = "UInt8Asymmetric";

    /// <summary>Quantises the rows of a matrix; there are as many rows as scales.</summary>
    /// <exception cref="EngineException">A value is not finite or a length does not fit.</exception>
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> q, Span<float> scales, Span<byte> zeros)
    {
        int columns = Columns(values.Length, q.Length, scales.Length, zeros.Length);
        for (int row = 0; row < scales.Length; row++)
        {
            ReadOnlySpan<float> w = values.Slice(row * columns, columns);
            (scales[row], zeros[row]) = Range(w);
            for (int c = 0; c < columns; c++)
            {
                q[(row * columns) + c] = (byte)Math.Clamp(MathF.Round(w[c] / scales[row]) + zeros[row], 0f, 255f);
            }
        }
    }

    /// <summary>(q − zero)·scale for every element.</summary>
    /// <exception cref="EngineException">A length does not fit.</exception>
    public static void Dequantize(ReadOnlySpan<byte> q, ReadOnlySpan<float> scales, ReadOnlySpan<byte> zeros, Span<float> values)
    {
        int columns = Columns(values.Length, q.Length, scales.Length, zeros.Length);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (q[i] - zeros[i / columns]) * scales[i / columns];
        }
    }

    private static (float Scale, byte Zero) Range(ReadOnlySpan<float> row)
    {
        float min = 0f;
        float max = 0f;
        foreach (float w in row)
        {
            min = MathF.Min(min, Lengths.Finite(Format, w));
            max = MathF.Max(max, w);
        }

        float scale = (max - min) / 255f;
        return scale == 0f ? (1f, (byte)0) : (scale, (byte)MathF.Round(-min / scale));
    }

    private static int Columns(int count, int q, int rows, int zeros)
    {
        Lengths.Equal(Format, count, q);
        Lengths.Expect(Format, "zeros", zeros, rows);
        return rows > 0 && count % rows == 0
            ? count / rows
            : throw new EngineException($"{Format}: {count} elements are no {rows} rows of equal length.");
    }
}
