using System.CommandLine;
using System.Globalization;
using System.Text;
using Engine.Cli.Output;
using Engine.Pretraining.Data;
using Engine.Pretraining.Tokenizers;

namespace Engine.Cli.Commands;

/// <summary><c>engine tokenize</c>: learns a vocabulary, turns text into ids and back, and shows how a text is cut.</summary>
internal static class TokenizeCommand
{
    public static Command Create(Host host)
    {
        Command command = new("tokenize", "Learn vocabularies, turn text into token ids and back, show how text is cut.");
        command.Subcommands.Add(Train(host));
        command.Subcommands.Add(Encode(host));
        command.Subcommands.Add(Decode(host));
        command.Subcommands.Add(Inspect(host));
        return command;
    }

    private static Command Train(Host host)
    {
        string[] kinds = [.. TokenizerFile.Kinds.Where(k => k != "byte")];
        Command command = new("train", "Learn a vocabulary from a text and write it as tokenizer.json.");
        Option<string> data = new("--data") { HelpName = "FILE", Description = $"UTF-8 text [{Corpus.TinyShakespeare}]", DefaultValueFactory = _ => Corpus.TinyShakespeare };
        Option<string> kind = new("--kind") { HelpName = string.Join('|', kinds), Description = "kind of tokenizer; metaspace is BPE of characters with ▁ for blanks and bytes for unknown ones, as Llama 2 has it [bpe]", DefaultValueFactory = _ => "bpe" };
        Option<int> vocabSize = NumberOption.Create("--vocab-size", 4096, 1, 1 << 24, "tokens of the vocabulary [4096]");
        Option<int> minFrequency = NumberOption.Create("--min-frequency", 2, 1, int.MaxValue, "fewest occurrences of a merged pair (bpe, metaspace, wordpiece) or a word (word) [2]");
        Option<int> extraIds = NumberOption.Create("--extra-ids", 100, 0, 10000, "sentinels of bpe, metaspace and unigram (T5: 100)");
        Option<string> output = new("--out") { HelpName = "FILE.json", Description = "the tokenizer", Required = true };
        Add(command, data, kind, vocabSize, minFrequency, extraIds, output);
        command.SetAction(result =>
        {
            string wanted = result.GetRequiredValue(kind);
            if (!kinds.Contains(wanted))
            {
                throw new EngineException($"tokenize train: there is no vocabulary of kind {wanted} to learn; expected one of {string.Join(", ", kinds)}.");
            }

            Corpus corpus = Corpus.Load(result.GetRequiredValue(data));
            ITokenizer made = WorkProgress.Show(host, $"reading {corpus.Name}, {Output.Text.Count(corpus.Text.Length)} characters", progress =>
                TokenizerFile.Create(wanted, corpus.Text, result.GetValue(vocabSize), result.GetValue(minFrequency), result.GetValue(extraIds), progress));
            string path = result.GetRequiredValue(output);
            TokenizerFile.Save(made, path);
            host.Out.Write($"{path}: {wanted}, vocabulary of {made.VocabSize}\n");
            return 0;
        });
        return command;
    }

    private static Command Encode(Host host)
    {
        Command command = new("encode", "Turn text into ids: printed, or written as a shard with --out.");
        Option<string> tokenizer = TokenizerOption();
        Option<string> text = TextOption();
        Option<string> data = DataOption("UTF-8 text");
        Option<bool> special = new("--special") { Description = "special tokens that the text spells become themselves, and what the model expects stands around it" };
        Option<string> output = new("--out") { HelpName = "FILE.tokens", Description = "a shard for --data of pretrain, instead of printing" };
        Add(command, tokenizer, text, data, special, output);
        command.SetAction(result =>
        {
            ITokenizer read = TokenizerFile.Load(result.GetRequiredValue(tokenizer));
            Corpus corpus = Source(result, text, data);
            if (result.GetValue(output) is string path)
            {
                long count = WorkProgress.Show(host, $"encoding {corpus.Name}, {Output.Text.Count(corpus.Text.Length)} characters", _ => PretrainData.Prepare(corpus, read, path));
                host.Out.Write($"{path}: {count} tokens, vocabulary of {read.VocabSize}\n");
                return 0;
            }

            int[] ids = result.GetValue(special) ? read.Template.Apply(SpecialText.Encode(read, corpus.Text)) : read.Encode(corpus.Text);
            StringBuilder line = new();
            foreach (int id in ids)
            {
                line.Append(line.Length > 0 ? " " : string.Empty).Append(id);
            }

            host.Out.Write(line.Append('\n').ToString());
            return 0;
        });
        return command;
    }

