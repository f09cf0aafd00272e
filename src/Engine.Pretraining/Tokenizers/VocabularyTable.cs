using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>Tokens by id and ids by token, as a file lists them.</summary>
/// <param name="Tokens">Tokens; null where the file leaves an id out.</param>
/// <param name="Special">Those that stand for no text.</param>
/// <param name="Symbols">Those that are found in a text before the model cuts it.</param>
/// <param name="Ids">Ids of all.</param>
internal sealed record VocabularyTable(string?[] Tokens, AddedTokens Special, List<string> Symbols, Dictionary<string, int> Ids)
{
    private const int MaxVocab = 1 << 24;

    /// <summary>How many ids more than tokens a vocabulary may have: published ones have gaps of hundreds.</summary>
    private const int MostGaps = 1 << 16;

    /// <summary>Reads the vocabulary of a tokenizer.json.</summary>
    /// <param name="name">The file, for messages.</param>
    /// <param name="root">The file.</param>
    /// <param name="vocab">Tokens with ids, or of a Unigram model pairs of token and score.</param>
    /// <param name="unigram">Whether it is a Unigram model's.</param>
    public static VocabularyTable Read(string name, JsonElement root, JsonElement vocab, bool unigram)
    {
        IEnumerable<(string, int)> all = unigram
            ? vocab.EnumerateArray().Select((t, id) => (t[0].GetString() ?? throw new EngineException($"{name}: piece {id} of the vocabulary has no text."), id))
            : vocab.EnumerateObject().Select(t => (t.Name, t.Value.GetInt32()));
        AddedTokens special = [];
        List<string> symbols = [];
        if (root.TryGetProperty("added_tokens", out JsonElement added) && added.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement token in added.EnumerateArray())
            {
                int id = token.GetProperty("id").GetInt32();
                string content = token.GetProperty("content").GetString() is { Length: > 0 } text ? text : throw new EngineException($"{name}: the added token {id} has no text.");
                if (HuggingFaceFile.Is(token, "normalized", true) && HuggingFaceFile.Is(token, "special", false))
                {
                    symbols.Add(content);
                    all = all.Append((content, id));
                }
                else
                {
                    special[id] = content;
                    AddedTokenRules rules = Rule("single_word", AddedTokenRules.SingleWord) | Rule("lstrip", AddedTokenRules.StripLeft)
                        | Rule("rstrip", AddedTokenRules.StripRight) | Rule("normalized", AddedTokenRules.Normalized);
                    if (rules != AddedTokenRules.None)
                    {
                        special.Rules[id] = rules;
                    }

                    AddedTokenRules Rule(string flag, AddedTokenRules rule) => HuggingFaceFile.Is(token, flag, true) ? rule : AddedTokenRules.None;
                }
            }
        }

        return Of(name, all, special, symbols);
    }

    /// <summary>A vocabulary of tokens with ids; those of <paramref name="special"/> may be missing there.</summary>
    /// <exception cref="EngineException">An id or a token has two meanings, or there are too many ids.</exception>
    public static VocabularyTable Of(string name, IEnumerable<(string Token, int Id)> tokens, AddedTokens special, List<string>? symbols = null)
    {
        List<(string Token, int Id)> all = [.. tokens, .. special.Select(s => (s.Value, s.Key))];
        int size = all.Count == 0 ? 0 : all.Max(t => t.Id) + 1;
        if (size is <= 0 or > MaxVocab)
        {
            throw new EngineException($"{name}: the vocabulary is empty or has an id beyond {MaxVocab}.");
        }

        if (size > MostGaps + (2 * all.Count))
        {
            throw new EngineException($"{name}: the vocabulary has {all.Count} tokens and ids up to {size - 1}; most ids have no token.");
        }

        Dictionary<string, int> ids = new(all.Count, StringComparer.Ordinal);
        string?[] byId = new string?[size];
        foreach ((string token, int id) in all)
        {
            if (id < 0 || (byId[id] ??= token) != token || (ids.TryGetValue(token, out int other) && other != id))
            {
                throw new EngineException($"{name}: the token \"{token}\" with id {id} contradicts another line of the vocabulary.");
            }

            ids[token] = id;
        }

        return new VocabularyTable(byId, special, symbols ?? [], ids);
    }

    /// <summary>Whether there is such a token.</summary>
    public bool Has(string token) => Ids.ContainsKey(token);

    /// <summary>The id of a token that must be there.</summary>
    public int Id(string name, string token) =>
        Ids.TryGetValue(token, out int id) ? id : throw new EngineException($"{name}: the token \"{token}\" is not in the vocabulary.");
}
