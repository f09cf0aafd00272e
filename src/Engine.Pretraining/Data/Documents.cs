using System.Runtime.InteropServices;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Data;

/// <summary>
/// A tokenized corpus that knows its documents and sentences, for objectives that need to. Sentence s is the tokens
/// <see cref="SentenceStart"/>(s) … SentenceStart(s + 1) − 1; document d is the sentences <see cref="DocumentStart"/>(d) …
/// DocumentStart(d + 1) − 1.
/// </summary>
public sealed class Documents
{
    private readonly int[] _tokens;
    private readonly int[] _sentences;
    private readonly int[] _documents;

    private Documents(string name, int[] tokens, int[] sentences, int[] documents)
    {
        (Name, _tokens, _sentences, _documents) = (name, tokens, sentences, documents);
        Count = documents.Length - 1;
    }

    /// <summary>For messages: the corpus.</summary>
    public string Name { get; }

    /// <summary>Documents.</summary>
    public int Count { get; }

    /// <summary>Tokens of all documents.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>Tokenizes a corpus sentence by sentence.</summary>
    /// <exception cref="EngineException">The text does not fit the tokenizer, or has no sentence.</exception>
    public static Documents Read(Corpus corpus, ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentNullException.ThrowIfNull(tokenizer);
        List<int> tokens = [];
        List<int> sentences = [];
        List<int> documents = [];
        foreach (IReadOnlyList<Range> document in DocumentReader.Read(corpus.Text))
        {
            int first = sentences.Count;
            foreach (Range sentence in document)
            {
                int[] ids = PretrainData.Encode(corpus.Name, corpus.Text.AsSpan()[sentence], tokenizer);
                if (ids.Length > 0)
                {
                    sentences.Add(tokens.Count);
                    tokens.AddRange(ids);
                }
            }

            if (sentences.Count > first)
            {
                documents.Add(first);
            }
        }

        return documents.Count > 0
            ? new Documents(corpus.Name, [.. tokens], [.. sentences, tokens.Count], [.. documents, sentences.Count])
            : throw new EngineException($"{corpus.Name}: has no sentence to learn from.");
    }

    /// <summary>Opens the data of a configuration, split by documents: the last ones, a share f of the tokens or a little more, validate.</summary>
    /// <param name="config">Keys data, tokenizer, vocab_size and val_fraction.</param>
    /// <param name="given">The tokenizer of a checkpoint; null makes one from the corpus.</param>
    /// <param name="fingerprint">What a checkpoint expects; null takes any.</param>
    /// <exception cref="EngineException">The corpus cannot be used, has changed, or has only one document.</exception>
    public static DocumentSplits Open(PretrainConfig config, ITokenizer? given = null, ulong? fingerprint = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.Data.EndsWith(PretrainData.ShardExtension, StringComparison.Ordinal))
        {
            throw new EngineException($"{config.Data}: a token shard does not keep documents and sentences, which objective {config.Objective} needs; give the text file instead.");
        }

        (Corpus corpus, ITokenizer tokenizer) = PretrainData.LoadText(config, given);
        Documents all = Read(corpus, tokenizer);
        ulong found = PretrainData.FingerprintOf(MemoryMarshal.AsBytes<int>([.. all._tokens, .. all._sentences, .. all._documents]), tokenizer);
        PretrainData.RequireUnchanged(config.Data, fingerprint, found);
        int training = all.Count;
        while (training > 0 && all._tokens.Length - all.SentenceStart(all.DocumentStart(training)) < config.ValFraction * all._tokens.Length)
        {
            training--;
        }

        return training > 0
            ? new DocumentSplits(all.Slice("training", 0, training), all.Slice("validation", training, all.Count), tokenizer, found)
            : throw new EngineException(
                $"{config.Data}: has {all.Count} document{(all.Count == 1 ? string.Empty : "s")}, which cannot be split into training and validation; documents are separated by empty lines, or begin with = Title = as in WikiText.");
    }

    /// <summary>The first token of a sentence, 0 … number of sentences.</summary>
    public int SentenceStart(int sentence) => _sentences[sentence];

    /// <summary>The first sentence of a document, 0 … <see cref="Count"/>.</summary>
    public int DocumentStart(int document) => _documents[document];

    /// <summary>The document that a sentence belongs to.</summary>
    public int DocumentOf(int sentence)
    {
        int at = Array.BinarySearch(_documents, sentence);
        return at >= 0 ? at : ~at - 1;
    }

    private Documents Slice(string split, int from, int to)
    {
        (int firstSentence, int lastSentence) = (_documents[from], _documents[to]);
        (int firstToken, int lastToken) = (_sentences[firstSentence], _sentences[lastSentence]);
        return new Documents(
            $"{Name} ({split})",
            _tokens[firstToken..lastToken],
            [.. _sentences[firstSentence..(lastSentence + 1)].Select(t => t - firstToken)],
            [.. _documents[from..(to + 1)].Select(s => s - firstSentence)]);
    }
}

/// <summary>The two parts of a corpus.</summary>
/// <param name="Training">Documents that train.</param>
/// <param name="Validation">Documents that validate.</param>
/// <param name="Tokenizer">What made their tokens.</param>
/// <param name="Fingerprint">Equal for equal documents of an equal tokenizer.</param>
public sealed record DocumentSplits(Documents Training, Documents Validation, ITokenizer Tokenizer, ulong Fingerprint);
