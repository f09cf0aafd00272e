namespace Engine.Pretraining.Models;

/// <summary>
/// T5's relative positions (Raffel et al. 2020, section 2.1): a distance has a bucket of its own while it is short, the longer ones
/// share logarithmically wider buckets up to a maximum, and all beyond share the last.
/// </summary>
internal static class RelativeBuckets
{
    /// <summary>The bucket of a key at <paramref name="relativePosition"/> = key − query.</summary>
    /// <param name="relativePosition">Negative for keys before the query.</param>
    /// <param name="bidirectional">
    /// Half of the buckets for keys after the query (encoder); otherwise those all count as distance 0, as nothing sees them (decoder).
    /// </param>
    /// <param name="buckets">Buckets in all.</param>
    /// <param name="maxDistance">The distance from which all share the last bucket.</param>
    public static int Of(int relativePosition, bool bidirectional, int buckets, int maxDistance)
    {
        int side = bidirectional ? buckets / 2 : buckets;
        int first = bidirectional && relativePosition > 0 ? side : 0;
        int distance = bidirectional ? Math.Abs(relativePosition) : Math.Max(-relativePosition, 0);
        int exact = side / 2;
        if (distance < exact)
        {
            return first + distance;
        }

        // float32 as in the original: the borders between buckets lie on whole distances, so the rounding matters.
        float share = MathF.Log((float)distance / exact) / MathF.Log((float)maxDistance / exact);
        return first + Math.Min(exact + (int)(share * (side - exact)), side - 1);
    }

    /// <summary>The buckets of all pairs, (Tq, Tk) row-major; query i stands at position i + Tk − Tq.</summary>
    public static int[] Table(int Tq, int Tk, bool bidirectional, int buckets, int maxDistance)
    {
        int[] table = new int[Tq * Tk];
        for (int i = 0; i < table.Length; i++)
        {
            (int query, int key) = Math.DivRem(i, Tk);
            table[i] = Of(key - query - (Tk - Tq), bidirectional, buckets, maxDistance);
        }

        return table;
    }

    /// <summary>Refuses numbers that leave no exact bucket on a side.</summary>
    public static void Check(int buckets, int maxDistance)
    {
        if (buckets < 4 || buckets % 2 != 0 || maxDistance <= buckets / 2)
        {
            throw new EngineException(
                $"T5: relative_attention_num_buckets {buckets} and relative_attention_max_distance {maxDistance}; expected an even number of at least 4 and a distance above its half.");
        }
    }
}
