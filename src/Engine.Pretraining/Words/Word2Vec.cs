namespace Engine.Pretraining.Words;

/// <summary>How far training has come.</summary>
/// <param name="Words">Words gone through, over all passes.</param>
/// <param name="TotalWords">Of so many.</param>
/// <param name="LearningRate">The rate of the next steps.</param>
/// <param name="Loss">The mean of −log σ(±score) since the last report, over true words and drawn ones alike.</param>
public readonly record struct WordProgress(long Words, long TotalWords, double LearningRate, double Loss);

/// <summary>
/// word2vec, step for step as the published C program trains (Mikolov et al. 2013, both papers): the same vocabulary, random numbers, subsampling,
/// windows, negative words, table of σ and falling rate, so that one thread ends at the same vectors but for rounding. Each pair of a word and
/// a neighbour is a step of plain SGD on the vectors that it touches.
/// </summary>
public sealed class Word2Vec
{
    private const int MostWords = 1000;
    private const int WordsPerUpdate = 10_000;
    private readonly WordVocabulary _vocabulary;
    private readonly Word2VecConfig _config;
    private readonly Word2VecTables _tables;
    private readonly double[] _keep;
    private long _done;

    /// <summary>Untrained vectors.</summary>
    /// <exception cref="EngineException">The configuration is not valid, or the tables are too large.</exception>
    public Word2Vec(WordVocabulary vocabulary, Word2VecConfig config)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(config);
        (_vocabulary, _config) = (vocabulary, config.Validated());
        _tables = new Word2VecTables(vocabulary, config);
        _keep = SubsamplingKeep(vocabulary.Counts, config.Sample);
        Rate = (float)config.StartingAlpha;
    }

    /// <summary>The vectors as they are now.</summary>
    public WordVectors Vectors => WordVectors.From(_vocabulary.Words, i => _tables.Input[i], _config.Size);

    /// <summary>The learning rate that training has come to.</summary>
    internal float Rate { get; set; }

    /// <summary>The state of the first thread's generator, which each pass goes on with.</summary>
    internal ulong Random { get; set; }

    /// <summary>What is learned.</summary>
    internal Word2VecTables Tables => _tables;

    /// <summary>What negative words are drawn from; null without negative sampling.</summary>
    internal NoiseTable? Noise => _tables.Noise;

    /// <summary>Goes through the corpus as often as configured.</summary>
    /// <param name="words">The corpus, by <see cref="WordVocabulary.Encode"/>.</param>
    /// <param name="progress">Is told every 10,000 words of the first thread.</param>
    /// <param name="cancellation">Ends training after a pass; the vectors are those reached.</param>
    public void Train(int[] words, Action<WordProgress>? progress = null, CancellationToken cancellation = default)
    {
        for (int pass = 0; pass < _config.Iterations && !cancellation.IsCancellationRequested; pass++)
        {
            Pass(words, pass, progress);
        }
    }

    /// <summary>One pass over the corpus; goes on with <see cref="Rate"/> and <see cref="Random"/>.</summary>
    /// <param name="words">The corpus.</param>
    /// <param name="number">Passes done before.</param>
    /// <param name="progress">Is told every 10,000 words of the first thread.</param>
    /// <returns>The mean loss of the first thread, as in <see cref="WordProgress"/>.</returns>
    internal double Pass(int[] words, int number, Action<WordProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(words);
        _done = (long)number * words.Length;
        Thread[] threads = [.. Enumerable.Range(1, _config.Threads - 1).Select(t => new Thread(() => Run(words, t, null)))];
        Array.ForEach(threads, t => t.Start());
        double loss = Run(words, 0, progress);
        Array.ForEach(threads, t => t.Join());
        return loss;
    }

    // One thread's share of a pass.
    private double Run(int[] words, int thread, Action<WordProgress>? progress)
    {
        Word2VecStep step = new(_tables, _config, seed: thread == 0 ? Random : (ulong)thread + (ulong)_done);
        int first = (int)((long)words.Length * thread / _config.Threads);
        int end = (int)((long)words.Length * (thread + 1) / _config.Threads);
        int[] sentence = new int[MostWords];
        float rate = Rate;
        int reported = first;
        for (int at = first; at < end;)
        {
            int length = Read(words, ref at, end, sentence, step);

            // An empty sentence takes a random number too: the program goes once around for it.
            for (int position = 0; position == 0 || position < length; position++)
            {
                step.Train(sentence.AsSpan(0, length), position, rate);
                if (at - reported > WordsPerUpdate)
                {
                    rate = Update(Interlocked.Add(ref _done, at - reported), words.Length);
                    reported = at;
                    progress?.Invoke(new(_done, (long)_config.Iterations * words.Length, rate, step.TakeLoss()));
                }
            }
        }

        Interlocked.Add(ref _done, end - reported);
        if (thread == 0)
        {
            (Rate, Random) = (rate, step.Random);
        }

        return step.Loss;
    }

    // In float32, as the program computes it.
    private float Update(long done, int words)
    {
        float start = (float)_config.StartingAlpha;
        return Math.Max(start * 1e-4f, start * (1 - (done / (float)(((long)_config.Iterations * words) + 1))));
    }

    /// <summary>The probability with which subsampling keeps each word: (√(f/t) + 1)·t/f, at most 1, f being its frequency.</summary>
    /// <param name="counts">Occurrences of each word.</param>
    /// <param name="sample">The threshold t; 0 keeps everything.</param>
    /// <param name="paper">Whether to take the paper's formula, √(t/f), and not the program's.</param>
    public static double[] SubsamplingKeep(IReadOnlyList<long> counts, double sample, bool paper = false)
    {
        ArgumentNullException.ThrowIfNull(counts);
        double threshold = sample * counts.Sum();
        return [.. counts.Select(c => sample > 0 && c > 0 ? Math.Min(1, paper ? Math.Sqrt(threshold / c) : (Math.Sqrt(c / threshold) + 1) * threshold / c) : 1)];
    }

    // The next sentence without the words that subsampling drops: up to a line end, or 1,000 words.
    private int Read(int[] words, ref int at, int end, int[] sentence, Word2VecStep step)
    {
        int length = 0;
        while (at < end && length < MostWords)
        {
            int word = words[at++];
            if (word == 0)
            {
                break;
            }

            if (_config.Sample > 0 && (float)_keep[word] < (step.NextRandom() & 0xFFFF) / 65536f)
            {
                continue;
            }

            sentence[length++] = word;
        }

        return length;
    }
}
