namespace Engine.Pretraining.Tests.Words;

/// <summary>
/// word2vec in plain loops over the text, by the published algorithm: what <see cref="Engine.Pretraining.Words.Word2Vec"/> must come out at.
/// One thread; float32 throughout, as the program computes.
/// </summary>
internal sealed class Word2VecReference(bool cbow, int size, int window, int negative, bool hs, double sample, int iterations, float alpha)
{
    private const int Table = 100_000_000;
    private readonly List<(string Word, long Count)> _words = [];
    private readonly List<List<(int Node, int Bit)>> _paths = [];
    private readonly List<int> _ends = [];
    private float[][] _in = [];
    private float[][] _out = [];
    private float[][] _nodes = [];
    private ulong _random;

    public IEnumerable<string> Words => _words.Select(w => w.Word);

    public float[][] Train(string[][] lines, int minCount)
    {
        Count(lines, minCount);
        MakeTree();
        MakeTable();
        _random = 1;
        _in = [.. _words.Select(_ => Enumerable.Range(0, size).Select(_ => (float)(((Next() & 0xFFFF) / 65536.0) - 0.5) / size).ToArray())];
        _out = [.. _words.Select(_ => new float[size])];
        _nodes = [.. _words.Select(_ => new float[size])];
        _random = 0;
        Dictionary<string, int> index = _words.Select((w, i) => (w.Word, i)).ToDictionary(p => p.Word, p => p.i);
        long total = _words.Sum(w => w.Count);
        long done = 0;
        float rate = alpha;
        for (int pass = 0; pass < iterations; pass++)
        {
            long read = 0;
            long told = 0;
            foreach (string[] line in lines)
            {
                Queue<int> rest = new([.. line.Where(index.ContainsKey).Select(w => index[w]), 0]);
                while (rest.Count > 0)
                {
                    if (read - told > 10_000)
                    {
                        Tell();
                    }

                    List<int> sentence = [];
                    while (rest.Count > 0 && sentence.Count < 1000)
                    {
                        int word = rest.Dequeue();
                        read++;
                        double f = _words[word].Count / (sample * total);
                        if (word != 0 && (sample == 0 || (float)((Math.Sqrt(f) + 1) / f) >= (Next() & 0xFFFF) / 65536f))
                        {
                            sentence.Add(word);
                        }
                    }

                    for (int position = 0; position < Math.Max(1, sentence.Count); position++)
                    {
                        if (position > 0 && read - told > 10_000)
                        {
                            Tell();
                        }

                        Position(sentence, position, rate);
                    }
                }
            }

            done += read - told;

            void Tell()
            {
                done += read - told;
                told = read;
                rate = Math.Max(alpha * 0.0001f, alpha * (1 - (done / (float)((iterations * total) + 1))));
            }
        }

        return _in;
    }

    private ulong Next() => _random = unchecked((_random * 25214903917UL) + 11);

    private void Count(string[][] lines, int minCount)
    {
        List<string> order = [.. lines.SelectMany(l => l).Distinct()];
        _words.Add(("</s>", lines.Length));
        _words.AddRange(order.Select(w => (w, (long)lines.Sum(l => l.Count(x => x == w)))).Where(w => w.Item2 >= minCount).OrderByDescending(w => w.Item2));
    }

    // Two smallest nodes at a time; a word before an inner node only if it is rarer.
    private void MakeTree()
    {
        List<(long Count, int[] Leaves)> inner = [];
        Stack<(long Count, int[] Leaves)> words = new(_words.Select((w, i) => (w.Count, new[] { i })));
        _paths.AddRange(_words.Select(_ => new List<(int, int)>()));
        (long Count, int[] Leaves) Smallest()
        {
            if (words.Count > 0 && (inner.Count == 0 || words.Peek().Count < inner[0].Count))
            {
                return words.Pop();
            }

            (long, int[]) node = inner[0];
            inner.RemoveAt(0);
            return node;
        }

        for (int node = 0; node < _words.Count - 1; node++)
        {
            (long a, int[] left) = Smallest();
            (long b, int[] right) = Smallest();
            Array.ForEach(left, w => _paths[w].Insert(0, (node, 0)));
            Array.ForEach(right, w => _paths[w].Insert(0, (node, 1)));
            inner.Add((a + b, [.. left, .. right]));
        }
    }

    // Where each word's places in the table end, by filling it place by place.
    private void MakeTable()
    {
        double total = _words.Sum(w => Math.Pow(w.Count, 0.75));
        double share = Math.Pow(_words[0].Count, 0.75) / total;
        for (int place = 0, word = 0; place < Table; place++)
        {
            if (place / (double)Table > share && word < _words.Count - 1)
            {
                _ends.Add(place);
                share += Math.Pow(_words[++word].Count, 0.75) / total;
            }
        }

        _ends.Add(Table - 1);
    }

    private void Position(List<int> sentence, int position, float rate)
    {
        int reach = window - (int)(Next() % (ulong)window);
        int[] around = [.. Enumerable.Range(position - reach, (2 * reach) + 1).Where(c => c != position && c >= 0 && c < sentence.Count).Select(c => sentence[c])];
        if (!cbow)
        {
            foreach (int word in around)
            {
                float[] step = Predict(sentence[position], _in[word], rate);
                Add(_in[word], step, 1f);
            }
        }
        else if (around.Length > 0)
        {
            float[] mean = new float[size];
            Array.ForEach(around, w => Add(mean, _in[w], 1f));
            float[] step = Predict(sentence[position], [.. mean.Select(x => x / around.Length)], rate);
            Array.ForEach(around, w => Add(_in[w], step, 1f));
        }
    }

    private float[] Predict(int word, float[] x, float rate)
    {
        float[] error = new float[size];
        if (hs)
        {
            foreach ((int node, int bit) in _paths[word])
            {
                float f = Dot(x, _nodes[node]);
                if (f is > -6 and < 6)
                {
                    float g = (1 - bit - Sigmoid(f)) * rate;
                    Add(error, _nodes[node], g);
                    Add(_nodes[node], x, g);
                }
            }
        }

        for (int d = 0; negative > 0 && d <= negative; d++)
        {
            int target = word;
            if (d > 0)
            {
                ulong random = Next();
                int place = (int)((random >> 16) % Table);
                target = _ends.FindIndex(end => place <= end);
                target = target == 0 ? (int)(random % (ulong)(_words.Count - 1)) + 1 : target;
                if (target == word)
                {
                    continue;
                }
            }

            float f = Dot(x, _out[target]);
            float g = ((d == 0 ? 1 : 0) - (f > 6 ? 1 : f < -6 ? 0 : Sigmoid(f))) * rate;
            Add(error, _out[target], g);
            Add(_out[target], x, g);
        }

        return error;
    }

    private static float Sigmoid(float f)
    {
        int place = (int)((f + 6) * (1000 / 6 / 2));
        float e = (float)Math.Exp(((place / 1000f * 2) - 1) * 6);
        return e / (e + 1);
    }

    private static float Dot(float[] x, float[] y)
    {
        float sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }

    private static void Add(float[] x, float[] y, float factor)
    {
        for (int i = 0; i < x.Length; i++)
        {
            x[i] += factor * y[i];
        }
    }
}
