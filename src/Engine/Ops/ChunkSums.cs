using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Gradients of per-channel parameters that a backward kernel leaves as one partial sum for each fixed chunk of rows: the
/// order of additions depends on the shape alone, never on threads.
/// </summary>
internal static class ChunkSums
{
    /// <summary>Room for the partial sums of the gradient of <paramref name="parameter"/>; undefined if none is wanted.</summary>
    public static Tensor New(GradSink sink, in OpContext context, Tensor parameter, long chunks) =>
        sink.Wants(parameter) ? context.New([(int)chunks, (int)parameter.Count]) : default;

    /// <summary>Adds the partial sums up into the gradient of <paramref name="parameter"/>, accumulating, and frees them.</summary>
    public static void AddTo(GradSink sink, in OpContext context, Tensor parameter, Tensor partial)
    {
        if (!partial.IsDefined)
        {
            return;
        }

        Tensor sum = sink.Accumulator(parameter, out bool accumulate);
        long n = sum.Count;
        context.Launch(
            new SumChunks(partial.Flat<float>(), sum.Flat<float>(), partial.Shape[0], n, accumulate), Block.Cover(n));
        partial.Dispose();
    }
}
