namespace Engine.Numerics;

/// <summary>
/// Which elements of a row-major matrix share a scale: element i belongs to group (i / <see cref="Run"/>) mod <see cref="Count"/>.
/// </summary>
public readonly record struct ScaleGroups
{
    private ScaleGroups(int run, int count)
    {
        Run = run;
        Count = count;
    }

    /// <summary>Consecutive elements of one group before the next group begins.</summary>
    public int Run { get; }

    /// <summary>Groups, which is the number of scales.</summary>
    public int Count { get; }

    /// <summary>One scale for everything.</summary>
    public static ScaleGroups PerTensor(int count) => new(Math.Max(1, count), 1);

    /// <summary>A scale for each row.</summary>
    public static ScaleGroups PerRow(int rows, int columns) => new(Math.Max(1, columns), rows);

    /// <summary>A scale for each column.</summary>
    public static ScaleGroups PerColumn(int columns) => new(1, columns);

    /// <summary>A scale for each block of consecutive elements; the last block may be short.</summary>
    /// <exception cref="EngineException"><paramref name="block"/> is not positive.</exception>
    public static ScaleGroups PerBlock(int block, int count) => new(block, Lengths.Blocks("ScaleGroups", count, block));

    /// <summary>The group of element <paramref name="i"/>.</summary>
    public int Of(int i) => i / Run % Count;
}
