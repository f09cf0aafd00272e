using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// y = f(u, v) where operands are broadcast or strided, run by run: a run is a stretch over which each operand steps by one element or
/// stays where it is.
/// </summary>
internal static unsafe class Broadcast<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const long ElementsPerTask = 1 << 14;

    /// <summary>False, having done nothing, where runs are too short or step otherwise: the kernel's body does those.</summary>
    public static bool Run<T, G>(T* u, in Layout lu, T* v, in Layout lv, T* y, long n, CpuWorkers workers)
        where T : unmanaged
        where G : struct, IVectorFunction2<V>
    {
        long run = lu.IsFlat ? LayoutWalk.Inner(lv)
            : lv.IsFlat ? LayoutWalk.Inner(lu)
            : LayoutWalk.Common(LayoutWalk.Inner(lu), LayoutWalk.Inner(lv));
        if (run < S.Width || !Steps(lu) || !Steps(lv))
        {
            return false;
        }

        State state = new() { U = u, V = v, Y = y, Lu = lu, Lv = lv, Count = n, Run = run, PerTask = Math.Max(1, ElementsPerTask / run) * run };
        workers.Run((n + state.PerTask - 1) / state.PerTask, &Task<T, G>, &state);
        return true;
    }

    private static bool Steps(in Layout layout) => layout.IsFlat || layout.Stride(layout.Rank - 1) is 0 or 1;

    private static void Task<T, G>(void* state, long index, int worker)
        where T : unmanaged
        where G : struct, IVectorFunction2<V>
    {
        ref readonly State s = ref *(State*)state;
        long start = index * s.PerTask;
        long end = Math.Min(s.Count, start + s.PerTask);
        LayoutWalk u = new(s.Lu, start, s.Run);
        LayoutWalk v = new(s.Lv, start, s.Run);
        for (long i = start; i < end; i += s.Run)
        {
            Elementwise<S, V>.Line<T, T, T, G>(
                (T*)s.U + u.Offset, u.Step, (T*)s.V + v.Offset, v.Step, (T*)s.Y + i, 0f, Math.Min(s.Run, end - i));
            u.Next();
            v.Next();
        }
    }

    private struct State
    {
        public void* U;
        public void* V;
        public void* Y;
        public Layout Lu;
        public Layout Lv;
        public long Count;
        public long Run;
        public long PerTask;
    }
}
