namespace Engine;

/// <summary>NumPy's broadcasting rule: shapes are aligned at the right, and an axis of size 1 stretches.</summary>
internal static class Broadcast
{
    /// <summary>The common shape of two operands.</summary>
    public static Shape Of(string op, Tensor a, Tensor b) => Of(op, a.Shape, b);

    /// <summary>The common shape of one operand and what others have been broadcast to already.</summary>
    public static Shape Of(string op, Shape a, Tensor b)
    {
        if (a == b.Shape)
        {
            return a;
        }

        int rank = Math.Max(a.Rank, b.Rank);
        Span<int> dims = stackalloc int[Shape.MaxRank];
        for (int i = 1; i <= rank; i++)
        {
            int da = i <= a.Rank ? a[^i] : 1;
            int db = i <= b.Rank ? b.Shape[^i] : 1;
            if (da != db && da != 1 && db != 1)
            {
                Check.Fail(op, $"shapes {a} and {b.Shape} do not broadcast: axis −{i} is {da} and {db}; expected equal sizes or 1.", b);
            }

            dims[rank - i] = da == 1 ? db : da;
        }

        return Shape.Create(dims[..rank]);
    }

    /// <summary>Strides that read <paramref name="x"/> as if it had the target shape.</summary>
    public static Strides StridesFor(string op, Tensor x, Shape target)
    {
        Strides strides = default;
        if (x.Rank > target.Rank)
        {
            Check.Fail(op, $"x {x.Shape} has more axes than {target}.", x);
        }

        for (int i = 1; i <= x.Rank; i++)
        {
            int size = x.Shape[^i];
            if (size == target[^i])
            {
                strides[target.Rank - i] = x.Data.Strides[x.Rank - i];
            }
            else if (size != 1)
            {
                Check.Fail(op, $"x {x.Shape} does not broadcast to {target}: axis −{i} is {size}, expected 1 or {target[^i]}.", x);
            }
        }

        return strides;
    }
}
