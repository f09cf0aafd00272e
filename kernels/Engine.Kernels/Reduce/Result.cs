using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>The end of a reduction whose block makes one result.</summary>
public static class Result
{
    /// <summary>y[block] = value, or += value if <paramref name="accumulate"/>; nothing if y is an empty view.</summary>
    public static void Write(in Block b, View<float> y, float value, bool accumulate)
    {
        if (b.Lane == 0 && y.Exists)
        {
            y[b.Index] = accumulate ? y[b.Index] + value : value;
        }
    }
}
