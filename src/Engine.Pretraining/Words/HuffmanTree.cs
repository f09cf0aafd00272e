namespace Engine.Pretraining.Words;

/// <summary>
/// The binary tree of hierarchical softmax (Morin, Bengio, "Hierarchical probabilistic neural network language model", 2005), made
/// by Huffman's rule as word2vec.c does, so that frequent words have short paths: a word is a walk from the root, a bit at each inner node.
/// </summary>
internal sealed class HuffmanTree
{
    /// <summary>The tree of a vocabulary.</summary>
    /// <param name="counts">Occurrences of each word, the first one aside in falling order.</param>
    public HuffmanTree(IReadOnlyList<long> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        int n = counts.Count;
        long[] weight = [.. counts, .. Enumerable.Repeat(long.MaxValue, Math.Max(0, n - 1))];
        int[] parent = new int[weight.Length];
        bool[] bit = new bool[weight.Length];

        // Words from the rarest up, inner nodes from the first made: the two smallest are at the heads of these lists.
        int word = n - 1;
        int inner = n;
        int Smallest() => word >= 0 && weight[word] < weight[inner] ? word-- : inner++;
        for (int made = n; made < weight.Length; made++)
        {
            int a = Smallest();
            int b = Smallest();
            weight[made] = weight[a] + weight[b];
            (parent[a], parent[b], bit[b]) = (made, made, true);
        }

        (Codes, Points) = (new bool[n][], new int[n][]);
        for (int i = 0; i < n; i++)
        {
            List<int> path = [];
            for (int node = i; node != weight.Length - 1; node = parent[node])
            {
                path.Add(node);
            }

            path.Reverse();
            Codes[i] = [.. path.Select(node => bit[node])];
            Points[i] = [.. path.Select(node => parent[node] - n)];
        }
    }

    /// <summary>Of each word, the bits of its path from the root.</summary>
    public bool[][] Codes { get; }

    /// <summary>Of each word, the inner nodes where those bits are decided; the root is the last, number of words − 2.</summary>
    public int[][] Points { get; }
}
