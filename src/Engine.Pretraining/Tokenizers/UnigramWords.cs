using System.Text;
using Engine.Pretraining.Tokenizers.Normalization;

namespace Engine.Pretraining.Tokenizers;

/// <summary>The words of a corpus that a unigram model is learned from: normalized stretch by stretch, cut before blanks and around line breaks.</summary>
internal sealed class UnigramWords(Normalizer[] normalizers)
{
    /// <summary>How much of the text is normalized at a time; a stretch ends before a blank.</summary>
    private const int Stretch = 1 << 20;

    private readonly WordCounts _counts = new();

    /// <summary>Counts the words of a text.</summary>
    public void Count(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            int blank = text.Length > Stretch ? text[Stretch..].IndexOf(' ') : -1;
            int end = blank < 0 ? text.Length : Stretch + blank;
            CountNormalized(Normalizer.Apply(normalizers, text[..end], tracked: false).Text);

            // The blank comes back as that which is put before each stretch.
            text = end < text.Length ? text[(end + 1)..] : [];
        }
    }

    /// <summary>Words without their rare characters: the most frequent characters make up this share of the text at least.</summary>
    public IEnumerable<KeyValuePair<string, long>> Covered(double coverage, out int characters)
    {
        Dictionary<Rune, long> counts = [];
        foreach ((string word, long count) in _counts.All)
        {
            foreach (Rune character in word.EnumerateRunes())
            {
                counts[character] = counts.GetValueOrDefault(character) + count;
            }
        }

        // Bytes stand for the others; a character of the text that is a blank's sign must be a piece.
        HashSet<Rune> kept = [new Rune(SubwordTokenizer.Blank)];
        long sum = 0;
        long all = counts.Values.Sum();
        foreach ((Rune character, long count) in counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key))
        {
            if (sum >= coverage * all)
            {
                break;
            }

            sum += count;
            kept.Add(character);
        }

        characters = kept.Count;
        WordCounts covered = new();
        covered.Add(SubwordTokenizer.BlankText);
        foreach ((string word, long count) in _counts.All)
        {
            StringBuilder part = new();
            foreach (Rune character in word.EnumerateRunes())
            {
                if (kept.Contains(character))
                {
                    part.Append(character);
                }
                else if (part.Length > 0)
                {
                    covered.Add(part.ToString(), count);
                    part.Clear();
                }
            }

            if (part.Length > 0)
            {
                covered.Add(part.ToString(), count);
            }
        }

        return covered.All;
    }

    private void CountNormalized(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            int end = text[0] == '\n' ? 1 : text[1..].IndexOfAny(SubwordTokenizer.Blank, '\n') + 1;
            end = end == 0 ? text.Length : end;
            _counts.Add(text[..end]);
            text = text[end..];
        }
    }
}
