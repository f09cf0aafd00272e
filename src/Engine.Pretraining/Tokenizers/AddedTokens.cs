namespace Engine.Pretraining.Tokenizers;

/// <summary>How the spelling of an added token is found in a text: the flags of <c>added_tokens</c> in tokenizer.json.</summary>
[Flags]
internal enum AddedTokenRules
{
    /// <summary>Wherever it stands.</summary>
    None = 0,

    /// <summary>Not inside of a word (single_word).</summary>
    SingleWord = 1,

    /// <summary>With the white space before it (lstrip), as RoBERTa's <c>&lt;mask&gt;</c>.</summary>
    StripLeft = 2,

    /// <summary>With the white space behind it (rstrip).</summary>
    StripRight = 4,

    /// <summary>After normalization (normalized); kept for who reads the file next.</summary>
    Normalized = 8,
}

/// <summary>Tokens that stand for no text by id, and how each is found where a text spells it.</summary>
internal sealed class AddedTokens : SortedDictionary<int, string>
{
    /// <summary>None.</summary>
    public AddedTokens()
    {
    }

    /// <summary>Tokens without rules.</summary>
    public AddedTokens(IDictionary<int, string> tokens)
        : base(tokens)
    {
    }

    /// <summary>The rules of those that have any.</summary>
    public Dictionary<int, AddedTokenRules> Rules { get; } = [];
}
