namespace Engine.Numerics;

/// <summary>The checks that all number formats share.</summary>
internal static class Lengths
{
    /// <summary>Source and target have the same number of elements.</summary>
    public static void Equal(string format, int source, int target)
    {
        if (source != target)
        {
            throw new EngineException($"{format}: {source} elements do not fit {target}; expected equal lengths.");
        }
    }

    /// <summary>A buffer has the length that the format's layout needs.</summary>
    public static void Expect(string format, string what, int actual, long expected)
    {
        if (actual != expected)
        {
            throw new EngineException($"{format}: {what} has length {actual}, expected {expected}.");
        }
    }

    /// <summary>The largest magnitude of a group; NaN and infinities have no place in an integer format.</summary>
    /// <exception cref="EngineException">An element is not finite.</exception>
    public static float LargestMagnitude(string format, ReadOnlySpan<float> values)
    {
        float largest = 0f;
        foreach (float value in values)
        {
            largest = MathF.Max(largest, MathF.Abs(Finite(format, value)));
        }

        return largest;
    }

    /// <summary>The value itself.</summary>
    /// <exception cref="EngineException">It is not finite.</exception>
    public static float Finite(string format, float value) => float.IsFinite(value)
        ? value
        : throw new EngineException($"{format}: {value} cannot be quantised; expected finite values.");

    /// <summary>The length of block <paramref name="index"/>, of which only the last may be short.</summary>
    public static int OfBlock(int index, int block, int count) => Math.Min(block, count - (index * block));

    /// <summary>Blocks needed for <paramref name="count"/> elements.</summary>
    public static int Blocks(string format, int count, int block) => block > 0
        ? (int)(((long)count + block - 1) / block)
        : throw new EngineException($"{format}: block {block} is not positive.");
}
