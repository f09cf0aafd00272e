using System.Text.Json;

namespace Engine.Serialization;

/// <summary>
/// Several files as one, with Hugging Face's index: <c>{"weight_map": {"NAME": "model-00001-of-00002.safetensors", …}}</c>. All shards are
/// opened and checked at once, so a missing one is named before anything is loaded.
/// </summary>
public sealed class ShardedWeights : WeightFile
{
    private const string Single = "model.safetensors";

    private readonly Dictionary<string, WeightFile> _owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WeightEntry> _entries = new(StringComparer.Ordinal);
    private readonly List<WeightFile> _shards = [];

    private ShardedWeights(string path)
        : base(path)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, WeightEntry> Entries => _entries;

    /// <summary>Opens an index and its shards.</summary>
    /// <param name="path">The index.</param>
    /// <param name="open">Opens one shard.</param>
    /// <exception cref="EngineException">The index is not valid, or a shard is missing or lacks a tensor; names both files.</exception>
    public static ShardedWeights Open(string path, Func<string, WeightFile> open)
    {
        ShardedWeights all = new(path);
        try
        {
            all.OpenShards(ReadMap(path), open);
            return all;
        }
        catch
        {
            all.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes <c>model.safetensors</c>, or, if that were larger than a shard may be, shards <c>model-00001-of-0000N.safetensors</c> and their index
    /// <c>model.safetensors.index.json</c>, which comes last.
    /// </summary>
    /// <param name="folder">An existing folder; what another export left there under these names is replaced or deleted.</param>
    /// <param name="tensors">Tensors with their names.</param>
    /// <param name="maxBytes">The most bytes of data in a file, but for a tensor that is larger alone; 5 GB where transformers writes.</param>
    /// <exception cref="EngineException">As of <see cref="SafeTensors.Save"/>.</exception>
    public static void Save(string folder, IEnumerable<(string Name, Tensor Value)> tensors, long maxBytes = 5_000_000_000)
    {
        List<List<(string Name, Tensor Value)>> shards = [[]];
        long size = 0;
        long total = 0;
        foreach ((string name, Tensor value) in tensors)
        {
            long bytes = value.Count * value.DType.Size();
            if (size > 0 && size + bytes > maxBytes)
            {
                shards.Add([]);
                size = 0;
            }

            shards[^1].Add((name, value));
            size += bytes;
            total += bytes;
        }

        string index = System.IO.Path.Combine(folder, Single + ".index.json");

        // First of all: an older index would let a half-written export pass for a whole one. The new one comes last.
        File.Delete(index);
        if (shards.Count > 1)
        {
            File.Delete(System.IO.Path.Combine(folder, Single));
        }

        Dictionary<string, string> metadata = new() { ["format"] = "pt" };
        string FileOf(int shard) => shards.Count == 1 ? Single : $"model-{shard + 1:D5}-of-{shards.Count:D5}.safetensors";
        for (int i = 0; i < shards.Count; i++)
        {
            SafeTensors.Save(System.IO.Path.Combine(folder, FileOf(i)), shards[i], metadata);
        }

        if (shards.Count > 1)
        {
            AtomicFile.Write(index, stream =>
            {
                using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
                json.WriteStartObject();
                json.WriteStartObject("metadata");
                json.WriteNumber("total_size", total);
                json.WriteEndObject();
                json.WriteStartObject("weight_map");
                foreach ((string name, string file) in shards.SelectMany((shard, i) => shard.Select(t => (t.Name, FileOf(i)))).OrderBy(t => t.Name, StringComparer.Ordinal))
                {
                    json.WriteString(name, file);
                }

                json.WriteEndObject();
                json.WriteEndObject();
            });
        }
    }

    /// <inheritdoc/>
    protected internal override void ReadAt(WeightEntry entry, long at, Span<byte> into) => _owners[entry.Name].ReadAt(entry, at, into);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _shards.ForEach(shard => shard.Dispose());

    private void OpenShards(Dictionary<string, string> map, Func<string, WeightFile> open)
    {
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        foreach (IGrouping<string, string> group in map.GroupBy(m => m.Value, m => m.Key).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            string file = System.IO.Path.Combine(folder, group.Key);
            if (!File.Exists(file))
            {
                throw new EngineException($"{Path}: the shard {group.Key} is missing; {group.Count()} tensors lie in it, for example {group.First()}.");
            }

            WeightFile shard = open(file);
            _shards.Add(shard);
            foreach (string name in group)
            {
                if (!shard.Entries.TryGetValue(name, out WeightEntry? entry))
                {
                    throw new EngineException($"{Path}: {name} should lie in {group.Key}, which lacks it.");
                }

                _entries.Add(name, entry);
                _owners.Add(name, shard);
            }

            if (shard.Entries.Keys.FirstOrDefault(name => !map.ContainsKey(name)) is { } stray)
            {
                throw new EngineException($"{Path}: {group.Key} has {stray}, which the index does not list.");
            }
        }
    }

    private static Dictionary<string, string> ReadMap(string path)
    {
        Dictionary<string, string> map = new(StringComparer.Ordinal);
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (JsonProperty row in json.RootElement.GetProperty("weight_map").EnumerateObject())
            {
                string file = row.Value.GetString() ?? string.Empty;

                // An index may not point out of its folder.
                if (file.Length == 0 || file != System.IO.Path.GetFileName(file) || file.Contains('\\', StringComparison.Ordinal))
                {
                    throw new EngineException($"{path}: {row.Name} lies in \"{file}\", which is not the name of a file in the same folder.");
                }

                if (!map.TryAdd(row.Name, file))
                {
                    throw new EngineException($"{path}: the index lists {row.Name} twice.");
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: cannot be opened: {e.Message}", e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new EngineException($"{path}: not a valid index of shards: {e.Message.TrimEnd('.')}.", e);
        }

        return map;
    }
}
