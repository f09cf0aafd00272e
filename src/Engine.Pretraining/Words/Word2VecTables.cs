namespace Engine.Pretraining.Words;

/// <summary>What word2vec learns and what it looks up.</summary>
internal sealed class Word2VecTables
{
    /// <summary>Scores beyond ± this are as good as certain.</summary>
    public const float MaxScore = 6f;

    private const int SigmoidEntries = 1000;
    private readonly float[] _sigmoid = new float[SigmoidEntries];

    public Word2VecTables(WordVocabulary vocabulary, Word2VecConfig config)
    {
        int V = vocabulary.Words.Count;
        Input = new WordMatrix(V, config.Size);
        ulong random = 1;
        for (int i = 0; i < V; i++)
        {
            foreach (ref float x in Input[i])
            {
                random = Next(random);
                x = (float)((((random & 0xFFFF) / 65536.0) - 0.5) / config.Size);
            }
        }

        if (config.HierarchicalSoftmax)
        {
            Tree = new HuffmanTree(vocabulary.Counts);
            Nodes = new WordMatrix(Math.Max(1, V - 1), config.Size);
        }

        if (config.Negative > 0)
        {
            Noise = new NoiseTable(vocabulary.Counts);
            Output = new WordMatrix(V, config.Size);
        }

        for (int i = 0; i < SigmoidEntries; i++)
        {
            float e = (float)Math.Exp(((i / (float)SigmoidEntries * 2) - 1) * MaxScore);
            _sigmoid[i] = e / (e + 1);
        }
    }

    /// <summary>The vectors of words, (V, D); small random numbers at first.</summary>
    public WordMatrix Input { get; }

    /// <summary>The vectors that negative sampling compares with, (V, D); zero at first.</summary>
    public WordMatrix? Output { get; }

    /// <summary>The vectors of the tree's inner nodes, (V − 1, D); zero at first.</summary>
    public WordMatrix? Nodes { get; }

    public NoiseTable? Noise { get; }

    public HuffmanTree? Tree { get; }

    /// <summary>The linear congruential generator of word2vec.c, modulo 2⁶⁴.</summary>
    public static ulong Next(ulong random) => unchecked((random * 25214903917) + 11);

    /// <summary>σ(x) for −6 ≤ x ≤ 6 from a table of 1,000 places.</summary>
    public float Sigmoid(float x) => _sigmoid[(int)((x + MaxScore) * (SigmoidEntries / (int)MaxScore / 2))];
}
