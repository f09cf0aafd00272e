using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>The sizes of an LSTM and the order of its rows.</summary>
/// <param name="T">Steps of the longest sequence.</param>
/// <param name="B">Sequences.</param>
/// <param name="H">Cells.</param>
/// <param name="P">Width of the state h; H without a projection.</param>
/// <param name="Step">Rows from one step to the next: B, or 1 where the rows of a sequence lie together.</param>
/// <param name="Item">Rows from one sequence to the next: 1, or T.</param>
public readonly record struct LstmShape(long T, long B, long H, long P, long Step, long Item)
{
    /// <summary>Sequences that one block walks over together, so that each weight it reads serves all of them.</summary>
    public const int Group = 4;

    /// <summary>Blocks of a launch.</summary>
    public long Blocks => (B + Group - 1) / Group;

    /// <summary>The steps of sequence <paramref name="b"/>: all of them if there are no lengths.</summary>
    public long Length(View<int> lengths, long b)
    {
        long length = T;
        if (lengths.Exists)
        {
            length = Math.Max(0, Math.Min(lengths[b], T));
        }

        return length;
    }

    /// <summary>
    /// The row of the step that is taken as number <paramref name="s"/>. The backward direction starts at the sequence's own end; steps
    /// behind the end keep their places.
    /// </summary>
    public long Row(long b, long s, long length, bool reverse) => ((reverse && s < length ? length - 1 - s : s) * Step) + (b * Item);
}
