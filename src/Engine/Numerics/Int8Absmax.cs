namespace Engine.Numerics;

/// <summary>
/// Symmetric int8: scale = max|w|/127 over a group, q = w/scale rounded half to even, in [−127, 127] (Dettmers et al.,
/// "LLM.int8()", 2022). A group of zeros has scale 0. Layout: q in the order of w, one float32 scale a group.
/// </summary>
public static class Int8Absmax
{
    private const string Format = "Int8Absmax";

    /// <summary>Quantises; elements of <paramref name="q"/> beyond those of <paramref name="values"/> (padding) become 0.</summary>
    /// <param name="values">Finite values.</param>
    /// <param name="groups">Which of them share a scale.</param>
    /// <param name="q">At least as long as <paramref name="values"/>.</param>
    /// <param name="scales">One for each group.</param>
    /// <exception cref="EngineException">A value is not finite or a length does not fit.</exception>
    public static void Quantize(ReadOnlySpan<float> values, ScaleGroups groups, Span<sbyte> q, Span<float> scales)
    {
        Lengths.Expect(Format, "scales", scales.Length, groups.Count);
        Lengths.Equal(Format, values.Length, Math.Min(values.Length, q.Length));
        scales.Clear();
        q.Clear();
        for (int i = 0; i < values.Length; i++)
        {
            ref float largest = ref scales[groups.Of(i)];
            largest = MathF.Max(largest, MathF.Abs(Lengths.Finite(Format, values[i])));
        }

        foreach (ref float scale in scales)
        {
            scale /= 127f;
        }

        for (int i = 0; i < values.Length; i++)
        {
            float scale = scales[groups.Of(i)];
            q[i] = scale == 0f ? (sbyte)0 : (sbyte)Math.Clamp(MathF.Round(values[i] / scale), -127f, 127f);
        }
    }

    /// <summary>q·scale for every element of <paramref name="values"/>; padding of <paramref name="q"/> is not read.</summary>
    /// <exception cref="EngineException">A length does not fit.</exception>
    public static void Dequantize(ReadOnlySpan<sbyte> q, ReadOnlySpan<float> scales, ScaleGroups groups, Span<float> values)
    {
        Lengths.Expect(Format, "scales", scales.Length, groups.Count);
        Lengths.Equal(Format, Math.Min(values.Length, q.Length), values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = q[i] * scales[groups.Of(i)];
        }
    }
}
