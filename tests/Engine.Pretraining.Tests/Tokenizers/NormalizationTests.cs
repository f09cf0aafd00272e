using System.Text;
using Engine.Pretraining.Tokenizers.Normalization;
using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Tokenizers;

public sealed class NormalizationTests
{
    private static readonly string[] s_forms = ["NFC", "NFD", "NFKC", "NFKD"];

    [Fact]
    public void Forms_are_those_of_ICU()
    {
        // A text and its forms NFC, NFD, NFKC, NFKD, in code points; made with ICU 77 (Unicode 17).
        string[] lines = File.ReadAllLines(Path.Combine(Fixture.RepositoryRoot, "tests", "Fixtures", "normalization.txt"));
        Assert.NotEmpty(lines);
        foreach (string line in lines)
        {
            string[] texts = [.. line.Split(';').Select(t => string.Concat(t.Split(' ').Select(c => char.ConvertFromUtf32(Convert.ToInt32(c, 16)))))];
            Assert.Equal(texts[1..], s_forms.Select(f => Apply(f, texts[0])));
        }
    }

    [Fact]
    public void Forms_keep_the_laws_of_the_standard_for_every_character()
    {
        // Standard Annex 15, section 3: a form of a form is the one of the two that loses more.
        StringBuilder all = new();
        for (int character = 0; character < 0x110000; character++)
        {
            if (Rune.IsValid(character))
            {
                all.Append(new Rune(character)).Append('.');
            }
        }

        string text = all.ToString();
        string[] forms = [.. s_forms.Select(f => Apply(f, text))];
        for (int outer = 0; outer < 4; outer++)
        {
            for (int inner = 0; inner < 4; inner++)
            {
                int lossier = (outer & 2) | (inner & 2);
                Assert.Equal(forms[lossier | (outer & 1)], Apply(s_forms[outer], forms[inner]));
            }
        }
    }

    [Fact]
    public void Offsets_lead_back_to_what_a_stretch_was_made_of() => Prop.ForAll(TokenizerTests.Texts(), text =>
    {
        Normalizer[] steps = [new UnicodeForm(true, true), new Lowercase(), new Replace(Replace.Blanks, true, "▁"), new Prepend("▁")];
        AlignedText made = Normalizer.Apply(steps, text, tracked: true);
        int last = 0;
        for (int i = 0; i < made.Length; i++)
        {
            // In order, within the text, and each stretch alone gives at least the character that came from it.
            (int start, int end) = made.Origin(i, i + 1);
            string again = new(Normalizer.Apply(steps, text.AsSpan(start, end - start), tracked: false).Text);
            if (start < last || end < start || end > text.Length || (end > start && !char.IsSurrogate(made.Text[i]) && !again.Contains(made.Text[i])))
            {
                return false;
            }

            last = start;
        }

        return made.Text.SequenceEqual(Normalizer.Apply(steps, text, tracked: false).Text);
    }).QuickCheckThrowOnFailure();

    private static string Apply(string form, string text) => new(Normalizer.Apply([UnicodeForm.ByName(form)!], text, tracked: false).Text);
}
