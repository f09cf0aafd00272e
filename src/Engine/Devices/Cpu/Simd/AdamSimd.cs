using System.Runtime.CompilerServices;
using Engine.Kernels;

namespace Engine;

/// <summary>The step of Adam and AdamW, which only memory bounds once it is vectorised. AMSGrad runs the kernel's body.</summary>
internal static unsafe class AdamSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Register(CpuOverrides overrides) => overrides.Add<AdamStep>(&Run);

    private static bool Run(in AdamStep k, CpuWorkers workers)
    {
        if (k.vMax.Exists)
        {
            return false;
        }

        long perTask = Elementwise<S, V>.PerTask(k.n);
        fixed (AdamStep* state = &k)
        {
            workers.Run((k.n + perTask - 1) / perTask, &RunTask, state);
        }

        return true;
    }

    private static void RunTask(void* state, long index, int worker)
    {
        ref readonly AdamStep k = ref *(AdamStep*)state;
        Rule rule = new(k);
        long perTask = Elementwise<S, V>.PerTask(k.n);
        long start = index * perTask;
        int count = (int)Math.Min(k.n - start, perTask);
        float* p = k.p.Pointer + start;
        float* g = k.g.Pointer + start;
        float* m = k.m.Pointer + start;
        float* v = k.v.Pointer + start;
        int i = 0;
        for (; i + S.Width <= count; i += S.Width)
        {
            V mi = S.Load(m + i);
            V vi = S.Load(v + i);
            V pi = rule.Apply(S.Load(p + i), S.Load(g + i), ref mi, ref vi);
            S.Store(m + i, mi);
            S.Store(v + i, vi);
            S.Store(p + i, pi);
        }

        if (i < count)
        {
            int rest = count - i;
            V mi = S.Load(m + i, rest);
            V vi = S.Load(v + i, rest);
            V pi = rule.Apply(S.Load(p + i, rest), S.Load(g + i, rest), ref mi, ref vi);
            S.Store(m + i, mi, rest);
            S.Store(v + i, vi, rest);
            S.Store(p + i, pi, rest);
        }
    }

    /// <summary>The step's constants in every place of a vector.</summary>
    private readonly struct Rule(in AdamStep k)
    {
        private readonly V _factor = S.Create(GradientFactor.Of(k.clip, k.gradScale));
        private readonly V _l2 = S.Create(k.l2);
        private readonly V _oneMinusBeta1 = S.Create(k.oneMinusBeta1);
        private readonly V _oneMinusBeta2 = S.Create(k.oneMinusBeta2);
        private readonly V _root = S.Create(k.root);
        private readonly V _eps = S.Create(k.eps);
        private readonly V _rate = S.Create(k.rate);
        private readonly V _decay = S.Create(k.decay);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply(V p, V g, ref V m, ref V v)
        {
            V d = S.Fma(_l2, p, S.Mul(_factor, g));
            m = S.Fma(_oneMinusBeta1, S.Sub(d, m), m);
            v = S.Fma(_oneMinusBeta2, S.Sub(S.Mul(d, d), v), v);
            V change = S.Div(S.Mul(_rate, m), S.Fma(S.Sqrt(v), _root, _eps));
            return S.Sub(S.Mul(_decay, p), change);
        }
    }
}
