using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>
/// What the SIMD attention's forward and backward share. Scores are kept transposed, keys by queries: the vectors run over
/// queries, so that maximum, sum and exp of the softmax need no sums across a vector, and the one operand that must be turned
/// is the tile of queries, once for all keys.
/// </summary>
internal static unsafe class AttentionTile<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const int Size = AttentionBlock.Size;

    /// <summary>Columns of a packed row: the head size, filled up with zeros to whole panels.</summary>
    public static int Padded(int D) => (D + TileProduct<S, V>.Columns - 1) / TileProduct<S, V>.Columns * TileProduct<S, V>.Columns;

    /// <summary>Rows side by side, each of <see cref="Padded"/> columns.</summary>
    public static void Pack<T>(T* from, long stride, int rows, int D, float* to)
        where T : unmanaged
    {
        int width = Padded(D);
        for (int r = 0; r < rows; r++)
        {
            int d = 0;
            for (; d + S.Width <= D; d += S.Width)
            {
                S.Store(to + d, Stored<S, V>.Load(from + d));
            }

            for (; d < width; d += S.Width)
            {
                S.Store(to + d, Stored<S, V>.Load(from + d, Math.Max(0, D - d)));
            }

            from += stride;
            to += width;
        }
    }

    /// <summary>The reverse of <see cref="Pack"/>.</summary>
    public static void Unpack<T>(float* from, T* to, long stride, int rows, int D)
        where T : unmanaged
    {
        int width = Padded(D);
        for (int r = 0; r < rows; r++)
        {
            StoreScaled(from + ((long)r * width), to + (r * stride), D, 1f);
        }
    }

    /// <summary>to = scale·from for one packed row.</summary>
    public static void StoreScaled<T>(float* from, T* to, int D, float scale)
        where T : unmanaged
    {
        V factor = S.Create(scale);
        int d = 0;
        for (; d + S.Width <= D; d += S.Width)
        {
            Stored<S, V>.Store(to + d, S.Mul(factor, S.Load(from + d)));
        }

        if (d < D)
        {
            Stored<S, V>.Store(to + d, S.Mul(factor, S.Load(from + d)), D - d);
        }
    }

    /// <summary>A tile of rows turned to (D, Size) and scaled; missing rows become zeros.</summary>
    /// <param name="from">The rows.</param>
    /// <param name="stride">From one row to the next.</param>
    /// <param name="rows">How many there are.</param>
    /// <param name="D">Columns.</param>
    /// <param name="scale">The factor.</param>
    /// <param name="to">The result.</param>
    /// <param name="spare">Memory for a packed tile, used where rows must be widened first.</param>
    public static void Turn<T>(T* from, long stride, int rows, int D, float scale, float* to, float* spare)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            Turn((float*)from, stride, rows, D, scale, to);
            return;
        }

        Pack(from, stride, rows, D, spare);
        Turn(spare, Padded(D), rows, D, scale, to);
    }

    /// <summary>The same for float32 rows.</summary>
    public static void Turn(float* from, long stride, int rows, int D, float scale, float* to)
    {
        if (rows < Size)
        {
            new Span<float>(to, D * Size).Clear();
        }

        Turning.Run(from, stride, rows, D, scale, to, Size);
    }

    /// <summary>
    /// The rows of a panel's scores that anyone reads: the keys its queries see, in whole groups, since a group's products run
    /// over everything that one of its rows needs.
    /// </summary>
    public static void RowsOf(in AttentionBlock block, int query, out int start, out int end)
    {
        int group = TileProduct<S, V>.Group;
        block.KeysOf(query, TileProduct<S, V>.Columns, out start, out end);
        start = start / group * group;
        end = Math.Min(block.Keys, (end + group - 1) / group * group);
    }

    /// <summary>products (keys, Size) = packed rows · turned tile, for the rows of one panel of queries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Products(float* packed, float* turned, float* products, int query, int start, int end, int D)
    {
        int width = Padded(D);
        TileProduct<S, V>.Panel(
            packed + ((long)start * width), width, 1, turned + query, Size, products + (start * Size) + query, Size, end - start, D, accumulate: false);
    }

    /// <summary>sums (queries, D) += weightsᵀ (queries, keys) · packed rows (keys, D), of each group of queries with the keys it sees.</summary>
    public static void AddWeighted(in AttentionBlock block, float* weights, float* packed, float* sums, int D)
    {
        int width = Padded(D);
        int group = TileProduct<S, V>.Group;
        for (int i = 0; i < block.Queries; i += group)
        {
            int rows = Math.Min(group, block.Queries - i);
            block.KeysOf(i, rows, out int start, out int end);
            for (int d = 0; d < width && end > start; d += TileProduct<S, V>.Columns)
            {
                TileProduct<S, V>.Panel(
                    weights + (start * Size) + i, 1, Size, packed + ((long)start * width) + d, width, sums + ((long)i * width) + d, width,
                    rows, end - start, accumulate: true);
            }
        }
    }

    /// <summary>sums (keys, D) += weights (keys, queries) · packed rows (queries, D), of each group of keys with the queries that see it.</summary>
    public static void AddWeightedTurned(in AttentionBlock block, float* weights, float* packed, float* sums, int D)
    {
        int width = Padded(D);
        int group = TileProduct<S, V>.Group;
        for (int j = 0; j < block.Keys; j += group)
        {
            int rows = Math.Min(group, block.Keys - j);
            block.QueriesOf(j, rows, out int start, out int end);
            for (int d = 0; d < width && end > start; d += TileProduct<S, V>.Columns)
            {
                TileProduct<S, V>.Panel(
                    weights + (j * Size) + start, Size, 1, packed + ((long)start * width) + d, width, sums + ((long)j * width) + d, width,
                    rows, end - start, accumulate: true);
            }
        }
    }

    /// <summary>Adds the bias (Tq, Tk) of one head to the scores of a panel.</summary>
    public static void AddBias(in AttentionBlock block, float* bias, int Tk, float* scores, int query, int start, int end)
    {
        int last = Math.Min(block.Queries, query + TileProduct<S, V>.Columns);
        for (int i = query; i < last; i++)
        {
            float* row = bias + ((long)(block.FirstQuery + i) * Tk) + block.FirstKey;
            for (int j = start; j < end; j++)
            {
                scores[(j * Size) + i] += row[j];
            }
        }
    }
}
