using System.CommandLine;
using System.Globalization;
using Engine.Cli.Output;
using Engine.Pretraining.Data;
using Engine.Pretraining.Words;

namespace Engine.Cli.Commands;

/// <summary><c>engine words</c>: what word vectors know — neighbours, analogies, similarity.</summary>
internal static class WordsCommand
{
    public static Command Create(Host host)
    {
        Command command = new("words", "Ask word vectors for neighbours, analogies and human similarity.");
        Option<string> vectors = new("--vectors") { HelpName = "FILE", Description = "word2vec text or binary, or GloVe text; a run's vectors.txt", Required = true };
        Option<string[]> near = new("--near") { HelpName = "WORD", Description = "the ten nearest words", AllowMultipleArgumentsPerToken = true };
        Option<string[]> analogies = new("--analogies") { HelpName = "FILE", Description = "lines of four words; sections begin with a colon", AllowMultipleArgumentsPerToken = true };
        Option<string[]> similarity = new("--similarity") { HelpName = "FILE", Description = "lines of two words and a score", AllowMultipleArgumentsPerToken = true };
        Option<int> among = NumberOption.Create("--among", int.MaxValue, 1, int.MaxValue, "only the first so many words of the file");
        command.Options.Add(vectors);
        command.Options.Add(near);
        command.Options.Add(analogies);
        command.Options.Add(similarity);
        command.Options.Add(among);
        command.SetAction(result =>
        {
            string source = result.GetRequiredValue(vectors);
            WordVectors read = WorkProgress.Show(host, $"reading {source}", _ => WordVectorsFile.Read(source, result.GetValue(among)));
            foreach (string word in result.GetValue(near) ?? [])
            {
                int id = read.IndexOf(word);
                host.Out.Write(id < 0
                    ? throw new EngineException($"{result.GetValue(vectors)}: has no vector for '{word}'.")
                    : $"{word}: {string.Join(", ", read.Nearest(read[id], 10, [id]).Select(n => Text($"{read.Words[n.Word]} {n.Cosine:0.000}")))}\n");
            }

            Analogies(host, read, result.GetValue(analogies) ?? []);
            foreach (string file in result.GetValue(similarity) ?? [])
            {
                SimilarityScore score = WorkProgress.Show(host, $"comparing {file}", _ => WordSimilarity.Evaluate(read, file, Corpus.Load(file).Text));
                host.Out.Write(Text($"{Path.GetFileName(file)}: Spearman {score.Spearman:0.0000} over {score.InVocabulary} of {score.Pairs} pairs\n"));
            }

            return 0;
        });
        return command;
    }

    private static void Analogies(Host host, WordVectors vectors, string[] files)
    {
        List<AnalogyScore> all = [];
        foreach (string file in files)
        {
            foreach (AnalogyScore score in WorkProgress.Show(host, $"reading {file}", progress => WordAnalogies.Evaluate(vectors, file, Corpus.Load(file).Text, progress: progress)))
            {
                host.Out.Write(Text($"{Path.GetFileName(score.Section)}: {score.Correct} of {score.InVocabulary} right, of {score.Questions} questions\n"));
                all.Add(score);
            }
        }

        if (all.Count > 1)
        {
            host.Out.Write(Text($"all: {all.Sum(s => s.Correct)} of {all.Sum(s => s.InVocabulary)} right, of {all.Sum(s => s.Questions)} questions\n"));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
