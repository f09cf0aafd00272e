namespace Engine.Serialization;

/// <summary>
/// A file of named tensors in some format. Opening reads names, types and shapes; data is read on demand, piece by piece and straight
/// into tensors, so that a file larger than memory costs no more than what is asked of it.
/// </summary>
public abstract class WeightFile : IDisposable
{
    /// <summary>A file.</summary>
    /// <param name="path">Where it is, for messages.</param>
    protected WeightFile(string path) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public abstract IReadOnlyDictionary<string, WeightEntry> Entries { get; }

    /// <summary>What the file says about itself as text; empty for most formats.</summary>
    public virtual IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    /// <summary>The raw bytes of one tensor.</summary>
    /// <exception cref="EngineException">There is no such tensor, it is too long for one array, or the file ended early.</exception>
    public byte[] Read(string name)
    {
        WeightEntry entry = Find(name);
        long length = entry.End - entry.Start;
        if (length > Array.MaxLength)
        {
            throw new EngineException($"{Path}: {name} has {length} bytes, too many for one array; load it into a tensor.");
        }

        byte[] bytes = new byte[length];
        ReadAt(entry, 0, bytes);
        return bytes;
    }

    /// <summary>One tensor as a new persistent one, which the caller disposes.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="device">Where to.</param>
    /// <param name="dtype">
    /// The element type; by default the file's, float32 for F64, int32 for all integers. Floats are rounded, integers must fit.
    /// </param>
    /// <exception cref="EngineException">There is no such tensor, or it cannot be held; names file, tensor, type and shape.</exception>
    public Tensor ReadTensor(string name, Device device, DType? dtype = null)
    {
        WeightEntry entry = Find(name);
        if (entry.Shape.Count > Shape.MaxRank || entry.Shape.Any(size => size > int.MaxValue))
        {
            throw new EngineException($"{Path}: {name} is {entry.Description}; tensors have at most {Shape.MaxRank} axes, each at most {int.MaxValue}.");
        }

        DType target = dtype ?? FileElements.Natural(entry.DType) ?? DType.Float32;
        CheckType(entry, target);
        Tensor x = Tensor.Empty(device, Shape.Create([.. entry.Shape.Select(size => (int)size)]), target);
        try
        {
            Fill(entry, x);
        }
        catch
        {
            x.Dispose();
            throw;
        }

        return x;
    }

    /// <summary>Overwrites an existing contiguous tensor of the same shape. Floats are rounded to its type, integers must fit.</summary>
    /// <exception cref="EngineException">There is no such tensor, or type or shape differ; names file, tensor, expected and found.</exception>
    public void Load(string name, Tensor target) => Fill(CheckTarget(name, target), target);

    /// <summary>Overwrites many tensors, for example a model's parameters; nothing is changed unless all names, types and shapes fit.</summary>
    /// <param name="targets">Names in the file and the tensors to overwrite.</param>
    /// <param name="exact">Whether the file may have no other tensors.</param>
    /// <exception cref="EngineException">Something is missing, superfluous or does not fit; names file and tensors.</exception>
    public void Load(IEnumerable<(string Name, Tensor Target)> targets, bool exact = true)
    {
        (string Name, Tensor Target)[] all = [.. targets];
        RefuseIfAny("lacks", all.Select(t => t.Name).Where(name => !Entries.ContainsKey(name)));
        if (exact)
        {
            RefuseIfAny("has unexpected", Entries.Keys.Except(all.Select(t => t.Name)).Order(StringComparer.Ordinal));
        }

        WeightEntry[] entries = [.. all.Select(t => CheckTarget(t.Name, t.Target))];
        for (int i = 0; i < all.Length; i++)
        {
            Fill(entries[i], all[i].Target);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the file.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Reads bytes of a tensor in row-major order.</summary>
    /// <param name="entry">The tensor.</param>
    /// <param name="at">The first byte, counted from the tensor's start.</param>
    /// <param name="into">Takes as many bytes as it is long.</param>
    /// <exception cref="EngineException">They cannot be read; names file and tensor.</exception>
    protected internal abstract void ReadAt(WeightEntry entry, long at, Span<byte> into);

    private WeightEntry Find(string name) => Entries.TryGetValue(name, out WeightEntry? entry)
        ? entry
        : throw new EngineException($"{Path}: there is no tensor named {name}.");

    private WeightEntry CheckTarget(string name, Tensor target)
    {
        WeightEntry entry = Find(name);
        CheckType(entry, target.DType);
        Shape expected = target.Shape;
        bool same = entry.Shape.Count == expected.Rank;
        for (int axis = 0; same && axis < expected.Rank; axis++)
        {
            same = entry.Shape[axis] == expected[axis];
        }

        if (!same)
        {
            throw new EngineException($"{Path}: {name} is {entry.Description}, expected shape {expected}.");
        }

        return target.IsContiguous ? entry : throw new EngineException($"{Path}: {name} cannot be loaded into a strided view; load it into its whole tensor.");
    }

    private void CheckType(WeightEntry entry, DType target)
    {
        if (!FileElements.Converts(entry.DType, target) && !(target == DType.Float32 && Int8Weights.ScalesOf(this, entry) is not null))
        {
            throw new EngineException($"{Path}: {entry.Name} is {entry.Description}, which does not convert to {target.Name()}.");
        }
    }

    private void Fill(WeightEntry entry, Tensor target)
    {
        if (target.DType == DType.Float32 && Int8Weights.ScalesOf(this, entry) is { } scales)
        {
            Int8Weights.Load(this, entry, scales, target);
            return;
        }

        long wrong = TensorTransfer.Load(target, entry.DType, (at, into) => ReadAt(entry, at, into));
        if (wrong >= 0)
        {
            throw new EngineException($"{Path}: element {wrong} of {entry.Name}, {entry.Description}, is beyond int32.");
        }
    }

    private void RefuseIfAny(string what, IEnumerable<string> names)
    {
        string[] all = [.. names];
        if (all.Length > 0)
        {
            string more = all.Length > 5 ? $" and {all.Length - 5} more" : string.Empty;
            throw new EngineException($"{Path}: the file {what} {string.Join(", ", all.Take(5))}{more}.");
        }
    }
}
