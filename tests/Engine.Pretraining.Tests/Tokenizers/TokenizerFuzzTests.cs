using System.Buffers.Binary;
using System.Text;
using Engine.Pretraining.Tokenizers;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Tokenizers;

/// <summary>Damaged files of tokenizers: each loads or is refused by a sentence with its name; nothing else comes out.</summary>
public sealed class TokenizerFuzzTests
{
    private const int Rounds = 150;

    public static TheoryData<string> Files => ["t.model", "t.json", "p.json", "w.txt", "vocab.json", "merges.txt", "t.tiktoken", "t.bin", "c.json"];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_damaged_file_is_refused_by_a_sentence(string name)
    {
        using TemporaryFolder folder = new();
        Write(folder);
        byte[] good = File.ReadAllBytes(folder.File(name));
        string path = folder.File(name);
        TokenizerFile.Load(path).EncodeSpans("The cat's  hat.\n");
        RandomStream random = new(7, 0);
        int refused = 0;
        for (int round = 0; round < Rounds; round++)
        {
            File.WriteAllBytes(path, Damage(good, random));
            try
            {
                ITokenizer read = TokenizerFile.Load(path);
                read.Decode(read.Encode("The cat's  hat.\n"));
                TokenizerFile.ToJson(read);
            }
            catch (EngineException e)
            {
                refused++;
                Assert.True(e.Message.Contains(folder.Path, StringComparison.Ordinal) || e.Message.Contains("tokenizer", StringComparison.Ordinal), e.Message);
                Assert.EndsWith(".", e.Message);
            }
        }

        Assert.NotEqual(0, refused);
    }

