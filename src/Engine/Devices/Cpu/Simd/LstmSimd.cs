using System.Runtime.CompilerServices;
using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// An LSTM's recurrence, forward and backward: a task walks over all steps of its group of sequences, with the weights packed
/// beforehand and cells vectorised. The sums are those of the kernels' bodies in the same order.
/// </summary>
internal static unsafe class LstmSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const int Group = LstmShape.Group;

    public static void Register(CpuOverrides overrides)
    {
        overrides.Add<LstmForward>(&Forward);
        overrides.Add<LstmBackward>(&Backward);
    }

    private static bool Forward(in LstmForward k, CpuWorkers workers)
    {
        LstmShape n = k.shape;
        bool projected = k.m.Exists;
        long weights = LstmPanels<S, V>.Floats(n.P, n.H, gates: true);
        long more = projected ? LstmPanels<S, V>.Floats(n.H, n.P, gates: false) : 0;
        float* memory = (float*)workers.Scratch(0, (weights + more) * sizeof(float));
        State<LstmForward> state = new(
            k, n, k.lengths, k.reverse, new(memory, k.weight.Pointer, n.P, n.H, gates: true),
            projected ? new(memory + weights, k.projection.Pointer, n.H, n.P, gates: false) : default);
        workers.Run(n.Blocks, &ForwardTask, &state);
        return true;
    }

    private static bool Backward(in LstmBackward k, CpuWorkers workers)
    {
        LstmShape n = k.shape;
        bool projected = k.projection.Exists;
        long weights = LstmPanels<S, V>.Floats(4 * n.H, n.P, gates: false);
        long more = projected ? LstmPanels<S, V>.Floats(n.P, n.H, gates: false) : 0;
        float* memory = (float*)workers.Scratch(0, (weights + more) * sizeof(float));
        State<LstmBackward> state = new(
            k, n, k.lengths, k.reverse, new(memory, k.weight.Pointer, 4 * n.H, n.P, gates: false),
            projected ? new(memory + weights, k.projection.Pointer, n.P, n.H, gates: false) : default);
        workers.Run(n.Blocks, &BackwardTask, &state);
        return true;
    }

    private static void ForwardTask(void* state, long index, int worker)
    {
        ref readonly State<LstmForward> s = ref *(State<LstmForward>*)state;
        ref readonly LstmForward k = ref s.Kernel;
        (long H, long P) = (s.Shape.H, s.Shape.P);
        float* sums = stackalloc float[4 * Group * S.Width];
        float** x = stackalloc float*[Group];
        Walk walk = new(s.Shape, s.Lengths, s.Reverse, index);
        for (int r = 0; r < walk.Count; r++)
        {
            Copy(k.h0, walk.Item(r) * P, k.hn.Pointer + (walk.Item(r) * P), P);
            Copy(k.c0, walk.Item(r) * H, k.cn.Pointer + (walk.Item(r) * H), H);
            if (s.Shape.T > 0)
            {
                Copy(walk.Length(r) > 0 ? k.h0 : default, walk.Item(r) * P, k.before.Pointer + (walk.Row(r, 0) * P), P);
            }
        }

        for (long t = 0; t < s.Shape.T; t++)
        {
            Rows(ref walk, t, k.before.Pointer, P, x);
            for (long j = 0; j < H; j += S.Width)
            {
                s.Weight.Multiply(j / S.Width, x, sums);
                for (int r = 0; r < walk.Count; r++)
                {
                    Cell(k, sums + (r * 4 * S.Width), walk.Row(r, t), walk.Item(r), j, (int)Math.Min(S.Width, H - j), t < walk.Length(r));
                }
            }

            if (k.m.Exists)
            {
                Rows(ref walk, t, k.m.Pointer, H, x);
                for (long p = 0; p < P; p += 4 * S.Width)
                {
                    s.Projection.Multiply(p / (4 * S.Width), x, sums);
                    for (int r = 0; r < walk.Count; r++)
                    {
                        long n = Math.Min(4 * S.Width, P - p);
                        new Span<float>(sums + (r * 4 * S.Width), (int)n).CopyTo(new(k.y.Pointer + (walk.Row(r, t) * P) + p, (int)n));
                    }
                }
            }

            for (int r = 0; r < walk.Count; r++)
            {
                Hand(k, walk, r, t);
            }
        }
    }

    // Row r's cells j … j + n − 1 of a step.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Cell(in LstmForward k, float* sums, long row, long item, long j, int n, bool active)
    {
        long H = k.shape.H;
        V cell = S.Zero;
        V output = S.Zero;
        if (active)
        {
            float* z = k.gates.Pointer + (row * 4 * H) + j;
            float* last = k.cn.Pointer + (item * H) + j;
            V i = Sigmoid(S.Add(Load(z, n), S.Load(sums)));
            V f = Sigmoid(S.Add(Load(z + H, n), S.Load(sums + S.Width)));
            V g = SimdMath<S, V>.Tanh(S.Add(Load(z + (2 * H), n), S.Load(sums + (2 * S.Width))));
            V o = Sigmoid(S.Add(Load(z + (3 * H), n), S.Load(sums + (3 * S.Width))));
            cell = S.Fma(f, Load(last, n), S.Mul(i, g));
            output = S.Mul(o, SimdMath<S, V>.Tanh(cell));
            Store(z, i, n);
            Store(z + H, f, n);
            Store(z + (2 * H), g, n);
            Store(z + (3 * H), o, n);
            Store(last, cell, n);
        }

        Store(k.c.Pointer + (row * H) + j, cell, n);
        Store((k.m.Exists ? k.m.Pointer : k.y.Pointer) + (row * H) + j, output, n);
    }

    // h of a sequence after step t becomes the state before the next one, and the last one if there is none.
    private static void Hand(in LstmForward k, in Walk walk, int r, long t)
    {
        long P = k.shape.P;
        ReadOnlySpan<float> h = new(k.y.Pointer + (walk.Row(r, t) * P), (int)P);
        if (t < walk.Length(r))
        {
            h.CopyTo(new(k.hn.Pointer + (walk.Item(r) * P), (int)P));
        }

        if (t + 1 < k.shape.T)
        {
            Span<float> next = new(k.before.Pointer + (walk.Row(r, t + 1) * P), (int)P);
            if (t + 1 < walk.Length(r))
            {
                h.CopyTo(next);
            }
            else
            {
                next.Clear();
            }
        }
    }

    private static void BackwardTask(void* state, long index, int worker)
    {
        ref readonly State<LstmBackward> s = ref *(State<LstmBackward>*)state;
        ref readonly LstmBackward k = ref s.Kernel;
        (long H, long P) = (s.Shape.H, s.Shape.P);
        float* sums = stackalloc float[4 * Group * S.Width];
        float** x = stackalloc float*[Group];
        Walk walk = new(s.Shape, s.Lengths, s.Reverse, index);
        for (int r = 0; r < walk.Count; r++)
        {
            Copy(k.dHn, walk.Item(r) * P, k.dH0.Pointer + (walk.Item(r) * P), P);
            Copy(k.dCn, walk.Item(r) * H, k.dC0.Pointer + (walk.Item(r) * H), H);
        }

        for (long t = s.Shape.T - 1; t >= 0; t--)
        {
            for (int r = 0; r < walk.Count; r++)
            {
                Arrive(k, walk.Row(r, t) * P, walk.Item(r) * P, t < walk.Length(r));
            }

            Rows(ref walk, t, k.dH.Pointer, P, x);
            for (long j = 0; j < H; j += 4 * S.Width)
            {
                if (k.projection.Exists)
                {
                    s.Projection.Multiply(j / (4 * S.Width), x, sums);
                }

                for (int r = 0; r < walk.Count; r++)
                {
                    float* dM = k.projection.Exists ? sums + (r * 4 * S.Width) : k.dH.Pointer + (walk.Row(r, t) * H) + j;
                    float* before = t > 0 ? k.c.Pointer + (walk.Row(r, t - 1) * H) : k.c0.Exists ? k.c0.Pointer + (walk.Item(r) * H) : null;
                    for (long i = j; i < Math.Min(H, j + (4 * S.Width)); i += S.Width)
                    {
                        Cell(k, dM + (i - j), before, walk.Row(r, t), walk.Item(r), i, (int)Math.Min(S.Width, H - i), t < walk.Length(r));
                    }
                }
            }

            Rows(ref walk, t, k.gates.Pointer, 4 * H, x);
            for (long p = 0; p < P; p += 4 * S.Width)
            {
                s.Weight.Multiply(p / (4 * S.Width), x, sums);
                for (int r = 0; r < walk.Count; r++)
                {
                    if (t < walk.Length(r))
                    {
                        int n = (int)Math.Min(4 * S.Width, P - p);
                        new Span<float>(sums + (r * 4 * S.Width), n).CopyTo(new(k.dH0.Pointer + (walk.Item(r) * P) + p, n));
                    }
                }
            }
        }
    }

    private static void Arrive(in LstmBackward k, long row, long item, bool active)
    {
        long P = k.shape.P;
        for (long p = 0; p < P; p += S.Width)
        {
            int n = (int)Math.Min(S.Width, P - p);
            V dH = active ? S.Add(Load(k.dY.Pointer + row + p, n), Load(k.dH0.Pointer + item + p, n)) : S.Zero;
            Store(k.dH.Pointer + row + p, dH, n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Cell(in LstmBackward k, float* dOutput, float* before, long row, long item, long j, int n, bool active)
    {
        long H = k.shape.H;
        float* z = k.gates.Pointer + (row * 4 * H) + j;
        V dI = S.Zero, dF = S.Zero, dG = S.Zero, dO = S.Zero;
        if (active)
        {
            V one = S.Create(1f);
            float* state = k.dC0.Pointer + (item * H) + j;
            V i = Load(z, n);
            V f = Load(z + H, n);
            V g = Load(z + (2 * H), n);
            V o = Load(z + (3 * H), n);
            V tanh = SimdMath<S, V>.Tanh(Load(k.c.Pointer + (row * H) + j, n));
            V dM = Load(dOutput, n);
            V dC = S.Fma(S.Mul(dM, o), S.Sub(one, S.Mul(tanh, tanh)), Load(state, n));
            dI = S.Mul(S.Mul(dC, g), S.Mul(i, S.Sub(one, i)));
            dF = before == null ? S.Zero : S.Mul(S.Mul(dC, Load(before + j, n)), S.Mul(f, S.Sub(one, f)));
            dG = S.Mul(S.Mul(dC, i), S.Sub(one, S.Mul(g, g)));
            dO = S.Mul(S.Mul(dM, tanh), S.Mul(o, S.Sub(one, o)));
            Store(state, S.Mul(dC, f), n);
        }

        Store(z, dI, n);
        Store(z + H, dF, n);
        Store(z + (2 * H), dG, n);
        Store(z + (3 * H), dO, n);
    }

    // The rows of step t; a group that is not full repeats its last.
    private static void Rows(ref Walk walk, long t, float* rows, long width, float** x)
    {
        for (int r = 0; r < Group; r++)
        {
            x[r] = rows + (walk.Row(Math.Min(r, walk.Count - 1), t) * width);
        }
    }

    private static void Copy(View<float> from, long offset, float* to, long n)
    {
        Span<float> target = new(to, (int)n);
        if (from.Exists)
        {
            new ReadOnlySpan<float>(from.Pointer + offset, (int)n).CopyTo(target);
        }
        else
        {
            target.Clear();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Sigmoid(V x) => VectorFunctions<S, V>.Sigmoid.Value(x, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load(float* p, int n) => n == S.Width ? S.Load(p) : S.Load(p, n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* p, V x, int n)
    {
        if (n == S.Width)
        {
            S.Store(p, x);
        }
        else
        {
            S.Store(p, x, n);
        }
    }

    private readonly struct State<K>(K k, LstmShape shape, View<int> lengths, bool reverse, LstmPanels<S, V> weight, LstmPanels<S, V> projection)
        where K : unmanaged
    {
        public readonly K Kernel = k;
        public readonly LstmShape Shape = shape;
        public readonly View<int> Lengths = lengths;
        public readonly bool Reverse = reverse;
        public readonly LstmPanels<S, V> Weight = weight;
        public readonly LstmPanels<S, V> Projection = projection;
    }

    /// <summary>Where a group of sequences is.</summary>
    private readonly struct Walk(LstmShape shape, View<int> lengths, bool reverse, long index)
    {
        public int Count => (int)Math.Min(Group, shape.B - (index * Group));

        public long Item(int r) => (index * Group) + r;

        public long Length(int r) => shape.Length(lengths, Item(r));

        public long Row(int r, long step) => shape.Row(Item(r), step, Length(r), reverse);
    }
}
