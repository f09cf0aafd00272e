namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// The merges that a vocabulary implies which has an order and no list of merges (tiktoken's ranks, SentencePiece's scores):
/// every way to make a token of two others, all of the rank of the token that they make.
/// </summary>
internal sealed record VocabularyMerges(List<Merge> Merges, int[] Made, int[] Ranks)
{
    /// <summary>All merges of a vocabulary.</summary>
    /// <param name="tokens">Tokens in ascending order of rank, with ids and ranks. Bytes are written as characters U+0000 … U+00FF.</param>
    /// <param name="ids">Ids of these tokens.</param>
    public static VocabularyMerges Of(IEnumerable<(string Token, int Id, int Rank)> tokens, Dictionary<string, int> ids)
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        List<Merge> merges = [];
        List<int> made = [];
        List<int> ranks = [];
        foreach ((string token, int id, int rank) in tokens)
        {
            for (int cut = 1; cut < token.Length; cut++)
            {
                if (lookup.TryGetValue(token.AsSpan(0, cut), out int left) && lookup.TryGetValue(token.AsSpan(cut), out int right))
                {
                    merges.Add(new Merge(left, right));
                    made.Add(id);
                    ranks.Add(rank);
                }
            }
        }

        return new VocabularyMerges(merges, [.. made], [.. ranks]);
    }
}
