using Engine.Kernels;

namespace Engine;

/// <summary>Sums over rows, whole vectors of columns at a time.</summary>
internal static unsafe class ColumnSumSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Register(CpuOverrides overrides) => overrides.Add<ColumnSum>(&Run);

    private static bool Run(in ColumnSum k, CpuWorkers workers)
    {
        fixed (ColumnSum* state = &k)
        {
            workers.Run(ColumnSum.Blocks(k.rows, k.columns, k.chunk), &Group, state);
        }

        return true;
    }

    private static void Group(void* state, long index, int worker)
    {
        ref readonly ColumnSum k = ref *(ColumnSum*)state;
        long groups = (k.columns + ColumnSum.Width - 1) / ColumnSum.Width;
        long r = index / groups;
        long left = index % groups * ColumnSum.Width;
        long right = Math.Min(left + ColumnSum.Width, k.columns);
        long top = r * k.chunk;
        long rows = Math.Min(top + k.chunk, k.rows) - top;
        float* x = k.x.Pointer + (top * k.columns);
        SimdSums<S, V>.Columns(x, rows, k.columns, k.y.Pointer + (r * k.columns), left, right, 1f, k.accumulate);
    }
}
