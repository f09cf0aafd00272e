using Engine.Kernels;

namespace Engine;

/// <summary>
/// One tile of queries in attention's backward, in a worker's scratch memory: what its queries bring along, and P and dS
/// against one block of keys after another, both (keys, queries).
/// </summary>
internal readonly unsafe struct AttentionGradientTile<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const int Size = AttentionBlock.Size;

    private readonly float* _places;
    private readonly float* _lse;
    private readonly float* _delta;
    private readonly float* _turnedQueries;
    private readonly float* _turnedResultGradients;

    public AttentionGradientTile(float* memory, int D)
    {
        Width = AttentionTile<S, V>.Padded(D);
        _places = memory;
        _lse = _places + (3 * Size);
        _delta = _lse + Size;
        Probabilities = _delta + Size;
        ScoreGradients = Probabilities + (Size * Size);
        _turnedQueries = ScoreGradients + (Size * Size);
        _turnedResultGradients = _turnedQueries + ((long)D * Size);
        Queries = _turnedResultGradients + ((long)D * Size);
        ResultGradients = Queries + ((long)Size * Width);
    }

    /// <summary>Columns of a packed row.</summary>
    public int Width { get; }

    /// <summary>P of the present block.</summary>
    public float* Probabilities { get; }

    /// <summary>dS of the present block, times the factor asked for.</summary>
    public float* ScoreGradients { get; }

    /// <summary>The queries, packed.</summary>
    public float* Queries { get; }

    /// <summary>dO, packed.</summary>
    public float* ResultGradients { get; }

    /// <summary>Floats of memory that a tile needs.</summary>
    public static long Floats(int D) => (5L * Size) + (2L * Size * Size) + (2L * D * Size) + (2L * Size * AttentionTile<S, V>.Padded(D));

    /// <summary>Takes in a tile of <paramref name="n"/> queries: q, o, dO at row steps, and their log-sum-exp.</summary>
    public void Load<T>(in AttentionShape s, T* q, long qStride, T* o, T* dO, long oStride, float* lse, int n)
        where T : unmanaged
    {
        AttentionTile<S, V>.Pack(q, qStride, n, s.D, Queries);
        AttentionTile<S, V>.Pack(dO, oStride, n, s.D, ResultGradients);
        AttentionTile<S, V>.Turn(Queries, Width, n, s.D, s.Scale, _turnedQueries);
        AttentionTile<S, V>.Turn(ResultGradients, Width, n, s.D, 1f, _turnedResultGradients);
        for (int i = 0; i < Size; i++)
        {
            _places[i] = i;
            _lse[i] = i < n ? lse[i] : 0f;
            _delta[i] = i < n ? Dot(o + (i * oStride), dO + (i * oStride), s.D) : 0f;
        }
    }

    /// <summary>Computes P and factor·dS against a block of packed keys and values.</summary>
    public void Differentiate(in AttentionBlock block, in AttentionShape s, float factor, float* keys, float* values, int* keyMask, float* bias)
    {
        block.StoreRanges(_places + Size, _places + (2 * Size));
        for (int i = 0; i < block.Queries; i += TileProduct<S, V>.Columns)
        {
            AttentionTile<S, V>.RowsOf(block, i, out int start, out int end);
            AttentionTile<S, V>.Products(keys, _turnedQueries, Probabilities, i, start, end, s.D);
            AttentionTile<S, V>.Products(values, _turnedResultGradients, ScoreGradients, i, start, end, s.D);
            if (bias != null)
            {
                AttentionTile<S, V>.AddBias(block, bias, s.Tk, Probabilities, i, start, end);
            }

            Softmax(block, factor, keyMask, i, start, end);
            Softmax(block, factor, keyMask, i + S.Width, start, end);
            if (block.HasRanges)
            {
                Clear(i, 0, start);
                Clear(i, end, block.Keys);
            }
        }
    }

    // Ranges need not be in order: a key's products may run over queries between those that see it.
    private void Clear(int query, int start, int end)
    {
        for (int j = start; j < end; j++)
        {
            new Span<float>(Probabilities + (j * Size) + query, TileProduct<S, V>.Columns).Clear();
            new Span<float>(ScoreGradients + (j * Size) + query, TileProduct<S, V>.Columns).Clear();
        }
    }

    private static float Dot<T>(T* x, T* y, int D)
        where T : unmanaged
    {
        V sum = S.Zero;
        int d = 0;
        for (; d + S.Width <= D; d += S.Width)
        {
            sum = S.Fma(Stored<S, V>.Load(x + d), Stored<S, V>.Load(y + d), sum);
        }

        if (d < D)
        {
            sum = S.Fma(Stored<S, V>.Load(x + d, D - d), Stored<S, V>.Load(y + d, D - d), sum);
        }

        return S.Sum(sum);
    }

    // One vector of queries: scores become P and dP becomes factor·P∘(dP − Δ).
    private void Softmax(in AttentionBlock block, float factor, int* keyMask, int query, int start, int end)
    {
        AttentionCut<S, V> cut = new(block, _places + query);
        V lse = S.Load(_lse + query);
        V delta = S.Load(_delta + query);
        V f = S.Create(factor);
        for (int j = start; j < end; j++)
        {
            float* p = Probabilities + (j * Size) + query;
            float* dS = ScoreGradients + (j * Size) + query;
            V x = keyMask != null && keyMask[j] == 0
                ? S.Zero
                : cut.Apply(SimdMath<S, V>.ExpBelow88(S.Sub(S.Load(p), lse)), j, S.Zero);
            S.Store(p, x);
            S.Store(dS, S.Mul(S.Mul(f, x), S.Sub(S.Load(dS), delta)));
        }
    }
}
