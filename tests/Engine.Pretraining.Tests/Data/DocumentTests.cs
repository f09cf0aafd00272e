using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Tests.Tokenizers;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Data;

public sealed class DocumentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("one\ntwo\n\nthree", "one|two||three")]
    [InlineData("\n\n a b. \r\n\r\n\n\nc", "a b.||c")]
    [InlineData("It rains. It pours! Does it? \"Yes.\" Well, no.", "It rains.|It pours!|Does it?|\"Yes.\"|Well, no.")]
    [InlineData("Mr. Smith of the U.S. Army paid 3.5 pounds. then slept . He woke .", "Mr. Smith of the U.S. Army paid 3.5 pounds. then slept .|He woke .")]
    [InlineData(" = Cats = \n \n Cats purr . They sleep . \n = = Food = = \n Fish . \n = Dogs = \n Dogs bark . \n", "Cats purr .|They sleep .|Fish .||Dogs bark .")]
    [InlineData("a = b = c\n= =\n =", "a = b = c|= =|=")]
    [InlineData("   \n \n", "")]
    public void Text_is_cut_into_documents_and_sentences(string text, string expected) =>
        Assert.Equal(expected, string.Join("||", DocumentReader.Read(text).Select(d => string.Join('|', d.Select(s => text[s])))));

    [Fact]
    public void Sentences_are_in_order_without_overlap_and_lose_only_space_and_headings() => Prop.ForAll(
        ArbMap.Default.ArbFor<ulong>(), seed =>
        {
            const string Letters = "ab A.!?\"\n\n = ";
            RandomStream random = new(seed, 1);
            string text = string.Concat(Enumerable.Range(0, (int)random.NextInt(80)).Select(_ => Letters[(int)random.NextInt(Letters.Length)]));
            Range[] sentences = [.. DocumentReader.Read(text).SelectMany(d => d)];
            Assert.All(DocumentReader.Read(text), d => Assert.NotEmpty(d));
            int at = 0;
            foreach (Range sentence in sentences)
            {
                Assert.True(sentence.Start.Value >= at && sentence.End.Value > sentence.Start.Value);
                Assert.Equal(text[sentence].Trim(), text[sentence]);
                Assert.True(IsLeftOut(text[at..sentence.Start.Value]), text[at..sentence.Start.Value]);
                at = sentence.End.Value;
            }

            Assert.True(IsLeftOut(text[at..]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Full_sentences_fill_sequences_over_documents()
    {
        (Documents documents, PieceTokenizer tokenizer) = Read("a b c\nd e\n\nf g\n\nh i j k l m n o\np");
        Assert.Equal(
            ["[CLS] a b c d e [SEP]", "[CLS] f g [SEP]", "[CLS] h i j k l m [SEP]", "[CLS] n o p [SEP]"],
            Sequences(new FullSentences(documents, 8, 2, 3), tokenizer, 8));
        Assert.Equal(
            ["[CLS] a b c d e [SEP] f g [SEP]", "[CLS] h i j k l m n o [SEP]", "[CLS] p [SEP]"],
            Sequences(new FullSentences(documents, 10, 2, 3), tokenizer, 10));
        Assert.Equal(
            ["[CLS] a b c d e [SEP]", "[CLS] h i j k l m n o [SEP]"],
            Sequences(new FullSentences(documents, 10, 2, 3, across: false, least: 4), tokenizer, 10));
    }

    [Fact]
    public void Full_sentences_have_every_token_once_and_fit() => Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed =>
    {
        RandomStream random = new(seed, 1);
        string text = string.Join('\n', Enumerable.Range(0, 1 + (int)random.NextInt(20)).Select(_ => string.Join(' ', Enumerable.Repeat("a", (int)random.NextInt(12)))));
        if (string.IsNullOrWhiteSpace(text))
        {
            return;
        }

        (Documents documents, PieceTokenizer tokenizer) = Read(text);
        int length = 3 + (int)random.NextInt(20);
        string[] sequences = Sequences(new FullSentences(documents, length, 2, 3), tokenizer, length);
        Assert.All(sequences, s => Assert.InRange(s.Split(' ').Length, 3, length));
        Assert.Equal(documents.Tokens.Length, sequences.Sum(s => s.Split(' ').Count(w => w == "a")));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Pairs_are_half_what_follows_and_half_from_another_document()
    {
        const int T = 24;
        (Documents documents, PieceTokenizer tokenizer) = Read(Corpus(60, 12));
        SentencePairs pairs = new(documents, PairKind.NextSentence, T, 2, 3, 0.1);
        int[] ids = new int[T];
        int[] types = new int[T];
        int random = 0;
        const int Draws = 20_000;
        RandomStream stream = new(3, 1);
        for (int i = 0; i < Draws; i++)
        {
            EncodedSequence s = pairs.Fill((int)stream.NextInt(pairs.Count), stream, ids, types);
            random += s.PairLabel;
            int second = Array.IndexOf(ids, 3) + 1;
            string[] a = tokenizer.Decode(ids.AsSpan(1, second - 2)).Split(' ');
            string[] b = tokenizer.Decode(ids.AsSpan(second, s.Length - second - 1)).Split(' ');
            Assert.Equal(3, ids[s.Length - 1]);
            Assert.Equal([.. Enumerable.Repeat(0, second), .. Enumerable.Repeat(1, s.Length - second)], types[..s.Length]);

            // Words are dDDD and nNNN: the document and the sentence.
            string document = Assert.Single(a.Concat(s.PairLabel == 0 ? b : []).Where(w => w[0] == 'd').Distinct());
            Assert.Equal(s.PairLabel == 1, !b.Contains(document) && b.Any(w => w[0] == 'd') );
        }

        Assert.InRange((double)random / Draws, 0.49, 0.51);
    }

    [Fact]
    public void Swapped_pairs_hold_the_same_text_in_the_other_order()
    {
        const int T = 64;
        (Documents documents, PieceTokenizer tokenizer) = Read(Corpus(5, 3));
        SentencePairs pairs = new(documents, PairKind.SentenceOrder, T, 2, 3, 0);
        int[] ids = new int[T];
        int[] types = new int[T];
        int swapped = 0;
        for (int i = 0; i < 2000; i++)
        {
            EncodedSequence s = pairs.Fill(i % pairs.Count, new RandomStream(1, (ulong)i), ids, types);
            int[] sentences = [.. tokenizer.Decode(ids.AsSpan(0, s.Length)).Split(' ').Where(w => w[0] == 'n').Select(w => int.Parse(w[1..], System.Globalization.CultureInfo.InvariantCulture)).Distinct()];
            Assert.Equal(s.PairLabel == 0, sentences.SequenceEqual(sentences.Order()));
            swapped += s.PairLabel;
        }

        Assert.InRange(swapped, 900, 1100);
    }

    [Fact]
    public void A_corpus_that_cannot_be_used_is_refused_in_a_sentence()
    {
        string Message(string text, Action<Documents> use) => Assert.Throws<EngineException>(() => use(Read(text).Documents)).Message;
        Assert.Equal("corpus: has no sentence to learn from.", Message("  \n", _ => { }));
        Assert.Equal(
            "corpus: has one document, but next sentence prediction draws from another; separate documents by empty lines or change val_fraction.",
            Message("a\nb", d => _ = new SentencePairs(d, PairKind.NextSentence, 16, 2, 3, 0)));
        Assert.Equal(
            "corpus: every document has a single sentence, so there are no pairs to learn from; put one sentence on a line and empty lines between documents.",
            Message("a\n\nb", d => _ = new SentencePairs(d, PairKind.SentenceOrder, 16, 2, 3, 0)));
        Assert.Equal(
            "corpus: a pair of segments of block_size = 4 has no room for two tokens beside [CLS] and two [SEP]; raise block_size.",
            Message("a\n\nb", d => _ = new SentencePairs(d, PairKind.SentenceOrder, 4, 2, 3, 0)));
        Assert.Equal(
            "corpus: a sequence of block_size = 8 has room for 6 tokens beside [CLS] and [SEP], but at least 10 must fit; raise block_size.",
            Message("a", d => _ = new FullSentences(d, 8, 2, 3, least: 10)));
        Assert.Equal(
            "corpus: every document is shorter than 10 tokens, the shortest that can be used here; join documents or take a longer corpus.",
            Message("a b c\n\nd", d => _ = new FullSentences(d, 16, 2, 3, across: false, least: 10)));
    }

    [Fact]
    public void Splits_are_whole_documents_and_notice_a_change()
    {
        string path = _folder.File("text.txt");
        File.WriteAllText(path, Corpus(20, 3));
        PieceTokenizer tokenizer = new(File.ReadAllText(path));
        PretrainConfig config = new() { Objective = "mlm", Model = "bert", Data = path, Tokenizer = "pieces", ValFraction = 0.1 };
        DocumentSplits splits = Documents.Open(config, tokenizer);
        Assert.Equal((18, 2), (splits.Training.Count, splits.Validation.Count));
        Assert.Equal(0, splits.Validation.SentenceStart(0));
        Assert.Equal(splits.Fingerprint, Documents.Open(config, tokenizer, splits.Fingerprint).Fingerprint);

        // The same tokens in other documents are other data.
        File.WriteAllText(path, Corpus(20, 3).Replace("\n\n", "\n", StringComparison.Ordinal));
        EngineException e = Assert.Throws<EngineException>(() => Documents.Open(config, tokenizer, splits.Fingerprint));
        Assert.Contains("the corpus has changed since the run began", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<EngineException>(() => Documents.Open(config, tokenizer));
        Assert.Contains("has 1 document, which cannot be split into training and validation", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<EngineException>(() => Documents.Open(config with { Data = "x.tokens" }, tokenizer));
        Assert.Equal("x.tokens: a token shard does not keep documents and sentences, which objective mlm needs; give the text file instead.", e.Message);
    }

    private static string Corpus(int documents, int sentences) => string.Join("\n\n", Enumerable.Range(0, documents).Select(d =>
        string.Join('\n', Enumerable.Range(0, sentences).Select(n => $"d{d:000} n{n:000} d{d:000}"))));

    private static bool IsLeftOut(string text) => text.Split('\n').All(line => string.IsNullOrWhiteSpace(line) || DocumentReader.HeadingLevel(line) > 0);

    private static (Documents Documents, PieceTokenizer Tokenizer) Read(string text)
    {
        PieceTokenizer tokenizer = new(text);
        return (Documents.Read(new Corpus("corpus", text), tokenizer), tokenizer);
    }

    private static string[] Sequences(FullSentences sequences, PieceTokenizer tokenizer, int length)
    {
        int[] ids = new int[length];
        int[] types = new int[length];
        return [.. Enumerable.Range(0, sequences.Count).Select(i => tokenizer.Decode(ids.AsSpan(0, sequences.Fill(i, new RandomStream(1, 1), ids, types).Length)))];
    }
}
