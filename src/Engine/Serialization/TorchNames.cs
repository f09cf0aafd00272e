namespace Engine.Serialization;

/// <summary>The tensors of a pickled object, by the path to them.</summary>
internal static class TorchNames
{
    private const string Parallel = "module.";
    private static readonly string[] s_weights = ["state_dict", "model_state_dict", "model"];

    /// <summary>Names and tensors.</summary>
    /// <exception cref="FormatException">Two tensors have one name, or there is none at all.</exception>
    public static List<(string Name, TorchTensor Tensor)> Of(object? root)
    {
        if (root is PickleDict checkpoint)
        {
            root = s_weights.Select(key => checkpoint.Items.FirstOrDefault(item => item.Key as string == key).Value).FirstOrDefault(value => value is PickleDict) ?? root;
        }

        List<(string Name, TorchTensor Tensor)> found = [];
        Walk(root, found);
        if (found.Count == 0)
        {
            throw new FormatException("it holds no tensors");
        }

        if (found.All(f => f.Name.StartsWith(Parallel, StringComparison.Ordinal)))
        {
            found = [.. found.Select(f => (f.Name[Parallel.Length..], f.Tensor))];
        }

        return found.GroupBy(f => f.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new FormatException($"two tensors are named {twice.Key}")
            : found;
    }

    // Each container once, however often it is mentioned: an object may contain itself. A list of its own instead of recursion, since a
    // pickle may nest as deep as it is long; names longer than any real one are left out.
    private static void Walk(object? root, List<(string Name, TorchTensor Tensor)> found)
    {
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        Stack<(string Name, object? Value)> open = new([(string.Empty, root)]);
        while (open.TryPop(out (string Name, object? Value) next))
        {
            if (next.Value is TorchTensor tensor)
            {
                found.Add((next.Name, tensor));
            }
            else if (next.Value is PickleDict or List<object?> or object?[] && next.Name.Length < 1000 && seen.Add(next.Value))
            {
                IEnumerable<(object? Key, object? Value)> items = next.Value switch
                {
                    PickleDict dict => dict.Items,
                    IEnumerable<object?> list => list.Select((value, i) => ((object?)i, value)),
                    _ => [],
                };
                foreach ((object? key, object? value) in items.Where(item => item.Key is string or long or int).Reverse())
                {
                    open.Push((next.Name.Length == 0 ? $"{key}" : $"{next.Name}.{key}", value));
                }
            }
        }
    }
}
