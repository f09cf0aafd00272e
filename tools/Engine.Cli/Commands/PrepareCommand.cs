using System.CommandLine;
using Engine.Cli.Output;
using Engine.Pretraining.Data;
using Engine.Pretraining.Tokenizers;

namespace Engine.Cli.Commands;

/// <summary><c>engine prepare</c>: tokenizes a corpus once, into a shard that <c>--data</c> maps instead of reading the text again.</summary>
internal static class PrepareCommand
{
    public static Command Create(Host host)
    {
        Command command = new("prepare", "Tokenize a corpus into a shard (FILE.tokens and FILE.tokens.json) for --data.");
        Option<string> data = new("--data") { HelpName = "FILE", Description = $"UTF-8 text [{Corpus.TinyShakespeare}]", DefaultValueFactory = _ => Corpus.TinyShakespeare };
        Option<string> tokenizer = new("--tokenizer") { HelpName = string.Join('|', TokenizerFile.Kinds) + "|FILE|FOLDER/", Description = "kind of tokenizer, or a published one: its file or its model's folder [char]", DefaultValueFactory = _ => "char" };
        Option<int> vocabSize = NumberOption.Create("--vocab-size", 4096, 1, 1 << 24, "vocabulary made from the corpus; char and byte have a size of their own");
        Option<int> minFrequency = NumberOption.Create("--min-frequency", 2, 1, int.MaxValue, "fewest occurrences of a merged pair (bpe, wordpiece) or a word (word)");
        Option<int> extraIds = NumberOption.Create("--extra-ids", 100, 0, 10000, "sentinels of bpe (T5: 100)");
        Option<string> output = new("--out") { HelpName = "FILE.tokens", Description = "the shard", Required = true };
        command.Options.Add(data);
        command.Options.Add(tokenizer);
        command.Options.Add(vocabSize);
        command.Options.Add(minFrequency);
        command.Options.Add(extraIds);
        command.Options.Add(output);
        command.SetAction(result =>
        {
            string path = result.GetRequiredValue(output);
            Corpus corpus = Corpus.Load(result.GetRequiredValue(data));
            ITokenizer made = WorkProgress.Show(host, $"reading {corpus.Name}", progress => TokenizerFile.Create(
                result.GetRequiredValue(tokenizer), corpus.Text, result.GetValue(vocabSize), result.GetValue(minFrequency), result.GetValue(extraIds), progress));
            long count = WorkProgress.Show(host, $"encoding {corpus.Name}, {Text.Count(corpus.Text.Length)} characters", _ => PretrainData.Prepare(corpus, made, path));
            host.Out.Write($"{path}: {count} tokens, vocabulary of {made.VocabSize}\n");
            return 0;
        });
        return command;
    }
}
