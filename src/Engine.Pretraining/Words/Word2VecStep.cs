namespace Engine.Pretraining.Words;

/// <summary>The steps of one thread: what happens at one position of a sentence.</summary>
internal sealed unsafe class Word2VecStep(Word2VecTables tables, Word2VecConfig config, ulong seed)
{
    private readonly WordMatrix _scratch = new(2, config.Size);
    private readonly int _stride = tables.Input.Stride;
    private readonly int _words = tables.Input.Rows;
    private double _loss;
    private long _scores;
    private double _lossBefore;
    private long _scoresBefore;

    /// <summary>The state of the generator.</summary>
    public ulong Random { get; private set; } = seed;

    /// <summary>The mean loss of all steps.</summary>
    public double Loss => _loss / Math.Max(1, _scores);

    /// <summary>The next random number.</summary>
    public ulong NextRandom() => Random = Word2VecTables.Next(Random);

    /// <summary>The mean loss since the last call.</summary>
    public double TakeLoss()
    {
        double loss = (_loss - _lossBefore) / Math.Max(1, _scores - _scoresBefore);
        (_lossBefore, _scoresBefore) = (_loss, _scores);
        return loss;
    }

    /// <summary>Trains the word at a position with its neighbours.</summary>
    public void Train(ReadOnlySpan<int> sentence, int position, float alpha)
    {
        int shrink = (int)(NextRandom() % (ulong)config.Window);
        int reach = config.Window - shrink;
        int first = Math.Max(0, position - reach);
        int last = Math.Min(sentence.Length - 1, position + reach);
        if (config.Cbow)
        {
            Cbow(sentence, position, first, last, alpha);
            return;
        }

        for (int c = first; c <= last; c++)
        {
            if (c != position)
            {
                float* x = tables.Input.Row(sentence[c]);
                float* error = _scratch.Row(0);
                _scratch[0].Clear();
                Predict(sentence[position], x, error, alpha);
                WordMatrix.Add(1f, error, x, _stride);
            }
        }
    }

    private void Cbow(ReadOnlySpan<int> sentence, int position, int first, int last, float alpha)
    {
        float* mean = _scratch.Row(1);
        _scratch[1].Clear();
        int count = 0;
        for (int c = first; c <= last; c++)
        {
            if (c != position)
            {
                WordMatrix.Add(1f, tables.Input.Row(sentence[c]), mean, _stride);
                count++;
            }
        }

        if (count == 0)
        {
            return;
        }

        foreach (ref float x in _scratch[1])
        {
            x /= count;
        }

        float* error = _scratch.Row(0);
        _scratch[0].Clear();
        Predict(sentence[position], mean, error, alpha);
        for (int c = first; c <= last; c++)
        {
            if (c != position)
            {
                WordMatrix.Add(1f, error, tables.Input.Row(sentence[c]), _stride);
            }
        }
    }

    // Moves the output vectors for "the input x goes with this word" and adds to error what they say to x.
    private void Predict(int word, float* x, float* error, float alpha)
    {
        if (tables.Tree is { } tree)
        {
            bool[] code = tree.Codes[word];
            int[] point = tree.Points[word];
            for (int d = 0; d < code.Length; d++)
            {
                float* node = tables.Nodes!.Row(point[d]);
                float f = WordMatrix.Dot(x, node, _stride);

                // Unlike with negative samples, what is certain is left alone even if it is wrong.
                if (f > -Word2VecTables.MaxScore && f < Word2VecTables.MaxScore)
                {
                    float sigma = tables.Sigmoid(f);
                    Count(code[d] ? 1f - sigma : sigma);
                    WordMatrix.Step(((code[d] ? 0f : 1f) - sigma) * alpha, x, node, error, _stride);
                }
            }
        }

        for (int d = 0; tables.Output is { } output && d <= config.Negative; d++)
        {
            int target = d == 0 ? word : Draw();
            if (d > 0 && target == word)
            {
                continue;
            }

            float* y = output.Row(target);
            float f = WordMatrix.Dot(x, y, _stride);
            float label = d == 0 ? 1f : 0f;
            float sigma = f > Word2VecTables.MaxScore ? 1f : f < -Word2VecTables.MaxScore ? 0f : tables.Sigmoid(f);
            Count(d == 0 ? sigma : 1f - sigma);
            WordMatrix.Step((label - sigma) * alpha, x, y, error, _stride);
        }
    }

    // A word of the noise distribution; a sentence end stands for a word drawn evenly.
    private int Draw()
    {
        ulong random = NextRandom();
        int target = tables.Noise!.At((int)((random >> 16) % NoiseTable.Places));
        return target == 0 ? (int)(random % (ulong)(_words - 1)) + 1 : target;
    }

    private void Count(float probability)
    {
        // A table's σ is never 0; a certain one is taken as the table's last.
        _loss -= Math.Log(Math.Max(probability, 2.5e-3f));
        _scores++;
    }
}
