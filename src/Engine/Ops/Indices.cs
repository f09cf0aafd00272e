using Engine.Kernels;

namespace Engine;

/// <summary>The range check of ops that look things up by index.</summary>
internal static class Indices
{
    /// <summary>
    /// Throws if an index is outside 0 … <paramref name="bound"/> − 1 and not <paramref name="ignore"/>, on devices that check
    /// indices; elsewhere the check would have to wait for the device, so it is left out.
    /// </summary>
    /// <param name="context">The op's context.</param>
    /// <param name="what">What is looked up in, for the message.</param>
    /// <param name="target">The tensor that is looked up in, for the message.</param>
    /// <param name="indices">The contiguous int32 indices.</param>
    /// <param name="bound">One more than the largest index.</param>
    /// <param name="ignore">A value that stands for "none"; by default there is no such value.</param>
    /// <param name="name">What the indices are called, for the message.</param>
    public static void Check(
        in OpContext context, string what, Tensor target, Tensor indices, int bound, int? ignore = null, string name = "indices")
    {
        if (!context.Device.ChecksIndices || indices.Count == 0)
        {
            return;
        }

        // 0 is inside unless nothing is, so it can stand for "nothing is ignored".
        int outside = bound == 0 && ignore is null ? 1 : 0;
        if (outside == 0)
        {
            Tensor flag = context.New([1], DType.Int32);
            context.Launch(new IndexCheck(indices.Flat<int>(), flag.Flat<int>(), indices.Count, bound, ignore ?? 0), 1);
            flag.CopyTo(new Span<int>(ref outside));
            flag.Dispose();
        }

        if (outside != 0)
        {
            Fail(context.Op, what, target, indices, bound, ignore, name);
        }
    }

    private static void Fail(string op, string what, Tensor target, Tensor indices, int bound, int? ignore, string name)
    {
        int[] values = new int[indices.Count];
        indices.CopyTo<int>(values);
        int at = Array.FindIndex(values, v => (v < 0 || v >= bound) && v != ignore);
        Engine.Check.Fail(
            op, $"index {values[at]} at position {at} of {name} {indices.Shape} is outside {what} {target.Shape}; expected 0 to {bound - 1}{(ignore is { } none ? $", or {none} for none" : string.Empty)}.", indices);
    }
}
