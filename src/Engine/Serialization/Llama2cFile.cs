namespace Engine.Serialization;

/// <summary>
/// A model of llama2.c (karpathy/llama2.c, export.py, version 0; read only): seven int32 of header, then float32 matrices, all layers of a kind
/// one after the other. Tensors have Hugging Face's names and order of rows.
/// </summary>
public sealed class Llama2cFile : WeightFile
{
    private const int HeaderBytes = 7 * sizeof(int);

    private readonly BoundedFile _file;
    private readonly Dictionary<string, WeightEntry> _entries = new(StringComparer.Ordinal);
    private Llama2cFile(BoundedFile file)
        : base(file.Path)
    {
        _file = file;
        FileCursor head = new(file, 0, Math.Min(file.Length, HeaderBytes));
        int Positive(string name) => head.Read<int>() is int value && value is > 0 and <= 1 << 24 ? value : throw head.Fault($"{name} is not positive, or above {1 << 24}");
        (HiddenSize, IntermediateSize, Layers) = (Positive("dim"), Positive("hidden_dim"), Positive("n_layers"));
        (Heads, KeyValueHeads) = (Positive("n_heads"), Positive("n_kv_heads"));
        int vocab = head.Read<int>();
        VocabSize = vocab != int.MinValue && vocab != 0 ? Math.Abs(vocab) : throw head.Fault($"vocab_size is {vocab}");
        TieWordEmbeddings = vocab > 0;
        ContextLength = Positive("seq_len");
        if (HiddenSize % Heads != 0 || HiddenSize / Heads % 2 != 0 || Heads % KeyValueHeads != 0)
        {
            throw head.Fault($"dim {HiddenSize}, n_heads {Heads} and n_kv_heads {KeyValueHeads} do not fit each other");
        }

        long at = HeaderBytes;
        (long C, long F, long kv) = (HiddenSize, IntermediateSize, HiddenSize / Heads * KeyValueHeads);
        Add("model.embed_tokens.weight", VocabSize, C);
        AddLayers("input_layernorm", C);
        AddLayers("self_attn.q_proj", C, C);
        AddLayers("self_attn.k_proj", kv, C);
        AddLayers("self_attn.v_proj", kv, C);
        AddLayers("self_attn.o_proj", C, C);
        AddLayers("post_attention_layernorm", C);
        AddLayers("mlp.gate_proj", F, C);
        AddLayers("mlp.down_proj", C, F);
        AddLayers("mlp.up_proj", F, C);
        Add("model.norm.weight", C);

        // Tables of the rotary angles, which are computed here.
        at += (long)ContextLength * (HiddenSize / Heads) * sizeof(float);
        if (!TieWordEmbeddings)
        {
            Add("lm_head.weight", VocabSize, C);
        }

        if (at != file.Length)
        {
            throw new FormatException($"the sizes of its header make {at} bytes, but the file has {file.Length}");
        }

        void Add(string name, params long[] shape)
        {
            WeightEntry entry = new(name, "F32", shape, at, 0);
            at += entry.Bytes;
            _entries.Add(name, entry with { End = at });
        }

        void AddLayers(string name, params long[] shape)
        {
            // Before so many names are made: each matrix takes bytes of the file.
            if (at + (Layers * new WeightEntry(name, "F32", shape, 0, 0).Bytes) > file.Length)
            {
                throw new FormatException($"{Layers} layers of {name} do not fit into a file of {file.Length} bytes");
            }

            for (int layer = 0; layer < Layers; layer++)
            {
                Add($"model.layers.{layer}.{name}.weight", shape);
            }
        }
    }

    /// <summary>C.</summary>
    public int HiddenSize { get; }

    /// <summary>F.</summary>
    public int IntermediateSize { get; }

    /// <summary>L.</summary>
    public int Layers { get; }

    /// <summary>H, of queries.</summary>
    public int Heads { get; }

    /// <summary>Heads of keys and values.</summary>
    public int KeyValueHeads { get; }

    /// <summary>V.</summary>
    public int VocabSize { get; }

    /// <summary>The longest sequence T.</summary>
    public int ContextLength { get; }

    /// <summary>Whether the output layer is the embedding table.</summary>
    public bool TieWordEmbeddings { get; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, WeightEntry> Entries => _entries;

    /// <summary>Opens a file and checks its sizes.</summary>
    /// <exception cref="EngineException">The file is missing, truncated or not in this format; names file and fault.</exception>
    public static Llama2cFile Open(string path) => BoundedFile.Open(path, "llama2.c", file => new Llama2cFile(file));

    /// <inheritdoc/>
    protected internal override void ReadAt(WeightEntry entry, long at, Span<byte> into)
    {
        void Own(long place, Span<byte> bytes) => _file.ReadData(entry.Name, entry.Start + place, bytes);
        if (entry.Name.EndsWith("q_proj.weight", StringComparison.Ordinal) || entry.Name.EndsWith("k_proj.weight", StringComparison.Ordinal))
        {
            RotaryRows.Read(at, into, entry.Shape[1] * sizeof(float), HiddenSize / Heads, Own);
        }
        else
        {
            Own(at, into);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _file.Dispose();
}
