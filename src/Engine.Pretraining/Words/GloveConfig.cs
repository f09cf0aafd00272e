namespace Engine.Pretraining.Words;

/// <summary>How GloVe trains; names and defaults are those of the published program.</summary>
public sealed record GloveConfig
{
    /// <summary>D, numbers of a vector.</summary>
    public int VectorSize { get; init; } = 50;

    /// <summary>The largest distance of words that count as neighbours.</summary>
    public int WindowSize { get; init; } = 15;

    /// <summary>The count from which on a pair has full weight, x_max; 100, and 10 for small corpora.</summary>
    public double XMax { get; init; } = 100;

    /// <summary>The exponent of the weight, (x/x_max)^α.</summary>
    public double Alpha { get; init; } = 0.75;

    /// <summary>The learning rate of AdaGrad, η.</summary>
    public double Eta { get; init; } = 0.05;

    /// <summary>Passes over the pairs.</summary>
    public int Iterations { get; init; } = 25;

    /// <summary>The magnitude that a number's gradient is cut to.</summary>
    public double GradClip { get; init; } = 100;

    /// <summary>Whether η scales the steps of biases too, as in the paper and the first program; the present program leaves it out there.</summary>
    public bool ScaleBiases { get; init; }

    /// <summary>Of the first vectors and of the order of pairs.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="EngineException">One is out of range; names it.</exception>
    public GloveConfig Validated()
    {
        Positive("vector_size", VectorSize);
        Positive("window_size", WindowSize);
        Positive("iterations", Iterations);
        Positive("x_max", XMax);
        Positive("alpha", Alpha);
        Positive("eta", Eta);
        Positive("grad_clip", GradClip);
        return this;
    }

    private static void Positive(string key, double value)
    {
        if (!double.IsFinite(value) || value <= 0)
        {
            throw new EngineException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"GloVe: {key} is {value}; expected a number above 0."));
        }
    }
}
