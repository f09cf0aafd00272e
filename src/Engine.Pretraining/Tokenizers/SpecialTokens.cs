namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// The ids of tokens that stand for no text; null where a vocabulary lacks one. Roles are named as Hugging Face names them,
/// whatever the vocabulary spells them (<c>[MASK]</c>, <c>&lt;mask&gt;</c>).
/// </summary>
public sealed record SpecialTokens
{
    private readonly int _least;
    private readonly int _greatest;

    /// <summary>No special token at all: characters and bytes.</summary>
    public static SpecialTokens None { get; } = new();

    /// <summary>All special tokens by how they are spelled, with a role or without.</summary>
    public IReadOnlyDictionary<string, int> Named { get; init; } = new Dictionary<string, int>();

    /// <summary>How those that are not found wherever they stand are found in a text.</summary>
    internal IReadOnlyDictionary<int, AddedTokenRules> Rules { get; init; } = new Dictionary<int, AddedTokenRules>();

    /// <summary>Fills up short sequences; counts in no loss.</summary>
    public int? Pad { get; init; }

    /// <summary>Stands for what the vocabulary cannot express.</summary>
    public int? Unk { get; init; }

    /// <summary>The first token of a sequence, whose hidden state stands for all of it.</summary>
    public int? Cls { get; init; }

    /// <summary>Ends a segment.</summary>
    public int? Sep { get; init; }

    /// <summary>Hides a token.</summary>
    public int? Mask { get; init; }

    /// <summary>Begins a text that is generated.</summary>
    public int? Bos { get; init; }

    /// <summary>Ends a text that is generated.</summary>
    public int? Eos { get; init; }

    /// <summary>T5's <c>&lt;extra_id_0&gt;</c>, <c>&lt;extra_id_1&gt;</c> …, in this order; each stands for one span.</summary>
    public IReadOnlyList<int> Sentinels
    {
        get;
        init => (field, _least, _greatest) = (value, value.DefaultIfEmpty().Min(), value.DefaultIfEmpty().Max());
    }
    = [];

    /// <summary>The name of a sentinel, counted from 0 (Hugging Face, T5Tokenizer).</summary>
    public static string Sentinel(int index) => $"<extra_id_{index}>";

    /// <summary>Roles from the names that BERT, RoBERTa, T5, Llama and GPT-2 give them.</summary>
    /// <param name="special">Special tokens by id.</param>
    /// <param name="unknown">The token for what the vocabulary cannot express, where it is known by more than its name.</param>
    internal static SpecialTokens ByName(AddedTokens special, int? unknown = null)
    {
        Dictionary<string, int> ids = [];
        foreach ((int id, string name) in special)
        {
            ids.TryAdd(name, id);
        }

        return new SpecialTokens
        {
            Named = ids,
            Rules = special.Rules,
            Pad = First("[PAD]", "<pad>"),
            Unk = unknown ?? First("[UNK]", "<unk>"),
            Cls = First("[CLS]", "<s>"),
            Sep = First("[SEP]", "</s>"),
            Mask = First("[MASK]", "<mask>"),
            Bos = First("<s>", "<bos>", "<|begin_of_text|>", "<|startoftext|>", "<|endoftext|>"),
            Eos = First("</s>", "<eos>", "<|end_of_text|>", "<|endoftext|>"),
            Sentinels = [.. Enumerable.Range(0, ids.Count).Select(i => First(Sentinel(i))).TakeWhile(id => id is not null).Select(id => id!.Value)],
        };

        int? First(params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
            {
                if (ids.TryGetValue(name, out int id))
                {
                    return id;
                }
            }

            return null;
        }
    }

    /// <summary>Whether an id is one of these: such a token is never masked nor predicted.</summary>
    public bool Contains(int token) =>
        token == Pad || token == Unk || token == Cls || token == Sep || token == Mask || token == Bos || token == Eos
        || (token >= _least && token <= _greatest && Sentinels.Contains(token));

    /// <summary>The id of a role that an objective cannot do without.</summary>
    /// <param name="tokenizer">Whose vocabulary it is.</param>
    /// <param name="role">The role.</param>
    /// <param name="name">Its name in the message, for example <c>mask</c>.</param>
    /// <param name="objective">Who needs it.</param>
    /// <exception cref="EngineException">The vocabulary lacks it; says which tokenizers have it.</exception>
    public static int Require(ITokenizer tokenizer, Func<SpecialTokens, int?> role, string name, string objective)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(role);
        return role(tokenizer.SpecialTokens) ?? throw new EngineException(
            $"objective {objective}: the vocabulary of tokenizer {tokenizer.Kind} has no {name} token; take a tokenizer that has one, for example tokenizer = wordpiece.");
    }
}
