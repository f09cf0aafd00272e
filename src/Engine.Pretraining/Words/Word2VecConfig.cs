namespace Engine.Pretraining.Words;

/// <summary>How word2vec trains (Mikolov et al., "Efficient estimation of word representations in vector space", 2013); names and defaults are word2vec.c's.</summary>
public sealed record Word2VecConfig
{
    /// <summary>Whether the words around predict the word between them (CBOW); otherwise each word predicts those around it (skip-gram).</summary>
    public bool Cbow { get; init; }

    /// <summary>D, numbers of a vector.</summary>
    public int Size { get; init; } = 100;

    /// <summary>Words on each side, shrunk at each place to a uniform number from 1 to this.</summary>
    public int Window { get; init; } = 5;

    /// <summary>Words drawn against each true one; 0 for no negative sampling.</summary>
    public int Negative { get; init; } = 5;

    /// <summary>Whether words are predicted by hierarchical softmax, instead of negative sampling or beside it.</summary>
    public bool HierarchicalSoftmax { get; init; }

    /// <summary>The frequency above which words are left out at random; 0 for never.</summary>
    public double Sample { get; init; } = 1e-3;

    /// <summary>Passes over the corpus.</summary>
    public int Iterations { get; init; } = 5;

    /// <summary>The first learning rate; it falls linearly to a ten-thousandth. 0 for word2vec.c's: 0.05 for CBOW, 0.025 for skip-gram.</summary>
    public double Alpha { get; init; }

    /// <summary>
    /// Threads. One gives the same bits every time. More train on one table without locks (Recht et al., "Hogwild!", 2011), as word2vec.c
    /// does: faster, and a little different every time.
    /// </summary>
    public int Threads { get; init; } = 1;

    /// <summary>The learning rate that <see cref="Alpha"/> stands for.</summary>
    public double StartingAlpha => Alpha > 0 ? Alpha : Cbow ? 0.05 : 0.025;

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="EngineException">One is out of range; names it.</exception>
    public Word2VecConfig Validated()
    {
        AtLeast("size", Size, 1);
        AtLeast("window", Window, 1);
        AtLeast("negative", Negative, 0);
        AtLeast("iterations", Iterations, 1);
        AtLeast("threads", Threads, 1);
        return !double.IsFinite(Sample) || Sample < 0 ? throw new EngineException($"word2vec: sample is {Sample}; expected 0 for no subsampling, or a frequency such as 0.001.")
            : !double.IsFinite(Alpha) || Alpha < 0 ? throw new EngineException($"word2vec: alpha is {Alpha}; expected a learning rate, or 0 for the default.")
            : Negative == 0 && !HierarchicalSoftmax ? throw new EngineException("word2vec: negative is 0 and hierarchical softmax is off, so nothing would be trained; set one of them.")
            : this;
    }

    private static void AtLeast(string key, int value, int least)
    {
        if (value < least)
        {
            throw new EngineException($"word2vec: {key} is {value}; expected at least {least}.");
        }
    }
}
