using Engine.Kernels;

namespace Engine;

/// <summary>
/// The gradient of attention's bias: one task for each tile of queries of a head, which adds up dS over the batches, in order,
/// into rows that no other task touches. See <see cref="AttentionBiasBackward"/>.
/// </summary>
internal static unsafe class AttentionBiasSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const int Size = AttentionBlock.Size;

    public static void Register(CpuOverrides overrides) => overrides.Add<AttentionBiasBackward>(&Run);

    private static bool Run(in AttentionBiasBackward k, CpuWorkers workers)
    {
        fixed (AttentionBiasBackward* kernel = &k)
        {
            State state = new(kernel, workers.Handle);
            workers.Run((long)k.shape.Hq * Tiles(k.shape), &RunTile, &state);
        }

        return true;
    }

    private static int Tiles(in AttentionShape s) => (s.Tq + Size - 1) / Size;

    private static void RunTile(void* state, long index, int worker)
    {
        ref readonly AttentionBiasBackward k = ref *((State*)state)->Kernel;
        AttentionShape s = k.shape;
        int h = (int)(index / Tiles(s));
        int i = (int)(index % Tiles(s)) * Size;
        int n = Math.Min(Size, s.Tq - i);
        int width = AttentionTile<S, V>.Padded(s.D);
        long tileFloats = AttentionGradientTile<S, V>.Floats(s.D);
        long floats = tileFloats + (2L * Size * width) + (Size * Size);
        float* memory = (float*)CpuWorkers.From(((State*)state)->Workers).Scratch(worker, floats * sizeof(float));
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

        AttentionBlock.KeyBlocks(s, i, out int start, out int end);
        for (int batch = 0; batch < s.B; batch++)
        {
            long atO = k.lo.At(batch, h, i);
            tile.Load(
                s, k.q.Pointer + k.lq.At(batch, h, i), k.lq.Row, k.o.Pointer + atO, k.dO.Pointer + atO, k.lo.Row,
                k.lse.Pointer + ((((long)batch * s.Hq) + h) * s.Tq) + i, n);
            for (int j = start; j < end; j += Size)
            {
                AttentionBlock block = new(s, i, j);
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

    private static void Add(in AttentionBiasBackward k, in AttentionBlock block, int h, float* turned)
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

    private static float* Row(in AttentionBiasBackward k, int h, int i) => k.dBias.Pointer + ((((long)h * k.shape.Tq) + i) * k.shape.Tk);

    private readonly struct State(AttentionBiasBackward* kernel, nint workers)
    {
        public AttentionBiasBackward* Kernel { get; } = kernel;

        public nint Workers { get; } = workers;
    }
}
