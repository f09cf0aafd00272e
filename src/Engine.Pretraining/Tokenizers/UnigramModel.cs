using System.Buffers;
using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// The unigram language model of pieces (Kudo 2018, "Subword Regularization"): of all ways to cut a stretch the one of the
/// greatest sum of log-probabilities, found from left to right (Viterbi). Sums are float32 and of equals the one whose last
/// piece is longest wins, as in SentencePiece.
/// </summary>
internal sealed class UnigramModel : PieceModel
{
    /// <summary>How much less probable than the least probable piece an unknown character is (SentencePiece, kUnkPenalty).</summary>
    private const float UnknownPenalty = 10;

    private readonly PieceTrie _trie;
    private readonly float[] _scores;
    private readonly float _unknown;

    /// <param name="vocabulary">The pieces.</param>
    /// <param name="scores">Log-probability of each.</param>
    public UnigramModel(PieceVocabulary vocabulary, float[] scores)
        : base(vocabulary)
    {
        (_scores, _trie) = (scores, new PieceTrie(vocabulary.Ids));
        _unknown = vocabulary.Ids.Values.Select(id => scores[id]).DefaultIfEmpty().Min() - UnknownPenalty;
    }

    /// <inheritdoc/>
    public override string Kind => "unigram";

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> piece, ref TokenList tokens, ref TokenList lengths)
    {
        Place[] places = ArrayPool<Place>.Shared.Rent(piece.Length + 1);
        places.AsSpan(0, piece.Length + 1).Fill(new Place(0, -1, -1));
        places[0] = default;
        for (int start = 0; start < piece.Length;)
        {
            int width = char.IsHighSurrogate(piece[start]) ? 2 : 1;
            float before = places[start].Score;
            bool single = false;
            int node = 0;
            for (int end = start; end < piece.Length && _trie.Step(ref node, piece[end]);)
            {
                end++;
                int id = _trie[node];
                if (id >= 0)
                {
                    single |= end - start == width;
                    Offer(ref places[end], before + _scores[id], start, id);
                }
            }

            if (!single)
            {
                Offer(ref places[start + width], before + _unknown, start, -1);
            }

            start += width;
        }

        // Backwards along the best way, to note it forwards.
        int next = -1;
        for (int at = piece.Length; at > 0;)
        {
            ref Place place = ref places[at];
            int start = place.Start;
            (place.Start, next, at) = (next, at, start);
        }

        for (int at = 0; next > 0; next = places[next].Start)
        {
            int id = places[next].Id;
            if (id < 0)
            {
                Vocabulary.AddUnknown(piece[at..next], ref tokens, ref lengths);
            }
            else
            {
                tokens.Add(id);
                lengths.Add(next - at);
            }

            at = next;
        }

        ArrayPool<Place>.Shared.Return(places);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("model");
        writer.WriteString("type", "Unigram");
        if (Vocabulary.Unknown is int unknown)
        {
            writer.WriteNumber("unk_id", unknown);
        }
        else
        {
            writer.WriteNull("unk_id");
        }

        writer.WriteStartArray("vocab");
        for (int id = 0; id < _scores.Length; id++)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(Vocabulary.Tokens[id]);
            writer.WriteNumberValue(_scores[id]);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("byte_fallback", Vocabulary.ByteFallback);
        writer.WriteEndObject();
    }

    private static void Offer(ref Place place, float score, int start, int id)
    {
        if (place.Start < 0 || score > place.Score)
        {
            place = new Place(score, start, id);
        }
    }

    /// <summary>The best way to a place: its score, where its last piece begins and which it is; −1 is an unknown character.</summary>
    private record struct Place(float Score, int Start, int Id);
}
