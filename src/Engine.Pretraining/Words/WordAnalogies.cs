using Engine.Pretraining.Logs;

namespace Engine.Pretraining.Words;

/// <summary>What came of the questions of one section.</summary>
/// <param name="Section">Its name: the line that begins with a colon, or the file's name.</param>
/// <param name="Questions">Questions.</param>
/// <param name="InVocabulary">Those of which all four words have a vector; only they count.</param>
/// <param name="Correct">Those answered right.</param>
public sealed record AnalogyScore(string Section, int Questions, int InVocabulary, int Correct);

/// <summary>
/// "a is to b as c is to ?" (Mikolov et al. 2013): the answer is the word whose cosine with b − a + c is largest, the three words of the
/// question excluded. Questions are lines of four words; a line with a colon begins a section.
/// </summary>
public static class WordAnalogies
{
    /// <summary>Answers the questions of a text.</summary>
    /// <param name="vectors">The vectors; words are compared in lower case if the vocabulary has no other.</param>
    /// <param name="name">The text's name, for messages and for questions before the first section.</param>
    /// <param name="text">The questions.</param>
    /// <param name="among">Only the first so many words of the vocabulary are known and can be answers; all by default.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    /// <exception cref="EngineException">A line is not four words; names it.</exception>
    public static IReadOnlyList<AnalogyScore> Evaluate(WordVectors vectors, string name, string text, int? among = null, IProgress<WorkDone>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentNullException.ThrowIfNull(text);
        List<AnalogyScore> scores = [];
        AnalogyScore score = new(name, 0, 0, 0);
        int number = 0;
        string what = $"answering {name}";
        int lines = text.AsSpan().Count('\n');
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            progress?.Report(new WorkDone(what, number, lines, "questions"));
            number++;
            string[] words = line.ToString().ToLowerInvariant().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && words[0].StartsWith(':'))
            {
                Finish(scores, score);
                score = new(line.TrimStart(": ").ToString(), 0, 0, 0);
            }
            else if (words.Length == 4)
            {
                int[] ids = [.. words.Select(vectors.IndexOf)];
                bool known = ids.All(id => id >= 0 && id < (among ?? int.MaxValue));
                bool right = known && vectors.Nearest(vectors.Analogy(ids[0], ids[1], ids[2]), 1, ids.AsSpan(0, 3), among) is [{ Word: int best }] && best == ids[3];
                score = score with
                {
                    Questions = score.Questions + 1,
                    InVocabulary = score.InVocabulary + (known ? 1 : 0),
                    Correct = score.Correct + (right ? 1 : 0),
                };
            }
            else if (words.Length > 0)
            {
                throw new EngineException($"{name}: line {number} has {words.Length} words; expected four, or a section's name behind a colon.");
            }
        }

        Finish(scores, score);
        return scores;
    }

    private static void Finish(List<AnalogyScore> scores, AnalogyScore score)
    {
        if (score.Questions > 0)
        {
            scores.Add(score);
        }
    }
}
