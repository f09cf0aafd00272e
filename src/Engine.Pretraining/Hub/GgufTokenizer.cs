using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Tokenizers.Files;
using Engine.Serialization;

namespace Engine.Pretraining.Hub;

/// <summary>
/// Vocabularies inside GGUF files (ggml-org/ggml, docs/gguf.md, <c>tokenizer.ggml</c>): <c>llama</c>, pieces with scores as SentencePiece has them,
/// and <c>gpt2</c>, byte-level BPE, whose pattern is only named (<c>pre</c>).
/// </summary>
internal static class GgufTokenizer
{
    private const string Prefix = "tokenizer.ggml.";
    private const int Normal = 1;
    private const int UnknownType = 2;
    private const int Control = 3;
    private const int ByteType = 6;

    /// <summary>Patterns by the names that llama.cpp gives them (llama-vocab.cpp); a piece that is a token is that token where the last says so.</summary>
    private static readonly (string Name, PiecePattern Pattern, bool IgnoreMerges)[] s_patterns =
    [
        ("gpt-2", new Gpt2Pattern(), false), ("llama-bpe", new Gpt4Pattern(3), true), ("qwen2", new Gpt4Pattern(1), false), ("gpt-4o", new O200kPattern(), false),
    ];

    /// <summary>The vocabulary of a file; null if it has none of these.</summary>
    /// <exception cref="EngineException">It contradicts itself.</exception>
    public static ITokenizer? Read(GgufFile file)
    {
        object? Value(string key) => file.Values.GetValueOrDefault(Prefix + key);
        if (Value("tokens") is not string[] tokens || Value("token_type") is not int[] types || types.Length != tokens.Length)
        {
            return null;
        }

        switch (Value("model"))
        {
            case "llama" when Value("scores") is float[] scores && scores.Length == tokens.Length:
                SentencePieceFile.Contents contents = new() { ModelType = 2, RemoveExtraWhitespaces = false };
                contents.Pieces.AddRange(tokens.Select((token, id) => new SentencePieceFile.Piece(token, scores[id], types[id])));
                return SentencePieceFile.Build(file.Path, contents);
            case "gpt2" when Value("merges") is string[] merges && Array.Find(s_patterns, p => p.Name == Value("pre") as string) is { Pattern: { } pattern } found:
                AddedTokens special = new(tokens.Index().Where(t => t.Item.Length > 0 && types[t.Index] != Normal).ToDictionary(t => t.Index, t => t.Item));
                VocabularyTable table = VocabularyTable.Of(file.Path, tokens.Index().Where(t => t.Item.Length > 0).Select(t => (t.Item, t.Index)), special);
                return BytePairFiles.Build(
                    file.Path, table, merges.Select((merge, i) => Pair(file.Path, merge, i)), new BytePairSettings(pattern) { IgnoreMerges = found.IgnoreMerges }, suffixed: false);
            default:
                return null;
        }
    }

    /// <summary>The keys of a vocabulary; none if the format has no form for it.</summary>
    public static IEnumerable<(string Key, object Value)> Keys(ITokenizer? tokenizer)
    {
        switch (tokenizer)
        {
            case SubwordTokenizer { Model: CharacterMerges merges }:
                PieceVocabulary pieces = merges.Vocabulary;
                yield return (Prefix + "model", "llama");
                yield return (Prefix + "tokens", pieces.Tokens.Select(token => token ?? string.Empty).ToArray());
                yield return (Prefix + "scores", Scores(merges));
                yield return (Prefix + "token_type", Enumerable.Range(0, pieces.Tokens.Length)
                    .Select(id => id == pieces.Unknown ? UnknownType : pieces.Special.ContainsKey(id) ? Control : pieces.ByteOf.ContainsKey(id) ? ByteType : Normal).ToArray());
                break;
            case BytePairTokenizer pairs:
                yield return (Prefix + "model", "gpt2");
                if (Array.Find(s_patterns, p => p.Pattern.Cuts == pairs.Settings.Pattern.Cuts && p.IgnoreMerges == pairs.Settings.IgnoreMerges).Name is { } pre)
                {
                    yield return (Prefix + "pre", pre);
                }

                yield return (Prefix + "tokens", Enumerable.Range(0, pairs.VocabSize).Select(id => pairs.Spelling(id) ?? string.Empty).ToArray());
                yield return (Prefix + "token_type", Enumerable.Range(0, pairs.VocabSize).Select(id => pairs.Special.ContainsKey(id) ? Control : Normal).ToArray());
                yield return (Prefix + "merges", pairs.Merges.Select(m => $"{pairs.Spelling(m.Left)} {pairs.Spelling(m.Right)}").ToArray());
                break;
            default:
                yield break;
        }

        if (tokenizer.SpecialTokens is { Bos: { } bos, Eos: { } eos })
        {
            yield return (Prefix + "bos_token_id", (uint)bos);
            yield return (Prefix + "eos_token_id", (uint)eos);
        }
    }

    private static (string Left, string Right) Pair(string path, string merge, int i) =>
        merge.Split(' ') is [{ } left, { } right] ? (left, right) : throw new EngineException($"{path}: merge {i} of {Prefix}merges is not of two tokens.");

    // Pieces that come of a merge have its rank as score; the others are never joined.
    private static float[] Scores(CharacterMerges merges)
    {
        PieceVocabulary pieces = merges.Vocabulary;
        float[] scores = new float[pieces.Tokens.Length];
        for (int rank = merges.Merges.Count - 1; rank >= 0; rank--)
        {
            scores[pieces.Ids[pieces.Tokens[merges.Merges[rank].Left] + pieces.Tokens[merges.Merges[rank].Right]]] = -rank;
        }

        return scores;
    }
}