    private static Command Decode(Host host)
    {
        Command command = new("decode", "Turn ids back into text.");
        Option<string> tokenizer = TokenizerOption();
        Option<string> ids = new("--ids") { HelpName = "IDS", Description = "ids with blanks or commas between them" };
        Option<string> data = DataOption("a shard (FILE.tokens), or a text of ids");
        Add(command, tokenizer, ids, data);
        command.SetAction(result =>
        {
            ITokenizer read = TokenizerFile.Load(result.GetRequiredValue(tokenizer));
            if (result.GetValue(data) is string path && path.EndsWith(PretrainData.ShardExtension, StringComparison.Ordinal))
            {
                using TokenShard shard = TokenShard.Open(path, read);
                int[] tokens = new int[1 << 16];
                TextStream stream = new(read);
                for (long at = 0; at < shard.Count; at += tokens.Length)
                {
                    Span<int> next = tokens.AsSpan(0, (int)Math.Min(tokens.Length, shard.Count - at));
                    shard.Read(at, next);
                    foreach (int token in next)
                    {
                        host.Out.Write(stream.Push(token));
                    }
                }

                host.Out.Write(stream.Flush());
                return 0;
            }

            Corpus source = Source(result, ids, data);
            host.Out.Write(read.Decode(Numbers(source)) + "\n");
            return 0;
        });
        return command;
    }

    private static Command Inspect(Host host)
    {
        Command command = new("inspect", "Describe a tokenizer, and show how it cuts a text: id, place and length in UTF-16 units, piece.");
        Option<string> tokenizer = TokenizerOption();
        Option<string> text = TextOption();
        Option<string> data = DataOption("UTF-8 text");
        Add(command, tokenizer, text, data);
        command.SetAction(result =>
        {
            ITokenizer read = TokenizerFile.Load(result.GetRequiredValue(tokenizer));
            if (result.GetValue(text) is null && result.GetValue(data) is null)
            {
                host.Out.Write($"kind {read.Kind}, vocabulary of {read.VocabSize}, {read.SpecialTokens.Named.Count} special tokens\n");
                foreach ((string name, int id) in read.SpecialTokens.Named.OrderBy(n => n.Value))
                {
                    host.Out.Write($"{id,8}  {name}\n");
                }

                return 0;
            }

            string source = Source(result, text, data).Text;
            StringBuilder table = new("      id   start  length  piece\n");
            foreach (TokenSpan span in read.EncodeSpans(source))
            {
                table.Append(Text($"{span.Id,8}{span.Start,8}{span.Length,8}  {Visible(read.Spell(span.Id))}\n"));
            }

            host.Out.Write(table.ToString());
            return 0;
        });
        return command;
    }

    private static void Add(Command command, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }
    }

    private static Option<string> TokenizerOption() => new("--tokenizer")
    {
        HelpName = "FILE|FOLDER", Required = true,
        Description = "tokenizer.json, a SentencePiece .model, ranks of tiktoken, vocab.json or vocab.txt, or a model's folder",
    };

    private static Option<string> TextOption() => new("--text") { HelpName = "TEXT", Description = "the text itself" };

    private static Option<string> DataOption(string description) => new("--data") { HelpName = "FILE", Description = description };

    /// <summary>What is given on the command line or in a file: exactly one of them.</summary>
    private static Corpus Source(ParseResult result, Option<string> inline, Option<string> file) => (result.GetValue(inline), result.GetValue(file)) switch
    {
        (string text, null) => new Corpus(inline.Name, text),
        (null, string path) => Corpus.Load(path),
        _ => throw new EngineException($"engine tokenize: expected either {inline.Name} or {file.Name}."),
    };

    private static int[] Numbers(Corpus source) => Array.ConvertAll(
        source.Text.Split([' ', ',', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries),
        word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : throw new EngineException($"{source.Name}: '{word}' is not a token id."));

    /// <summary>Line breaks and other controls would spoil the table.</summary>
    private static string Visible(string piece) => string.Concat(piece.EnumerateRunes().Select(c => Rune.IsControl(c) ? $"\\u{c.Value:x4}" : c.ToString()));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
