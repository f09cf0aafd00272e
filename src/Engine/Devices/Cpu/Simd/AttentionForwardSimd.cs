using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Attention forward: one task for each tile of queries of a head, which meets the keys block by block. See
/// <see cref="AttentionForward{T, E}"/> for the formulas and <see cref="AttentionTile{S, V}"/> for the layout of scores.
/// </summary>
internal static unsafe class AttentionForwardSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const int Size = AttentionBlock.Size;

    public static void Register(CpuOverrides overrides)
    {
        overrides.Add<AttentionForward<float, Float32Element>>(&Run);
        overrides.Add<AttentionForward<BFloat16, BFloat16Element>>(&Run);
        overrides.Add<AttentionForward<Half, Float16Element>>(&Run);
    }

    private static bool Run<T, E>(in AttentionForward<T, E> k, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        if (k.shape.Tq <= AttentionRows<S, V>.MostQueries || AreScattered(k))
        {
            AttentionRows<S, V>.Run(k, workers);
            return true;
        }

        long tiles = (k.shape.Tq + Size - 1) / Size;
        fixed (AttentionForward<T, E>* kernel = &k)
        {
            State<T, E> state = new(kernel, workers.Handle);
            workers.Run(tiles * k.shape.B * k.shape.Hq, &RunTile<T, E>, &state);
        }

        return true;
    }

    // Whether the tiles' queries look at places so far apart that each had better be alone: a tile meets all keys between the first and the
    // last that one of its queries sees. A pair in a tile costs about a third of one alone.
    private static bool AreScattered<T, E>(in AttentionForward<T, E> k)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        long alone = 0;
        long tiled = 0;
        AttentionShape s = k.shape;
        for (int batch = 0; batch < s.B && k.keyRanges.Exists; batch++)
        {
            for (int i = 0; i < s.Tq; i++)
            {
                alone += Math.Max(0, Attention.EndKey(s, k.keyRanges, batch, i) - Attention.FirstKey(s, k.keyRanges, batch, i));
            }

            for (int i = 0; i < s.Tq; i += Size)
            {
                AttentionBlock.KeyBlocks(s, i, AttentionBlock.RangesOf(k.keyRanges, s, batch), out int start, out int end);
                tiled += (long)Size * Math.Max(0, end - start);
            }
        }

        return 3 * alone < tiled;
    }

    private static void RunTile<T, E>(void* state, long index, int worker)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly AttentionForward<T, E> k = ref *((State<T, E>*)state)->Kernel;
        AttentionShape s = k.shape;
        int tiles = (s.Tq + Size - 1) / Size;
        int i = (int)(index % tiles) * Size;
        int h = (int)(index / tiles % s.Hq);
        int batch = (int)(index / tiles / s.Hq);
        Scratch m = new(((State<T, E>*)state)->Workers, worker, s.D);
        T* q = k.q.Pointer + k.lq.At(batch, h, i);
        AttentionTile<S, V>.Turn(q, k.lq.Row, Math.Min(Size, s.Tq - i), s.D, s.Scale, m.Queries, spare: m.Keys);
        m.Reset();
        int* ranges = AttentionBlock.RangesOf(k.keyRanges, s, batch);
        AttentionBlock.KeyBlocks(s, i, ranges, out int start, out int end);
        for (int j = start; j < end; j += Size)
        {
            AttentionBlock block = new(s, i, j, ranges);
            block.StoreRanges(m.Places + Size, m.Places + (2 * Size));
            Meet(k, block, batch, h, m, first: j == start);
        }

        Finish(k, batch, h, i, m);
    }

    private static void Meet<T, E>(in AttentionForward<T, E> k, in AttentionBlock block, int batch, int h, in Scratch m, bool first)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        AttentionShape s = k.shape;
        int kvHead = h / s.Group;
        AttentionTile<S, V>.Pack(k.k.Pointer + k.lk.At(batch, kvHead, block.FirstKey), k.lk.Row, block.Keys, s.D, m.Keys);
        AttentionTile<S, V>.Pack(k.v.Pointer + k.lv.At(batch, kvHead, block.FirstKey), k.lv.Row, block.Keys, s.D, m.Values);
        int* keyMask = k.keyMask.Exists ? k.keyMask.Pointer + ((long)batch * s.Tk) + block.FirstKey : null;
        for (int i = 0; i < block.Queries; i += TileProduct<S, V>.Columns)
        {
            AttentionTile<S, V>.RowsOf(block, i, out int start, out int end);
            AttentionTile<S, V>.Products(m.Keys, m.Queries, m.Scores, i, start, end, s.D);
            if (k.bias.Exists)
            {
                AttentionTile<S, V>.AddBias(block, k.bias.Pointer + ((long)h * s.Tq * s.Tk), s.Tk, m.Scores, i, start, end);
            }

            Softmax(block, keyMask, m, i, start, end);
            Softmax(block, keyMask, m, i + S.Width, start, end);
        }

        for (int i = 0; i < block.Queries && !first; i++)
        {
            float* row = m.Sums + ((long)i * m.Width);
            AttentionTile<S, V>.StoreScaled(row, row, m.Width, m.Rescale[i]);
        }

        AttentionTile<S, V>.AddWeighted(block, m.Scores, m.Values, m.Sums, s.D);
    }

    // One vector of queries: scores become exp(score − greatest so far), and the running sum follows the new greatest.
    private static void Softmax(in AttentionBlock block, int* keyMask, in Scratch m, int query, int start, int end)
    {
        AttentionCut<S, V> cut = new(block, m.Places + query);
        V hidden = S.Create(float.NegativeInfinity);
        float* scores = m.Scores + query;
        V before = S.Load(m.Greatest + query);
        V greatest = before;
        for (int j = start; j < end; j++)
        {
            V x = keyMask != null && keyMask[j] == 0 ? hidden : cut.Apply(S.Load(scores + (j * Size)), j, hidden);
            S.Store(scores + (j * Size), x);
            
            // Not S.Max: a NaN may get lost here, since exp brings it back.
            greatest = S.IfGreater(x, greatest, x, greatest);
        }

        // With no visible key yet, 0 in place of −∞ keeps exp(−∞ − m) at 0 and not NaN.
        V safe = S.IfGreater(greatest, hidden, greatest, S.Zero);
        V rescale = SimdMath<S, V>.ExpBelow88(S.Sub(before, safe));
        V sum = S.Mul(rescale, S.Load(m.Total + query));
        for (int j = start; j < end; j++)
        {
            V p = SimdMath<S, V>.ExpBelow88(S.Sub(S.Load(scores + (j * Size)), safe));
            S.Store(scores + (j * Size), p);
            sum = S.Add(sum, p);
        }

        S.Store(m.Greatest + query, greatest);
        S.Store(m.Total + query, sum);
        S.Store(m.Rescale + query, rescale);
    }

    private static void Finish<T, E>(in AttentionForward<T, E> k, int batch, int h, int i, in Scratch m)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        AttentionShape s = k.shape;
        int n = Math.Min(Size, s.Tq - i);
        for (int r = 0; r < n; r++)
        {
            float l = m.Total[r];
            T* o = k.o.Pointer + k.lo.At(batch, h, i + r);
            AttentionTile<S, V>.StoreScaled(m.Sums + ((long)r * m.Width), o, s.D, l == 0f ? 0f : 1f / l);
            if (k.lse.Exists)
            {
                k.lse[((((long)batch * s.Hq) + h) * s.Tq) + i + r] = l == 0f ? float.PositiveInfinity : m.Greatest[r] + MathF.Log(l);
            }
        }
    }

    private readonly struct State<T, E>(AttentionForward<T, E>* kernel, nint workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        public AttentionForward<T, E>* Kernel { get; } = kernel;

        public nint Workers { get; } = workers;
    }

    /// <summary>A worker's memory for one tile of queries.</summary>
    private readonly struct Scratch
    {
        public Scratch(nint workers, int worker, int D)
        {
            Width = AttentionTile<S, V>.Padded(D);
            long floats = (6L * Size) + (Size * Size) + ((long)D * Size) + (3L * Size * Width);
            Places = (float*)CpuWorkers.From(workers).Scratch(worker, floats * sizeof(float));
            Greatest = Places + (3 * Size);
            Total = Greatest + Size;
            Rescale = Total + Size;
            Scores = Rescale + Size;
            Queries = Scores + (Size * Size);
            Keys = Queries + ((long)D * Size);
            Values = Keys + ((long)Size * Width);
            Sums = Values + ((long)Size * Width);
        }

        /// <summary>Columns of a packed row.</summary>
        public int Width { get; }

        /// <summary>0, 1, 2 …: the queries' places in the tile, and room for their ranges.</summary>
        public float* Places { get; }

        /// <summary>The greatest score of each query so far.</summary>
        public float* Greatest { get; }

        /// <summary>Σ exp(score − greatest) of each query so far.</summary>
        public float* Total { get; }

        /// <summary>What the last change of the greatest score makes of each query's sums.</summary>
        public float* Rescale { get; }

        /// <summary>Scores, then their exp: (keys, queries).</summary>
        public float* Scores { get; }

        /// <summary>The queries, turned and scaled: (D, queries).</summary>
        public float* Queries { get; }

        /// <summary>The block's keys, packed.</summary>
        public float* Keys { get; }

        /// <summary>The block's values, packed.</summary>
        public float* Values { get; }

        /// <summary>Σ exp(score − greatest)·v of each query so far, packed.</summary>
        public float* Sums { get; }

        public void Reset()
        {
            for (int i = 0; i < Size; i++)
            {
                Places[i] = i;
            }

            new Span<float>(Greatest, Size).Fill(float.NegativeInfinity);
            new Span<float>(Total, Size).Clear();
            new Span<float>(Sums, Size * Width).Clear();
        }
    }
}
