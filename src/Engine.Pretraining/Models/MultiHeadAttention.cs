using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>What checkpoints call the four projections of an attention, in the order query, key, value, output.</summary>
internal readonly record struct AttentionNames(string Query, string Key, string Value, string Output)
{
    /// <summary>T5.</summary>
    public static AttentionNames T5 => new("q", "k", "v", "o");

    /// <summary>Marian and BART, the encoder-decoders of Hugging Face with the original transformer's layers.</summary>
    public static AttentionNames Marian => new("q_proj", "k_proj", "v_proj", "out_proj");
}

/// <summary>
/// Attention of H heads of size D on a sequence or on another one (Vaswani et al. 2017, section 3.2.2), with a projection each
/// for queries, keys, values and the result.
/// </summary>
internal sealed class MultiHeadAttention : Module
{
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private readonly int _heads;

    /// <param name="device">Where the parameters live.</param>
    /// <param name="names">Of the projections.</param>
    /// <param name="width">C.</param>
    /// <param name="heads">H.</param>
    /// <param name="headSize">D; H·D need not be C.</param>
    /// <param name="query">First values of the query projection.</param>
    /// <param name="keyValue">First values of those of keys and values.</param>
    /// <param name="output">First values of the output projection.</param>
    /// <param name="bias">Whether projections have biases.</param>
    public MultiHeadAttention(
        Device device, AttentionNames names, int width, int heads, int headSize, Initializer query, Initializer keyValue, Initializer output, bool bias)
        : base(device)
    {
        _heads = heads;
        int inner = heads * headSize;
        _query = Add(names.Query, new Linear(device, width, inner, query, bias: bias));
        _key = Add(names.Key, new Linear(device, width, inner, keyValue, bias: bias));
        _value = Add(names.Value, new Linear(device, width, inner, keyValue, bias: bias));
        _output = Add(names.Output, new Linear(device, inner, width, output, bias: bias));
    }

    /// <summary>Attention of a sequence on itself, x (B, T, C) → (B, T, C).</summary>
    /// <param name="x">The sequence, or what follows on the tokens of the cache.</param>
    /// <param name="options">What sees what.</param>
    /// <param name="cache">If given, x's keys and values join it.</param>
    /// <param name="layer">The layer in it.</param>
    public Tensor Self(Tensor x, in AttentionOptions options, DecoderCache? cache, int layer)
    {
        (Tensor keys, Tensor values) = (Heads(_key, x), Heads(_value, x));
        cache?.Target.Append(layer, keys, values, out keys, out values);
        return Forward(x, keys, values, options);
    }

    /// <summary>Attention on another sequence, x (B, T, C), memory (B, S, C) → (B, T, C).</summary>
    /// <param name="x">Who asks.</param>
    /// <param name="memory">What is read.</param>
    /// <param name="options">What sees what.</param>
    /// <param name="cache">If given, keeps the memory's keys and values.</param>
    /// <param name="layer">The layer in it.</param>
    public Tensor Cross(Tensor x, Tensor memory, in AttentionOptions options, DecoderCache? cache, int layer)
    {
        if (cache is null)
        {
            return Forward(x, Heads(_key, memory), Heads(_value, memory), options);
        }

        if (!cache.HasSource(layer))
        {
            cache.KeepSource(layer, Heads(_key, memory), Heads(_value, memory));
        }

        (Tensor keys, Tensor values) = cache.Source(layer, x.Scope!);
        return Forward(x, keys, values, options);
    }

    private Tensor Forward(Tensor x, Tensor keys, Tensor values, in AttentionOptions options)
    {
        Tensor y = Heads(_query, x).ScaledDotProductAttention(keys, values, options);   // (B, H, Tq, D)
        return _output.Forward(y.Transpose(1, 2).Reshape(x.Shape[0], x.Shape[1], -1));
    }

    // (B, T, C) → (B, H, T, D), a view.
    private Tensor Heads(Linear projection, Tensor x)
    {
        Tensor y = projection.Forward(x);
        return y.Reshape(y.Shape[0], y.Shape[1], _heads, y.Shape[2] / _heads).Transpose(1, 2);
    }
}
