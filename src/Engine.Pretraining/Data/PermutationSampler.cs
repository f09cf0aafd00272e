namespace Engine.Pretraining.Data;

/// <summary>Windows of a corpus, each a memory and a text, with a factorisation order of the text. A pure function of seed and number.</summary>
public sealed class PermutationSampler
{
    /// <summary>The Philox stream of the seed that orders are drawn from ("PERMUTE").</summary>
    private const ulong Stream = 0x45_54_55_4D_52_45_50;

    /// <summary>Tokens for each target (Yang et al. 2019, section 2.3: K = 6).</summary>
    private const int K = 6;

    private readonly ISampler _windows;
    private readonly RandomStream _random;
    private readonly int[] _tokens;
    private readonly int[] _unused;
    private readonly bool[] _targets;
    private readonly int[] _order;

    /// <summary>A sampler.</summary>
    /// <param name="windows">Draws windows of memory and text.</param>
    /// <param name="memory">M: tokens of the memory, 0 or more.</param>
    /// <param name="seed">Of the orders.</param>
    public PermutationSampler(ISampler windows, int memory, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(windows);
        (_windows, MemoryLength, TextLength) = (windows, memory, windows.SequenceLength - memory);
        Predicted = Math.Max(1, TextLength / K);
        _random = new RandomStream(seed, Stream);
        _tokens = new int[windows.BatchSize * windows.SequenceLength];
        _unused = new int[_tokens.Length];
        _targets = new bool[TextLength];
        _order = new int[TextLength];
    }

    /// <summary>B.</summary>
    public int BatchSize => _windows.BatchSize;

    /// <summary>M.</summary>
    public int MemoryLength { get; }

    /// <summary>T.</summary>
    public int TextLength { get; }

    /// <summary>P: tokens predicted in each text.</summary>
    public int Predicted { get; }

    /// <summary>Fills one batch; allocates nothing.</summary>
    /// <param name="index">Number of the batch.</param>
    /// <param name="memory">(B, M) tokens before the texts.</param>
    /// <param name="inputIds">(B, T) the texts.</param>
    /// <param name="queryMask">(B, 1, T, M + T).</param>
    /// <param name="contentMask">(B, 1, T, M + T).</param>
    /// <param name="places">(B, P): b·T + t of each predicted token.</param>
    /// <param name="labels">(B, P): the tokens there.</param>
    public void Fill(long index, Span<int> memory, Span<int> inputIds, Span<float> queryMask, Span<float> contentMask, Span<int> places, Span<int> labels)
    {
        (int M, int T) = (MemoryLength, TextLength);
        _windows.Fill(index, _tokens, _unused);
        queryMask.Clear();
        contentMask.Clear();
        int place = 0;
        for (int row = 0; row < BatchSize; row++)
        {
            ReadOnlySpan<int> window = _tokens.AsSpan(row * (M + T), M + T);
            window[..M].CopyTo(memory[(row * M)..]);
            window[M..].CopyTo(inputIds[(row * T)..]);
            Draw(((ulong)index * (ulong)BatchSize) + (ulong)row);
            int mask = row * T * (M + T);
            PermutationMask.Fill(_targets, _order, queryMask[mask..], contentMask[mask..], M + T);
            for (int t = 0; t < T; t++)
            {
                if (_targets[t])
                {
                    places[place] = (row * T) + t;
                    labels[place++] = window[M + t];
                }
            }
        }
    }

    // A stream of its own for each window: how many numbers it draws is not known before.
    private void Draw(ulong window)
    {
        _random.Position = window << 20;
        PermutationMask.Targets(Predicted, K, _random, _targets);
        for (int i = 0; i < _order.Length; i++)
        {
            int j = (int)_random.NextInt(i + 1);
            _order[i] = _order[j];
            _order[j] = i;
        }
    }
}
