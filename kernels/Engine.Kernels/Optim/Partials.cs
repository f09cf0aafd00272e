using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>The second stage of a sum in two stages: many blocks leave one number each, one block adds those.</summary>
internal static class Partials
{
    private const int Run = 256;

    /// <summary>
    /// x[0] + … + x[n − 1], the same in every lane. Each lane adds runs of 256 before it adds them up, so that with a single
    /// lane too the rounding error grows like the root of n and not like n.
    /// </summary>
    public static float Sum(in Block b, View<float> x, long n)
    {
        float total = 0f;
        for (long start = b.Lane; start < n; start += (long)Run * b.Size)
        {
            long end = start + ((long)Run * b.Size);
            float s = 0f;
            for (long i = start; i < end && i < n; i += b.Size)
            {
                s += x[i];
            }

            total += s;
        }

        return b.Sum(total);
    }
}
