using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// position[0] = the place of the first label that is no class or is the blank, or −1 if there is none; labels behind an
/// item's length are padding and may be anything. One block; its lanes stride over the labels. targets (B, S),
/// targetLengths (B).
/// </summary>
[Kernel]
public readonly partial record struct CtcCheck(
    View<int> targets, View<int> targetLengths, View<int> position, CtcShape shape) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        int n = (int)(shape.B * shape.S);
        int first = n;
        for (int i = b.Lane; i < n && first == n; i += b.Size)
        {
            bool counts = i % shape.S < targetLengths[i / shape.S];
            bool right = targets[i] >= 0 && targets[i] < shape.C && targets[i] != shape.Blank;
            first = counts && !right ? i : first;
        }

        first = b.Min(first);
        if (b.Lane == 0)
        {
            position[0] = first < n ? first : -1;
        }
    }
}
