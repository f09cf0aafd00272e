namespace Engine.Numerics;

/// <summary>The layout check of GGUF's formats over blocks of 32 elements.</summary>
internal static class GgufBlocks
{
    /// <summary>The number of blocks.</summary>
    /// <exception cref="EngineException">The elements are no whole blocks or the bytes do not fit them.</exception>
    public static int Check(string format, int count, int bytes, int blockBytes)
    {
        if (count % 32 != 0)
        {
            throw new EngineException($"{format}: {count} elements are no whole blocks of 32.");
        }

        Lengths.Expect(format, "the block data", bytes, count / 32L * blockBytes);
        return count / 32;
    }
}
