namespace Engine.Pretraining.Evaluation;

/// <summary>Figures of a ranking of positive and negative cases.</summary>
internal static class RankStatistics
{
    /// <summary>
    /// The area under the receiver operating characteristic: the probability that a positive case scores above a negative one, ties
    /// counting half (Mann and Whitney 1947). NaN if one of the two kinds is missing.
    /// </summary>
    public static double AreaUnderCurve(IReadOnlyCollection<(float Score, bool Positive)> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        (double above, double positives, double negatives) = (0, 0, 0);
        foreach (IGrouping<float, (float Score, bool Positive)> equal in cases.GroupBy(c => c.Score).OrderBy(g => g.Key))
        {
            int up = equal.Count(c => c.Positive);
            int down = equal.Count() - up;
            above += up * (negatives + (down / 2.0));
            positives += up;
            negatives += down;
        }

        return above / (positives * negatives);
    }
}
