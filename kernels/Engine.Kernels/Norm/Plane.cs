using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// How the lanes of a block share a plane of rows, without a division in the loop: as many lanes as fit lie side by side in a
/// row, the rest take further rows. A lane visits rows FirstRow, FirstRow + RowStep, … and in each of them the places
/// First, First + Step, …
/// </summary>
/// <param name="FirstRow">The lane's first row; past the end for a lane without work.</param>
/// <param name="RowStep">Rows from one to the next.</param>
/// <param name="First">The lane's first place in a row.</param>
/// <param name="Step">Places from one to the next.</param>
public readonly record struct Plane(long FirstRow, long RowStep, long First, long Step)
{
    /// <summary>This lane's share of <paramref name="rows"/> rows of <paramref name="width"/> places.</summary>
    public static Plane Share(in Block b, long rows, long width)
    {
        long across = Math.Max(1, Math.Min(width, b.Size));
        long down = b.Size / across;
        bool works = b.Lane < across * down;
        return new Plane(works ? b.Lane / across : rows, down, b.Lane % across, across);
    }
}
