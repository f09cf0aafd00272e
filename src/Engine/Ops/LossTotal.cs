using Engine.Kernels;

namespace Engine;

/// <summary>From the losses of single rows or elements to what the caller asked for.</summary>
internal static class LossTotal
{
    /// <summary>scale·Σ of contiguous losses, a scalar; frees them.</summary>
    public static Tensor Of(in OpContext context, Tensor losses, float scale)
    {
        Tensor total = context.New([]);
        context.Launch(new SumAxis<float, Float32Element>(losses.Flat<float>(), total.Flat<float>(), losses.Count, 1, scale), 1);
        losses.Dispose();
        return total;
    }

    /// <summary>What a reduction of <paramref name="n"/> losses multiplies their sum by; the mean of none is 0/0.</summary>
    public static float Scale(LossReduction reduction, long n) => reduction == LossReduction.Mean ? 1f / n : 1f;
}
