namespace Engine.Pretraining.Logs;

/// <summary>Neighbouring steps of a curve as one point.</summary>
/// <param name="Step">The middle of their steps.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Min">Their least value.</param>
/// <param name="Max">Their greatest value.</param>
public readonly record struct CurvePoint(double Step, double Mean, double Min, double Max);

/// <summary>
/// A figure over the steps of a run in bounded memory: once there are more points than <see cref="MaxPoints"/>, neighbours become
/// one that keeps their mean and range, so that a spike of a single step in a million is still seen.
/// </summary>
public sealed class Curve
{
    /// <summary>The most points a curve has.</summary>
    public const int MaxPoints = 600;

    private readonly List<Bucket> _buckets = [];
    private int _width; // a bucket covers 2^width steps

    /// <summary>Values that were added; those that are not finite are left out.</summary>
    public long Count { get; private set; }

    /// <summary>The value of the last step; NaN if there is none.</summary>
    public double Last { get; private set; } = double.NaN;

    /// <summary>The last step; 0 if there is none.</summary>
    public long LastStep { get; private set; }

    /// <summary>The least value of all; NaN if there is none.</summary>
    public double Min { get; private set; } = double.NaN;

    /// <summary>The greatest value of all; NaN if there is none.</summary>
    public double Max { get; private set; } = double.NaN;

    /// <summary>The points, by step.</summary>
    public IReadOnlyList<CurvePoint> Points =>
        [.. _buckets.Select(b => new CurvePoint((b.First / 2.0) + (b.Last / 2.0), b.Sum / b.Count, b.Min, b.Max))];

    /// <summary>Adds the value of a step. Steps come in order; one that goes back, or a value that is not finite, is left out.</summary>
    public void Add(long step, double value)
    {
        if (!double.IsFinite(value) || step < LastStep || step < 0)
        {
            return;
        }

        (Last, LastStep) = (value, step);
        (Min, Max) = Count++ == 0 ? (value, value) : (Math.Min(Min, value), Math.Max(Max, value));
        Put(_buckets, new Bucket(step, step, value, 1, value, value));
        while (_buckets.Count > MaxPoints)
        {
            _width++;
            Bucket[] narrow = [.. _buckets];
            _buckets.Clear();
            Array.ForEach(narrow, bucket => Put(_buckets, bucket));
        }
    }

    private void Put(List<Bucket> buckets, in Bucket next)
    {
        if (buckets.Count > 0 && buckets[^1].First >> _width == next.First >> _width)
        {
            buckets[^1] = buckets[^1].With(next);
        }
        else
        {
            buckets.Add(next);
        }
    }

    private readonly record struct Bucket(long First, long Last, double Sum, long Count, double Min, double Max)
    {
        public Bucket With(in Bucket next) =>
            new(First, next.Last, Sum + next.Sum, Count + next.Count, Math.Min(Min, next.Min), Math.Max(Max, next.Max));
    }
}
