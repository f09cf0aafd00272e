using System.Buffers.Text;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Engine.Pretraining.Tokenizers.Normalization;

namespace Engine.Pretraining.Tokenizers.Files;

/// <summary>
/// Files of byte-level BPE other than tokenizer.json: vocab.json with merges.txt (GPT-2's encoder.json and vocab.bpe), ranks of
/// tiktoken, CLIP's list of merges.
/// </summary>
internal static class BytePairFiles
{
    /// <summary>CLIP uses 49152 − 256 − 2 merges of its list, which is longer (simple_tokenizer.py).</summary>
    private const int ClipTokens = 49152;

    /// <summary>A tokenizer of tokens written in the letters of bytes.</summary>
    /// <param name="name">The file, for messages.</param>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="merges">In order of rank.</param>
    /// <param name="how">How a text is prepared and cut.</param>
    /// <param name="suffixed">Whether tokens that end a word are marked.</param>
    /// <exception cref="EngineException">A token is missing or not written so.</exception>
    public static BytePairTokenizer Build(string name, VocabularyTable vocabulary, IEnumerable<(string Left, string Right)> merges, BytePairSettings how, bool suffixed)
    {
        byte[]?[] bytes = new byte[vocabulary.Tokens.Length][];
        bool[]? ends = suffixed ? new bool[bytes.Length] : null;
        for (int id = 0; id < bytes.Length; id++)
        {
            if (vocabulary.Tokens[id] is not string token)
            {
                continue;
            }

            if (vocabulary.Special.ContainsKey(id))
            {
                bytes[id] = Encoding.UTF8.GetBytes(token);
                continue;
            }

            bool ended = ends is not null && (ends[id] = token.Length > ClipPattern.Suffix.Length && token.EndsWith(ClipPattern.Suffix, StringComparison.Ordinal));
            bytes[id] = ByteLetters.TryRead(ended ? token[..^ClipPattern.Suffix.Length] : token, out byte[] read)
                ? ended ? [.. read, (byte)' '] : read
                : throw new EngineException($"{name}: the token \"{token}\" is not written in the letters of byte-level BPE.");
        }

        List<Merge> pairs = [];
        List<int> made = [];
        foreach ((string left, string right) in merges)
        {
            pairs.Add(new Merge(vocabulary.Id(name, left), vocabulary.Id(name, right)));
            made.Add(vocabulary.Id(name, left + right));
        }

        int missing = Array.FindIndex(ByteLetters.Order, b => !vocabulary.Has(ByteLetters.Write([b])) || (suffixed && !vocabulary.Has(ByteLetters.Write([b]) + ClipPattern.Suffix)));
        return missing < 0
            ? new BytePairTokenizer(bytes, pairs, [.. made], vocabulary.Special, how with { Suffixed = ends })
            : throw new EngineException($"{name}: the vocabulary has no token for byte {ByteLetters.Order[missing]}; it is not a byte-level one.");
    }

    /// <summary>Reads vocab.json and the merges beside it.</summary>
    /// <param name="path">The vocabulary.</param>
    /// <param name="mergesPath">The merges.</param>
    /// <param name="merges">Text of that file.</param>
    /// <param name="vocab">The vocabulary's JSON: tokens with ids.</param>
    public static BytePairTokenizer Read(string path, string mergesPath, string merges, JsonElement vocab)
    {
        List<(string Token, int Id)> tokens = [.. vocab.EnumerateObject().Select(t => (t.Name, t.Value.GetInt32()))];
        List<(string Left, string Right)> pairs = [.. ReadMerges(mergesPath, merges.Split('\n'))];
        bool clip = tokens.Exists(t => t.Token.EndsWith(ClipPattern.Suffix, StringComparison.Ordinal));

        // Special tokens are those that are neither of bytes nor made by merges.
        HashSet<string> made = [.. pairs.Select(p => p.Left + p.Right)];
        AddedTokens special = [];
        foreach ((string token, int id) in tokens)
        {
            bool single = token.Length == 1 || (clip && token.Length == 1 + ClipPattern.Suffix.Length && token.EndsWith(ClipPattern.Suffix, StringComparison.Ordinal));
            if (!single && !made.Contains(token))
            {
                special[id] = token;
            }
        }

        return Build(path, VocabularyTable.Of(path, tokens, special), pairs, clip ? Clip(special) : new BytePairSettings(new Gpt2Pattern()), clip);
    }

    /// <summary>Reads CLIP's bpe_simple_vocab_16e6.txt: the tokens follow from the merges.</summary>
    public static BytePairTokenizer ReadClip(string path, string text)
    {
        string[] letters = [.. ByteLetters.Order.Select(b => ByteLetters.Write([b]))];
        List<(string Left, string Right)> merges = [.. ReadMerges(path, text.Split('\n')).Take(ClipTokens - letters.Length - 2)];
        List<string> tokens = [.. letters, .. letters.Select(t => t + ClipPattern.Suffix), .. merges.Select(m => m.Left + m.Right)];
        AddedTokens special = new() { [tokens.Count] = "<|startoftext|>", [tokens.Count + 1] = "<|endoftext|>" };
        return Build(path, VocabularyTable.Of(path, tokens.Select((t, id) => (t, id)), special), merges, Clip(special), suffixed: true);
    }

