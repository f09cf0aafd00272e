using System.Text.RegularExpressions;

namespace Engine.Pretraining.Generation;

/// <summary>
/// BLEU of a corpus (Papineni et al., "BLEU: a method for automatic evaluation of machine translation", 2002): the geometric mean of
/// the clipped precisions of 1- to 4-grams, times exp(1 − r/c) if the candidates (c tokens) are shorter than the references (r, of each
/// sentence the reference nearest in length). Tokens are those of mteval-v13a, so that figures compare with sacreBLEU's (Post, "A call for clarity in reporting
/// BLEU scores", 2018) without smoothing: 0 if some order has no match.
/// </summary>
public static partial class Bleu
{
    private const int Orders = 4;

    /// <summary>0 to 100.</summary>
    /// <param name="candidates">What was written.</param>
    /// <param name="references">What should have been: one list, or several alternatives, each as long as the candidates.</param>
    /// <exception cref="EngineException">The numbers of sentences differ, or there are none.</exception>
    public static double Corpus(IReadOnlyList<string> candidates, params IReadOnlyList<IReadOnlyList<string>> references)
    {
        if (references.Count == 0 || candidates.Count == 0 || references.Any(r => r.Count != candidates.Count))
        {
            throw new EngineException($"BLEU: {candidates.Count} candidates and {string.Join(", ", references.Select(r => r.Count))} references; expected one reference a candidate.");
        }

        long[] matched = new long[Orders];
        long[] written = new long[Orders];
        (long c, long r) = (0, 0);
        for (int i = 0; i < candidates.Count; i++)
        {
            string[] candidate = Tokenize13a(candidates[i]);
            string[][] alternatives = [.. references.Select(reference => Tokenize13a(reference[i]))];
            c += candidate.Length;
            r += alternatives.Select(a => a.Length).OrderBy(n => Math.Abs(n - candidate.Length)).ThenBy(n => n).First();
            for (int order = 1; order <= Orders; order++)
            {
                Dictionary<string, int>[] expected = [.. alternatives.Select(a => Grams(a, order))];
                matched[order - 1] += Grams(candidate, order).Sum(g => Math.Min(g.Value, expected.Max(e => e.GetValueOrDefault(g.Key))));
                written[order - 1] += Math.Max(0, candidate.Length - order + 1);
            }
        }

        if (matched.Contains(0))
        {
            return 0;
        }

        double precision = matched.Zip(written).Average(p => Math.Log((double)p.First / p.Second));
        return 100 * Math.Exp(precision + Math.Min(0, 1 - ((double)r / c)));
    }

    /// <summary>The tokens of NIST's mteval-v13a: punctuation stands alone but for periods and commas inside numbers, and dashes after digits do.</summary>
    public static string[] Tokenize13a(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        string text = line.Replace("<skipped>", string.Empty, StringComparison.Ordinal).Replace("-\n", string.Empty, StringComparison.Ordinal).Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        text = Symbols().Replace($" {text} ", " $1 ");
        text = AfterNonDigit().Replace(text, "$1 $2 ");
        text = BeforeNonDigit().Replace(text, " $1 $2");
        text = DashAfterDigit().Replace(text, "$1 $2 ");
        return text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    private static Dictionary<string, int> Grams(string[] tokens, int order)
    {
        Dictionary<string, int> grams = [];
        for (int i = 0; i + order <= tokens.Length; i++)
        {
            string gram = string.Join(' ', tokens, i, order);
            grams[gram] = grams.GetValueOrDefault(gram) + 1;
        }

        return grams;
    }

    [GeneratedRegex(@"([\{-\~\[-\` -\&\(-\+\:-\@\/])")]
    private static partial Regex Symbols();

    [GeneratedRegex(@"([^0-9])([\.,])")]
    private static partial Regex AfterNonDigit();

    [GeneratedRegex(@"([\.,])([^0-9])")]
    private static partial Regex BeforeNonDigit();

    [GeneratedRegex(@"([0-9])(-)")]
    private static partial Regex DashAfterDigit();
}
