namespace Engine.Serialization;

/// <summary>The tensors of a file under other names, some with their rows in the order that Hugging Face's rotary embedding wants.</summary>
public sealed class RenamedWeights : WeightFile
{
    private readonly WeightFile _file;
    private readonly Dictionary<string, WeightEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (WeightEntry Source, int RotaryHead)> _sources = new(StringComparer.Ordinal);

    /// <summary>A file under other names; disposing this closes it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="rename">The other name of a tensor, and the rows of a head if its rows are in the order of pairs (else 0).</param>
    /// <exception cref="EngineException">Two tensors get one name, or rows are no whole heads.</exception>
    public RenamedWeights(WeightFile file, Func<string, (string Name, int RotaryHead)> rename)
        : base(file.Path)
    {
        _file = file;
        foreach (WeightEntry entry in file.Entries.Values)
        {
            (string name, int head) = rename(entry.Name);
            if (head != 0 && (head % 2 != 0 || entry.Shape.Count != 2 || entry.Shape[0] % head != 0))
            {
                throw new EngineException($"{Path}: {entry.Name}, {entry.Description}, has no rows in heads of {head}.");
            }

            if (!_entries.TryAdd(name, entry with { Name = name }))
            {
                throw new EngineException($"{Path}: {entry.Name} and another tensor are both {name}.");
            }

            _sources.Add(name, (entry, head));
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, WeightEntry> Entries => _entries;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Metadata => _file.Metadata;

    /// <inheritdoc/>
    protected internal override void ReadAt(WeightEntry entry, long at, Span<byte> into)
    {
        (WeightEntry source, int head) = _sources[entry.Name];
        if (head == 0)
        {
            _file.ReadAt(source, at, into);
            return;
        }

        RotaryRows.Read(at, into, FileElements.BytesOf(source.DType, source.Shape[1]), head, (place, bytes) => _file.ReadAt(source, place, bytes));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _file.Dispose();
}