    /// <summary>Reads ranks of tiktoken: lines of a token in base 64 and its rank.</summary>
    /// <exception cref="EngineException">A line is none, a byte is missing, or the number of ranks belongs to no vocabulary that is known.</exception>
    public static BytePairTokenizer ReadTiktoken(string path, ReadOnlySpan<byte> text)
    {
        List<(string Token, int Id)> tokens = [];
        byte[] buffer = new byte[256];
        int number = 0;
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range].TrimEnd((byte)'\r');
            number++;
            if (line.IsEmpty)
            {
                continue;
            }

            int blank = line.IndexOf((byte)' ');
            if (blank < 1 || Base64.GetMaxDecodedFromUtf8Length(blank) > buffer.Length
                || Base64.DecodeFromUtf8(line[..blank], buffer, out _, out int written) != System.Buffers.OperationStatus.Done || written == 0
                || !int.TryParse(line[(blank + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int rank))
            {
                throw new EngineException($"{path}: line {number} is not a token in base 64, a blank and a rank.");
            }

            tokens.Add((Encoding.Latin1.GetString(buffer.AsSpan(0, written)), rank));
        }

        (PiecePattern pattern, Normalizer[] normalizers, (string, int)[] special) = OfTiktoken(path, tokens.Count);
        AddedTokens named = new(special.ToDictionary(s => s.Item2, s => s.Item1));
        VocabularyTable table = VocabularyTable.Of(path, tokens, named);
        byte[]?[] bytes = [.. table.Tokens.Select((t, id) => t is null ? null : named.ContainsKey(id) ? Encoding.UTF8.GetBytes(t) : Encoding.Latin1.GetBytes(t))];
        int missing = Enumerable.Range(0, 256).FirstOrDefault(b => !table.Has(((char)b).ToString()), -1);
        if (missing >= 0)
        {
            throw new EngineException($"{path}: there is no rank for byte {missing}.");
        }

        VocabularyMerges merges = VocabularyMerges.Of(tokens.OrderBy(t => t.Id).Select(t => (t.Token, t.Id, t.Id)), table.Ids);
        return new BytePairTokenizer(bytes, merges.Merges, merges.Made, named, new BytePairSettings(pattern) { IgnoreMerges = true, Normalizers = normalizers, Ranks = merges.Ranks });
    }

    /// <summary>What belongs to published ranks, which are known by their number: openai_public.py of tiktoken, Llama 3, Qwen, Whisper.</summary>
    private static (PiecePattern Pattern, Normalizer[] Normalizers, (string Token, int Id)[] Special) OfTiktoken(string path, int count) => count switch
    {
        50256 => (new Gpt2Pattern(), [], [("<|endoftext|>", 50256)]),
        50257 => (new Gpt2Pattern(), [], [("<|endoftext|>", 50257)]),
        50280 => (new Gpt2Pattern(), [], [("<|endoftext|>", 50256)]),
        100256 => (new Gpt4Pattern(3), [], [("<|endoftext|>", 100257), ("<|fim_prefix|>", 100258), ("<|fim_middle|>", 100259), ("<|fim_suffix|>", 100260), ("<|endofprompt|>", 100276)]),
        128000 => (new Gpt4Pattern(3), [], [("<|begin_of_text|>", 128000), ("<|end_of_text|>", 128001)]),
        151643 => (new Gpt4Pattern(1), [new UnicodeForm(false, true)], [("<|endoftext|>", 151643), ("<|im_start|>", 151644), ("<|im_end|>", 151645)]),
        199998 => (new O200kPattern(), [], [("<|endoftext|>", 199999), ("<|endofprompt|>", 200018)]),
        _ => throw new EngineException(
            $"{path}: it has {count} ranks; how texts are cut for them is known of gpt2 (50256), Whisper (50257), p50k (50280), cl100k (100256), Llama 3 (128000), Qwen (151643) and o200k (199998)."),
    };

    /// <summary>Unpacks gzip, up to a size that no list of merges has.</summary>
    public static byte[] Unzip(string path, byte[] packed)
    {
        const int Most = 1 << 26;
        using GZipStream stream = new(new MemoryStream(packed), CompressionMode.Decompress);
        using MemoryStream unpacked = new();
        byte[] buffer = new byte[1 << 16];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            unpacked.Write(buffer, 0, count);
            if (unpacked.Length > Most)
            {
                throw new EngineException($"{path}: holds more than {Most} bytes unpacked; it is no list of merges.");
            }
        }

        return unpacked.ToArray();
    }

    private static BytePairSettings Clip(AddedTokens special)
    {
        SpecialTokens roles = SpecialTokens.ByName(special);
        return new BytePairSettings(new ClipPattern())
        {
            Normalizers = [new UnicodeForm(false, true), new Replace(Replace.WhiteSpace, true, " "), new Lowercase()],
            Template = roles is { Bos: int bos, Eos: int eos } ? new SequenceTemplate([bos], [eos]) : SequenceTemplate.None,
        };
    }

    /// <summary>Lines of two tokens, after a line that names a version or the first line of CLIP's.</summary>
    private static IEnumerable<(string Left, string Right)> ReadMerges(string path, string[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r');
            if (line.Length == 0 || (i == 0 && (line.StartsWith("#version", StringComparison.Ordinal) || line.StartsWith("\"bpe_simple_vocab", StringComparison.Ordinal))))
            {
                continue;
            }

            string[] parts = line.Split(' ');
            yield return parts is [{ Length: > 0 } left, { Length: > 0 } right] ? (left, right) : throw new EngineException($"{path}: line {i + 1} is not two tokens with a blank between them.");
        }
    }
}
