using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Attention backward: one task for each key head of a batch, which goes through the tiles of queries of its group and, for each,
/// the blocks of keys. All five products of a block are made while it is in cache, so scores are recomputed once and not once for
/// dQ and once for dK and dV; dK and dV are summed in the task's own memory, in one order. See <see cref="AttentionBackward{T, E}"/>.
/// </summary>
internal static unsafe class AttentionBackwardSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const int Size = AttentionBlock.Size;

    public static void Register(CpuOverrides overrides)
    {
        overrides.Add<AttentionBackward<float, Float32Element>>(&Run);
        overrides.Add<AttentionBackward<BFloat16, BFloat16Element>>(&Run);
        overrides.Add<AttentionBackward<Half, Float16Element>>(&Run);
    }

    private static bool Run<T, E>(in AttentionBackward<T, E> k, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        fixed (AttentionBackward<T, E>* kernel = &k)
        {
            State<T, E> state = new(kernel, workers.Handle);
            workers.Run((long)k.shape.B * k.shape.Hk, &RunHead<T, E>, &state);
        }

        return true;
    }

    private static void RunHead<T, E>(void* state, long index, int worker)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly AttentionBackward<T, E> k = ref *((State<T, E>*)state)->Kernel;
        AttentionShape s = k.shape;
        int batch = (int)(index / s.Hk);
        int kvHead = (int)(index % s.Hk);
        Scratch m = new(((State<T, E>*)state)->Workers, worker, s);
        AttentionTile<S, V>.Pack(k.k.Pointer + k.lk.At(batch, kvHead, 0), k.lk.Row, s.Tk, s.D, m.Keys);
        AttentionTile<S, V>.Pack(k.v.Pointer + k.lv.At(batch, kvHead, 0), k.lv.Row, s.Tk, s.D, m.Values);
        new Span<float>(m.KeySums, s.Tk * m.Tile.Width).Clear();
        new Span<float>(m.ValueSums, s.Tk * m.Tile.Width).Clear();
        for (int h = kvHead * s.Group; h < (kvHead + 1) * s.Group; h++)
        {
            for (int i = 0; i < s.Tq; i += Size)
            {
                Queries(k, batch, h, i, m);
            }
        }

        if (k.dK.Exists)
        {
            AttentionTile<S, V>.Unpack(m.KeySums, k.dK.Pointer + k.ldK.At(batch, kvHead, 0), k.ldK.Row, s.Tk, s.D);
            AttentionTile<S, V>.Unpack(m.ValueSums, k.dV.Pointer + k.ldV.At(batch, kvHead, 0), k.ldV.Row, s.Tk, s.D);
        }
    }

    private static void Queries<T, E>(in AttentionBackward<T, E> k, int batch, int h, int i, in Scratch m)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        AttentionShape s = k.shape;
        int n = Math.Min(Size, s.Tq - i);
        AttentionGradientTile<S, V> tile = m.Tile;
        tile.Load(
            s, k.q.Pointer + k.lq.At(batch, h, i), k.lq.Row, k.o.Pointer + k.lo.At(batch, h, i), k.dO.Pointer + k.lo.At(batch, h, i),
            k.lo.Row, k.lse.Pointer + ((((long)batch * s.Hq) + h) * s.Tq) + i, n);
        new Span<float>(m.QuerySums, Size * tile.Width).Clear();
        int* ranges = AttentionBlock.RangesOf(k.keyRanges, s, batch);
        AttentionBlock.KeyBlocks(s, i, ranges, out int start, out int end);
        for (int j = start; j < end; j += Size)
        {
            AttentionBlock block = new(s, i, j, ranges);
            long at = (long)j * tile.Width;
            tile.Differentiate(
                block, s, s.Scale, m.Keys + at, m.Values + at,
                k.keyMask.Exists ? k.keyMask.Pointer + ((long)batch * s.Tk) + j : null,
                k.bias.Exists ? k.bias.Pointer + ((long)h * s.Tq * s.Tk) : null);
            if (k.dK.Exists)
            {
                AttentionTile<S, V>.AddWeightedTurned(block, tile.Probabilities, tile.ResultGradients, m.ValueSums + at, s.D);
                AttentionTile<S, V>.AddWeightedTurned(block, tile.ScoreGradients, tile.Queries, m.KeySums + at, s.D);
            }

            if (k.dQ.Exists)
            {
                AttentionTile<S, V>.AddWeighted(block, tile.ScoreGradients, m.Keys + at, m.QuerySums, s.D);
            }
        }

        if (k.dQ.Exists)
        {
            AttentionTile<S, V>.Unpack(m.QuerySums, k.dQ.Pointer + k.ldQ.At(batch, h, i), k.ldQ.Row, n, s.D);
        }
    }

    private readonly struct State<T, E>(AttentionBackward<T, E>* kernel, nint workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        public AttentionBackward<T, E>* Kernel { get; } = kernel;

        public nint Workers { get; } = workers;
    }

    /// <summary>A worker's memory for one key head: all its keys, values and their gradients, and one tile of queries.</summary>
    private readonly struct Scratch
    {
        public Scratch(nint workers, int worker, in AttentionShape s)
        {
            int width = AttentionTile<S, V>.Padded(s.D);
            long all = (long)s.Tk * width;
            long floats = AttentionGradientTile<S, V>.Floats(s.D) + ((long)Size * width) + (4 * all);
            float* memory = (float*)CpuWorkers.From(workers).Scratch(worker, floats * sizeof(float));
            Tile = new(memory, s.D);
            QuerySums = memory + AttentionGradientTile<S, V>.Floats(s.D);
            Keys = QuerySums + ((long)Size * width);
            Values = Keys + all;
            KeySums = Values + all;
            ValueSums = KeySums + all;
        }

        public AttentionGradientTile<S, V> Tile { get; }

        public float* QuerySums { get; }

        public float* Keys { get; }

        public float* Values { get; }

        public float* KeySums { get; }

        public float* ValueSums { get; }
    }
}
