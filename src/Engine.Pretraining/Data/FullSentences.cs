namespace Engine.Pretraining.Data;

/// <summary>
/// RoBERTa's FULL-SENTENCES (Liu et al. 2019, section 4.2): <c>[CLS] sentences [SEP]</c>, with as many whole sentences in a row as fit,
/// over the ends of documents, where another <c>[SEP]</c> stands. Without that, each sequence is of one document, as SpanBERT wants it.
/// A sentence that is too long for a sequence is cut.
/// </summary>
public sealed class FullSentences : ISequences
{
    private readonly Documents _documents;
    private readonly int _cls;
    private readonly int _sep;
    private readonly List<(int Start, int End)> _sequences = [];

    /// <summary>Packs the sentences of documents, once and for all.</summary>
    /// <param name="documents">Where they come from.</param>
    /// <param name="length">T: the longest sequence.</param>
    /// <param name="cls">The first token of a sequence.</param>
    /// <param name="sep">The token after a document, and the last one.</param>
    /// <param name="across">Whether sequences go over the ends of documents.</param>
    /// <param name="least">Shorter sequences are left out; tokens, special ones not counted.</param>
    /// <exception cref="EngineException">No sequence is left, or a sequence has no room for a token.</exception>
    public FullSentences(Documents documents, int length, int cls, int sep, bool across = true, int least = 1)
    {
        ArgumentNullException.ThrowIfNull(documents);
        (_documents, _cls, _sep) = (documents, cls, sep);
        int room = length - 2;
        if (room < least)
        {
            throw new EngineException($"{documents.Name}: a sequence of block_size = {length} has room for {Math.Max(room, 0)} tokens beside [CLS] and [SEP], but at least {least} must fit; raise block_size.");
        }

        Pack(room, across, least);
        if (_sequences.Count == 0)
        {
            throw new EngineException($"{documents.Name}: every document is shorter than {least} tokens, the shortest that can be used here; join documents or take a longer corpus.");
        }
    }

    /// <inheritdoc/>
    public int Count => _sequences.Count;

    /// <inheritdoc/>
    public EncodedSequence Fill(int index, RandomStream random, Span<int> ids, Span<int> types)
    {
        (int start, int end) = _sequences[index];
        int n = 0;
        ids[n++] = _cls;
        int document = DocumentAt(start);
        while (start < end)
        {
            int stop = Math.Min(end, EndOf(document));
            _documents.Tokens[start..stop].CopyTo(ids[n..]);
            n += stop - start;
            ids[n++] = _sep;
            (start, document) = (stop, document + 1);
        }

        types[..n].Clear();
        return new EncodedSequence(n, 0);
    }

    private void Pack(int room, bool across, int least)
    {
        (int start, int used) = (0, 0);
        for (int d = 0; d < _documents.Count; d++)
        {
            for (int s = _documents.DocumentStart(d); s < _documents.DocumentStart(d + 1); s++)
            {
                (int from, int to) = (_documents.SentenceStart(s), _documents.SentenceStart(s + 1));
                if (used > 0 && used + to - from > room)
                {
                    Close(from);
                }

                for (; to - from > room; from += room)
                {
                    Close(from + room);
                }

                used += to - from;
            }

            // The token that ends a document takes room too; the last one of a sequence is counted already.
            used += used > 0 ? 1 : 0;
            if (!across || used >= room)
            {
                Close(EndOf(d));
            }
        }

        Close(_documents.Tokens.Length);

        void Close(int end)
        {
            if (end - start >= least)
            {
                _sequences.Add((start, end));
            }

            (start, used) = (end, 0);
        }
    }

    private int EndOf(int document) => _documents.SentenceStart(_documents.DocumentStart(document + 1));

    // The document of a token: sequences may begin inside a sentence that is too long for one.
    private int DocumentAt(int token)
    {
        (int low, int high) = (0, _documents.Count - 1);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = token < EndOf(middle) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