    [Theory]
    [InlineData("t.model", new byte[] { 0x0A, 0x05, 0x0A }, ": is not a SentencePiece model: at byte 2, field 1 says that it has 5 bytes where 1 are left.")]
    [InlineData("t.model", new byte[] { 0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 }, ": is not a SentencePiece model: at byte 11, a number has more than 64 bits.")]
    [InlineData("t.model", new byte[] { 0x0A, 0x80 }, ": is not a SentencePiece model: at byte 2, a number is cut off.")]
    [InlineData("t.bin", new byte[] { 9, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 127, 1 }, ": is not a tokenizer of llama2.c: piece 0 at byte 4 is cut off or has the length 2147483647.")]
    [InlineData("t.tiktoken", new byte[] { 0x49, 0x51, 0x3D, 0x3D, 0x0A }, ": line 1 is not a token in base 64, a blank and a rank.")]
    [InlineData("merges.txt", new byte[] { 0x61, 0x0A }, ": is half of a tokenizer; its other half, vocab.json or encoder.json, is not beside it.")]
    [InlineData("w.txt", new byte[] { 0x61, 0x0A, 0x62 }, ": is not a vocabulary of word pieces: no line is [UNK].")]
    [InlineData("w.txt", new byte[] { 0x61, 0x0A, 0x61 }, ": the token \"a\" with id 1 contradicts another line of the vocabulary.")]
    [InlineData("w.txt", new byte[] { 0xFF }, ": is not a tokenizer file (it is not UTF-8 text).")]
    [InlineData("vocab.json", new byte[] { 0x7B, 0x7D }, ": is half of a tokenizer; its other half, merges.txt or vocab.bpe, is not beside it.")]
    public void What_is_wrong_is_said_with_its_place(string name, byte[] contents, string message)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.File(name), contents);
        Assert.Equal(folder.File(name) + message, Assert.Throws<EngineException>(() => TokenizerFile.Load(folder.File(name))).Message);
    }

    [Fact]
    public void A_folder_gives_the_file_that_says_most()
    {
        using TemporaryFolder folder = new();
        Assert.StartsWith($"{folder.Path}: holds no tokenizer; looked for tokenizer.json, ", Assert.Throws<EngineException>(() => TokenizerFile.Load(folder.Path)).Message);
        Write(folder);
        Assert.Equal("bpe", TokenizerFile.Load(folder.Path).Kind);
        File.Move(folder.File("w.txt"), folder.File("vocab.txt"));
        File.Delete(folder.File("vocab.json"));
        Assert.Equal("wordpiece", TokenizerFile.Load(folder.Path).Kind);
        File.Move(folder.File("p.json"), folder.File("tokenizer.json"));
        Assert.Equal("unigram", TokenizerFile.Load(folder.Path).Kind);
    }

    private static void Write(TemporaryFolder folder)
    {
        const string Text = "the cat sat on the mat, the cat's hat sat on the rat";
        ITokenizer bytes = BytePairTokenizer.Train(Text, 300, extraIds: 0);
        File.Copy(Path.Combine(Fixture.RepositoryRoot, "tests", "Fixtures", "sentencepiece", "test_model.model"), folder.File("t.model"));
        TokenizerFile.Save(bytes, folder.File("t.json"));
        TokenizerFile.Save(SubwordTokenizer.Train(Text, 300, extraIds: 0), folder.File("p.json"));
        TokenizerFile.Save(CharTokenizer.FromText(Text + ".T\n"), folder.File("c.json"));
        File.WriteAllText(folder.File("w.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\n##s\nhat\ns\n'\n.\n");
        List<string> merges = [];
        StringBuilder vocabulary = new("{");
        for (int id = 0; id < bytes.VocabSize; id++)
        {
            vocabulary.Append(id > 0 ? ", " : string.Empty).Append(System.Text.Json.JsonSerializer.Serialize(bytes.Spell(id))).Append(": ").Append(id);
        }

        foreach (Merge merge in ((BytePairTokenizer)bytes).Merges)
        {
            merges.Add($"{bytes.Spell(merge.Left)} {bytes.Spell(merge.Right)}");
        }

        File.WriteAllText(folder.File("vocab.json"), vocabulary.Append('}').ToString());
        File.WriteAllText(folder.File("merges.txt"), "#version: 0.2\n" + string.Join('\n', merges) + "\n");
        IEnumerable<byte[]> ranks = Enumerable.Range(0, 256).Select(b => new[] { (byte)b }).Concat(Enumerable.Range(0, 50000).Select(i => new[] { (byte)'e', (byte)(i / 256), (byte)i }));
        File.WriteAllLines(folder.File("t.tiktoken"), ranks.Select((token, rank) => $"{Convert.ToBase64String(token)} {rank}"));
        using FileStream file = File.Create(folder.File("t.bin"));
        file.Write([9, 0, 0, 0]);
        string[] pieces = ["<unk>", "\n<s>\n", "\n</s>\n", .. Enumerable.Range(0, 256).Select(b => PieceVocabulary.SpellByte((byte)b)), "th", "the", " the", " ", "t", "h", "e"];
        foreach ((int id, string piece) in pieces.Index())
        {
            byte[] head = new byte[8];
            BinaryPrimitives.WriteSingleLittleEndian(head, -id);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), Encoding.UTF8.GetByteCount(piece));
            file.Write([.. head, .. Encoding.UTF8.GetBytes(piece)]);
        }
    }

    /// <summary>Cuts off, changes, removes, doubles or puts in some bytes, most of them near the beginning, where structure is.</summary>
    private static byte[] Damage(byte[] good, RandomStream random)
    {
        int at = (int)random.NextInt(random.NextInt(2) == 0 ? Math.Min(400, good.Length) : good.Length);
        int length = Math.Min(good.Length - at, 1 + (int)random.NextInt(20));
        switch ((int)random.NextInt(5))
        {
            case 0:
                return good[..at];
            case 1:
                byte[] changed = [.. good];
                changed[at] = (byte)random.NextInt(256);
                return changed;
            case 2:
                return [.. good[..at], .. good[(at + length)..]];
            case 3:
                return [.. good[..(at + length)], .. good[at..]];
            default:
                return [.. good[..at], .. "\"\\\0{9999999999-"u8[..(1 + (int)random.NextInt(14))], .. good[at..]];
        }
    }
}
