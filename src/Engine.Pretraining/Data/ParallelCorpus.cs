using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Data;

/// <summary>Pairs of lines: line i of one file says the same as line i of the other.</summary>
/// <param name="Name">For messages: both files.</param>
/// <param name="Sources">Lines of the source.</param>
/// <param name="Targets">Lines of the target, as many.</param>
public sealed record ParallelCorpus(string Name, IReadOnlyList<string> Sources, IReadOnlyList<string> Targets)
{
    /// <summary>Reads two UTF-8 files. Pairs with an empty line are left out, as they cannot be learned.</summary>
    /// <param name="source">The file of the source language.</param>
    /// <param name="target">The file of the target language.</param>
    /// <exception cref="EngineException">A file cannot be read as text, or they do not have the same number of lines.</exception>
    public static ParallelCorpus Load(string source, string target)
    {
        string[] sources = Lines(source);
        string[] targets = Lines(target);
        if (sources.Length != targets.Length)
        {
            throw new EngineException(
                $"{source} has {sources.Length} lines and {target} has {targets.Length}; in a parallel corpus line i of one is the translation of line i of the other.");
        }

        (string Source, string Target)[] pairs = [.. sources.Zip(targets).Where(p => p.First.Length > 0 && p.Second.Length > 0)];
        return pairs.Length > 0
            ? new ParallelCorpus($"{source} and {target}", [.. pairs.Select(p => p.Source)], [.. pairs.Select(p => p.Target)])
            : throw new EngineException($"{source} and {target}: there is no pair of lines that are both not empty.");
    }

    /// <summary>The pairs as tokens, each target with its end token. Pairs longer than the model reads are left out.</summary>
    /// <param name="tokenizer">Of both languages.</param>
    /// <param name="eos">The end token, behind sources and targets.</param>
    /// <param name="maxLength">The most tokens of a side, the end token included.</param>
    /// <exception cref="EngineException">A line does not fit the tokenizer, or no pair is short enough.</exception>
    public IReadOnlyList<TokenPair> Encode(ITokenizer tokenizer, int eos, int maxLength)
    {
        TokenPair[] all = [.. Sources.Select((s, i) => new TokenPair(Side(s, i), Side(Targets[i], i)))];
        TokenPair[] fitting = [.. all.Where(p => p.Source.Length <= maxLength && p.Target.Length <= maxLength)];
        return fitting.Length > 0
            ? fitting
            : throw new EngineException($"{Name}: every pair has more than block_size = {maxLength} tokens on one side; raise block_size.");

        int[] Side(string text, int line) => [.. PretrainData.Encode($"{Name}: pair {line + 1}", text, tokenizer), eos];
    }

    private static string[] Lines(string path)
    {
        string text = Corpus.Load(path).Text;
        string[] lines = [.. text.Split('\n').Select(l => l.Trim())];
        return text.EndsWith('\n') ? lines[..^1] : lines;
    }
}

/// <summary>A source and a target as tokens, both with their end token.</summary>
public readonly record struct TokenPair(int[] Source, int[] Target);
