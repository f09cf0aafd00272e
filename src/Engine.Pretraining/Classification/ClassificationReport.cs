namespace Engine.Pretraining.Classification;

/// <summary>What classifiers of one encoder got right over some seeds.</summary>
/// <param name="Name">Which encoder.</param>
/// <param name="Accuracies">The share of the test sentences, one number a seed.</param>
/// <param name="Confusion">Of the first seed: sentences of true class i that were called j.</param>
public sealed record ClassificationResult(string Name, IReadOnlyList<double> Accuracies, ConfusionMatrix Confusion)
{
    /// <summary>Their mean.</summary>
    public double Mean => Accuracies.Average();

    /// <summary>Their standard deviation as a sample; NaN for a single seed.</summary>
    public double StandardDeviation => Math.Sqrt(Accuracies.Sum(a => (a - Mean) * (a - Mean)) / (Accuracies.Count - 1));
}

/// <summary>Results on one set of sentences.</summary>
/// <param name="Labels">The classes, in the order of the confusion matrices.</param>
/// <param name="Training">Sentences trained on.</param>
/// <param name="Test">Sentences tested on.</param>
/// <param name="Majority">The accuracy of always naming the class that training has most often.</param>
/// <param name="Results">One for each encoder.</param>
public sealed record ClassificationReport(
    IReadOnlyList<string> Labels, int Training, int Test, double Majority, IReadOnlyList<ClassificationResult> Results);

/// <summary>How often sentences of one class were given another.</summary>
public sealed class ConfusionMatrix
{
    private readonly int[] _counts;
    private readonly int _classes;

    /// <summary>Counts answers.</summary>
    /// <param name="classes">Number of classes.</param>
    /// <param name="truth">The true classes.</param>
    /// <param name="answers">The answers.</param>
    public ConfusionMatrix(int classes, ReadOnlySpan<int> truth, ReadOnlySpan<int> answers)
    {
        (_classes, _counts) = (classes, new int[classes * classes]);
        for (int i = 0; i < truth.Length; i++)
        {
            _counts[(truth[i] * classes) + answers[i]]++;
        }
    }

    /// <summary>Cases of class <paramref name="truth"/> that were called <paramref name="answer"/>.</summary>
    public int this[int truth, int answer] => _counts[(truth * _classes) + answer];

    /// <summary>The share of right answers.</summary>
    public double Accuracy => (double)Enumerable.Range(0, _classes).Sum(i => this[i, i]) / _counts.Sum();
}
