using System.Text;
using System.Text.Json;

namespace Engine.Pretraining.Tokenizers.Normalization;

/// <summary>
/// Unicode's normalization forms (Standard Annex 15): compatible or only canonical decomposition, then composition or not.
/// A stretch from one character that nothing before it can change to the next is rewritten as a whole.
/// </summary>
internal sealed record UnicodeForm(bool Compatible, bool Composed) : Normalizer
{
    /// <summary>The form of a name, NFC, NFD, NFKC or NFKD; null for any other.</summary>
    public static UnicodeForm? ByName(string? name) => name is "NFC" or "NFD" or "NFKC" or "NFKD" ? new(name.Contains('K', StringComparison.Ordinal), name[^1] == 'C') : null;

    /// <inheritdoc/>
    public override void Apply(AlignedText source, AlignedText target)
    {
        ReadOnlySpan<char> text = source.Text;
        List<int> stretch = [];
        StringBuilder made = new();
        for (int start = 0; start < text.Length;)
        {
            int plain = PlainUntil(text, start);
            if (plain > start)
            {
                target.Copy(source, start, plain);
                start = plain;
                continue;
            }

            int end = start;
            stretch.Clear();
            do
            {
                Rune.DecodeFromUtf16(text[end..], out Rune rune, out int width);
                int before = stretch.Count;
                NormalizationTable.Decompose(rune.Value, Compatible, stretch);
                if (before > 0 && !NormalizationTable.DependsOnPrevious(stretch[before]))
                {
                    stretch.RemoveRange(before, stretch.Count - before);
                    break;
                }

                end += width;
            }
            while (end < text.Length);

            NormalizationTable.Order(stretch);
            if (Composed)
            {
                NormalizationTable.Compose(stretch);
            }

            made.Clear();
            foreach (int character in stretch)
            {
                made.Append(new Rune(character));
            }

            string result = made.ToString();
            if (text[start..end].SequenceEqual(result))
            {
                target.Copy(source, start, end);
            }
            else
            {
                target.Put(result, source, start, end);
            }

            start = end;
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        Begin(writer, $"NF{(Compatible ? "K" : string.Empty)}{(Composed ? "C" : "D")}");
        writer.WriteEndObject();
    }

    /// <summary>Characters of ASCII are what they are; the last one may still take an accent from what follows.</summary>
    private static int PlainUntil(ReadOnlySpan<char> text, int start)
    {
        int length = text[start..].IndexOfAnyExceptInRange('\0', '\x7F');
        return length < 0 ? text.Length : start + Math.Max(0, length - 1);
    }
}
