using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// The gradient of attention's bias: one task for each tile of queries of a head, which adds up dS over the batches, in order,
/// into rows that no other task touches. See <see cref="AttentionBiasBackward{T, E}"/>.
/// </summary>
internal static unsafe class AttentionBiasSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const int Size = AttentionBlock.Size;

    public static void Register(CpuOverrides overrides)
    {
        overrides.Add<AttentionBiasBackward<float, Float32Element>>(&Run);
        overrides.Add<AttentionBiasBackward<BFloat16, BFloat16Element>>(&Run);
        overrides.Add<AttentionBiasBackward<Half, Float16Element>>(&Run);
    }

    private static bool Run<T, E>(in AttentionBiasBackward<T, E> k, CpuWorkers workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        fixed (AttentionBiasBackward<T, E>* kernel = &k)
        {
            State<T, E> state = new(kernel, workers.Handle);
            workers.Run((long)k.shape.Hq * Tiles(k.shape), &RunTile<T, E>, &state);
        }

        return true;
    }

    private static int Tiles(in AttentionShape s) => (s.Tq + Size - 1) / Size;

    private static void RunTile<T, E>(void* state, long index, int worker)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        ref readonly AttentionBiasBackward<T, E> k = ref *((State<T, E>*)state)->Kernel;
        AttentionShape s = k.shape;
        int h = (int)(index / Tiles(s));
        int i = (int)(index % Tiles(s)) * Size;
        int n = Math.Min(Size, s.Tq - i);
        int width = AttentionTile<S, V>.Padded(s.D);
        long tileFloats = AttentionGradientTile<S, V>.Floats(s.D);
        long floats = tileFloats + (2L * Size * width) + (Size * Size);
        float* memory = (float*)CpuWorkers.From(((State<T, E>*)state)->Workers).Scratch(worker, floats * sizeof(float));
        AttentionGradientTile<S, V> tile = new(memory, s.D);
        float* keys = memory + tileFloats;
        float* values = keys + ((long)Size * width);
        float* turned = values + ((long)Size * width);
        if (!k.accumulate)
        {
            for (int r = 0; r < n; r++)
            {
                new Span<float>(Row(k, h, i + r), s.Tk).Clear();
            }
        }

        for (int batch = 0; batch < s.B; batch++)
        {
            int* ranges = AttentionBlock.RangesOf(k.keyRanges, s, batch);
            AttentionBlock.KeyBlocks(s, i, ranges, out int start, out int end);
            long atO = k.lo.At(batch, h, i);
            tile.Load(
                s, k.q.Pointer + k.lq.At(batch, h, i), k.lq.Row, k.o.Pointer + atO, k.dO.Pointer + atO, k.lo.Row,
                k.lse.Pointer + ((((long)batch * s.Hq) + h) * s.Tq) + i, n);
            for (int j = start; j < end; j += Size)
            {
                AttentionBlock block = new(s, i, j, ranges);
                AttentionTile<S, V>.Pack(k.k.Pointer + k.lk.At(batch, h / s.Group, j), k.lk.Row, block.Keys, s.D, keys);
                AttentionTile<S, V>.Pack(k.v.Pointer + k.lv.At(batch, h / s.Group, j), k.lv.Row, block.Keys, s.D, values);
                tile.Differentiate(
                    block, s, 1f, keys, values,
                    k.keyMask.Exists ? k.keyMask.Pointer + ((long)batch * s.Tk) + j : null,
                    k.bias.Exists ? k.bias.Pointer + ((long)h * s.Tq * s.Tk) : null);
                Turning.Run(tile.ScoreGradients, Size, block.Keys, Size, 1f, turned, Size);
                Add(k, block, h, turned);
            }
        }
    }

    private static void Add<T, E>(in AttentionBiasBackward<T, E> k, in AttentionBlock block, int h, float* turned)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        for (int r = 0; r < block.Queries; r++)
        {
            block.KeysOf(r, 1, out int j, out int end);
            float* row = Row(k, h, block.FirstQuery + r) + block.FirstKey;
            float* from = turned + (r * Size);
            for (; j + S.Width <= end; j += S.Width)
            {
                S.Store(row + j, S.Add(S.Load(row + j), S.Load(from + j)));
            }

            for (; j < end; j++)
            {
                row[j] += from[j];
            }
        }
    }

    private static float* Row<T, E>(in AttentionBiasBackward<T, E> k, int h, int i)
        where T : unmanaged
        where E : unmanaged, IElement<T> => k.dBias.Pointer + ((((long)h * k.shape.Tq) + i) * k.shape.Tk);

    private readonly struct State<T, E>(AttentionBiasBackward<T, E>* kernel, nint workers)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        public AttentionBiasBackward<T, E>* Kernel { get; } = kernel;

        public nint Workers { get; } = workers;
    }
}
