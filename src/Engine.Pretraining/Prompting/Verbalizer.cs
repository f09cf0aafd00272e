namespace Engine.Pretraining.Prompting;

/// <summary>
/// The words that stand for each class (Schick and Schütze, "Exploiting cloze questions for few-shot text classification and natural language
/// inference", 2021). A class is as likely as the mean of its words' probabilities.
/// </summary>
public sealed class Verbalizer
{
    /// <summary>A verbaliser from parts such as <c>pos=great,nice</c>, one a class.</summary>
    /// <exception cref="EngineException">A part is not of this form, a class or word comes twice, or there are fewer than two classes.</exception>
    public Verbalizer(IEnumerable<string> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        List<string> labels = [];
        List<string> words = [];
        List<int> classOf = [];
        foreach (string part in classes)
        {
            int at = part.IndexOf('=', StringComparison.Ordinal);
            string label = at < 0 ? string.Empty : part[..at].Trim();
            string[] own = at < 0 ? [] : part[(at + 1)..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (label.Length == 0 || own.Length == 0)
            {
                throw new EngineException($"verbalizer '{part}': expected a label, an equals sign and words between commas, for example pos=great,nice.");
            }

            if (labels.Contains(label) || own.Distinct().Count() < own.Length || own.Any(words.Contains))
            {
                throw new EngineException($"verbalizer '{part}': each label and each word may come once only.");
            }

            classOf.AddRange(own.Select(_ => labels.Count));
            labels.Add(label);
            words.AddRange(own);
        }

        (Labels, Words, ClassOf) = labels.Count > 1
            ? (labels, words, classOf)
            : throw new EngineException("verbalizer: expected two classes or more, for example pos=great,nice neg=bad.");
    }

    /// <summary>The classes.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>All words, those of the first class first.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The class of each word.</summary>
    public IReadOnlyList<int> ClassOf { get; }

    /// <summary>Scores of classes from log-probabilities of words: log of the mean of the probabilities of a class's words.</summary>
    public double[] ClassScores(ReadOnlySpan<double> words)
    {
        double[] best = new double[Labels.Count];
        double[] sums = new double[Labels.Count];
        int[] counts = new int[Labels.Count];
        Array.Fill(best, double.NegativeInfinity);
        for (int w = 0; w < words.Length; w++)
        {
            best[ClassOf[w]] = Math.Max(best[ClassOf[w]], words[w]);
        }

        for (int w = 0; w < words.Length; w++)
        {
            sums[ClassOf[w]] += Math.Exp(words[w] - best[ClassOf[w]]);
            counts[ClassOf[w]]++;
        }

        return [.. best.Select((b, c) => b + Math.Log(sums[c] / counts[c]))];
    }
}
