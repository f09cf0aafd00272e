using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>Sums over rows, whole vectors of columns at a time.</summary>
internal static unsafe class ColumnSumSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Register(CpuOverrides overrides)
    {
        overrides.Add<ColumnSum<float, Float32Element>>(&Run);
        overrides.Add<ColumnSum<BFloat16, BFloat16Element>>(&Run);
        overrides.Add<ColumnSum<Half, Float16Element>>(&Run);
    }

    private static bool Run<T, E>(in ColumnSum<T, E> k, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        fixed (ColumnSum<T, E>* state = &k)
        {
            workers.Run(ColumnChunks.Blocks(k.rows, k.columns, k.chunk), &Group<T, E>, state);
        }

        return true;
    }

    private static void Group<T, E>(void* state, long index, int worker)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly ColumnSum<T, E> k = ref *(ColumnSum<T, E>*)state;
        long groups = (k.columns + ColumnChunks.Width - 1) / ColumnChunks.Width;
        long r = index / groups;
        long left = index % groups * ColumnChunks.Width;
        long right = Math.Min(left + ColumnChunks.Width, k.columns);
        long top = r * k.chunk;
        long rows = Math.Min(top + k.chunk, k.rows) - top;
        T* x = k.x.Pointer + (top * k.columns);
        SimdSums<S, V>.Columns(x, rows, k.columns, k.y.Pointer + (r * k.columns), left, right, 1f, k.accumulate);
    }
}
