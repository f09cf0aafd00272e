namespace Engine.Pretraining.Data;

/// <summary>What the second segment of a pair is in half of the cases.</summary>
public enum PairKind
{
    /// <summary>Text of another document: next sentence prediction (Devlin et al. 2019, section 3.1).</summary>
    NextSentence,

    /// <summary>The first segment, and the first is the second: sentence order prediction (Lan et al. 2020, section 3.1).</summary>
    SentenceOrder,
}

/// <summary>
/// <c>[CLS] A [SEP] B [SEP]</c> for segments of one or more sentences. A sequence begins at a sentence that is not the last of its document
/// and takes sentences up to its length, which is T or, in a share of cases, drawn anew (<c>short_seq_prob</c>); where A ends is drawn too.
/// B is what follows (label 0) or, with probability ½, what <see cref="PairKind"/> says (label 1). A pair that is too long loses tokens of
/// the longer segment, from either end. After google-research/bert, create_pretraining_data.py, with one difference: what begins at the
/// last sentence of a document has no next one, and is left out rather than counted as random, so that half of the labels are 1.
/// </summary>
public sealed class SentencePairs : ISequences
{
    /// <summary>[CLS] and two [SEP].</summary>
    private const int Specials = 3;

    private readonly Documents _documents;
    private readonly PairKind _kind;
    private readonly int _room;
    private readonly int _cls;
    private readonly int _sep;
    private readonly double _short;
    private readonly int[] _first;

    /// <summary>Pairs from documents.</summary>
    /// <param name="documents">Where they come from.</param>
    /// <param name="kind">What label 1 means.</param>
    /// <param name="length">T: the longest sequence.</param>
    /// <param name="cls">The first token.</param>
    /// <param name="sep">The token after each segment.</param>
    /// <param name="shortShare">Share of sequences whose length is drawn from 2 to T − 3.</param>
    /// <exception cref="EngineException">No document has two sentences, there is no other document, or nothing fits.</exception>
    public SentencePairs(Documents documents, PairKind kind, int length, int cls, int sep, double shortShare)
    {
        ArgumentNullException.ThrowIfNull(documents);
        (_documents, _kind, _room, _cls, _sep, _short) = (documents, kind, length - Specials, cls, sep, shortShare);
        if (_room < 2)
        {
            throw new EngineException($"{documents.Name}: a pair of segments of block_size = {length} has no room for two tokens beside [CLS] and two [SEP]; raise block_size.");
        }

        if (kind == PairKind.NextSentence && documents.Count < 2)
        {
            throw new EngineException($"{documents.Name}: has one document, but next sentence prediction draws from another; separate documents by empty lines or change val_fraction.");
        }

        _first = [.. Enumerable.Range(0, documents.Count).SelectMany(d => Enumerable.Range(
            documents.DocumentStart(d), documents.DocumentStart(d + 1) - documents.DocumentStart(d) - 1))];
        if (_first.Length == 0)
        {
            throw new EngineException($"{documents.Name}: every document has a single sentence, so there are no pairs to learn from; put one sentence on a line and empty lines between documents.");
        }
    }

    /// <inheritdoc/>
    public int Count => _first.Length;

    /// <inheritdoc/>
    public EncodedSequence Fill(int index, RandomStream random, Span<int> ids, Span<int> types)
    {
        ArgumentNullException.ThrowIfNull(random);
        int first = _first[index];
        int document = _documents.DocumentOf(first);
        int target = random.NextUniform() < _short ? 2 + (int)random.NextInt(_room - 1) : _room;
        int end = Math.Max(first + 2, Reach(first, _documents.DocumentStart(document + 1), target));
        int split = first + 1 + (int)random.NextInt(end - first - 1);
        int label = (int)random.NextInt(2);
        ReadOnlySpan<int> a = Tokens(first, split);
        ReadOnlySpan<int> b = Tokens(split, end);
        if (label == 1 && _kind == PairKind.SentenceOrder)
        {
            ReadOnlySpan<int> swapped = a;
            a = b;
            b = swapped;
        }
        else if (label == 1)
        {
            b = Elsewhere(document, Math.Max(1, target - a.Length), random);
        }

        Truncate(ref a, ref b, random);
        return new EncodedSequence(Write(a, b, ids, types), label);
    }

    // The sentence after those that together have at least so many tokens, or the last of them.
    private int Reach(int first, int last, int tokens)
    {
        int end = first + 1;
        while (end < last && _documents.SentenceStart(end) - _documents.SentenceStart(first) < tokens)
        {
            end++;
        }

        return end;
    }

    private ReadOnlySpan<int> Tokens(int first, int end) => _documents.Tokens[_documents.SentenceStart(first).._documents.SentenceStart(end)];

    private ReadOnlySpan<int> Elsewhere(int document, int tokens, RandomStream random)
    {
        int other = (int)random.NextInt(_documents.Count - 1);
        other += other >= document ? 1 : 0;
        (int first, int last) = (_documents.DocumentStart(other), _documents.DocumentStart(other + 1));
        first += (int)random.NextInt(last - first);
        return Tokens(first, Reach(first, last, tokens));
    }

    private void Truncate(ref ReadOnlySpan<int> a, ref ReadOnlySpan<int> b, RandomStream random)
    {
        while (a.Length + b.Length > _room)
        {
            bool front = random.NextInt(2) == 0;
            if (a.Length > b.Length)
            {
                a = front ? a[1..] : a[..^1];
            }
            else
            {
                b = front ? b[1..] : b[..^1];
            }
        }
    }

    private int Write(ReadOnlySpan<int> a, ReadOnlySpan<int> b, Span<int> ids, Span<int> types)
    {
        int second = a.Length + 2;
        int n = second + b.Length + 1;
        ids[0] = _cls;
        a.CopyTo(ids[1..]);
        ids[second - 1] = _sep;
        b.CopyTo(ids[second..]);
        ids[n - 1] = _sep;
        types[..second].Clear();
        types[second..n].Fill(1);
        return n;
    }
}
