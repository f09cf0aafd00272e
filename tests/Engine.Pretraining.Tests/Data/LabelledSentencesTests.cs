using Engine.Pretraining.Data;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Data;

public sealed class LabelledSentencesTests
{
    [Theory]
    [InlineData("sst.train", "1 a fine film .\r\n\n 0\tit  is bad \n", "1|a fine film .|1 0|it  is bad|3")]
    [InlineData("a.tsv", "pos\tso, so\n\nneg\t\"no\"\n", "pos|so, so|1 neg|\"no\"|3")]
    [InlineData("train.tsv", "sentence\tlabel\nhide new secretions \t0\r\n", "0|hide new secretions|2")]
    [InlineData("a.csv", "pos,fine\nneg,\"a, \"\"b\"\"\nc\"\npos,x", "pos|fine|1 neg|a, \"b\"\nc|2 pos|x|4")]
    [InlineData("a.csv", "id,Text,Label\r\n7,\"good\",pos\r\n\r\n8,bad,neg\r\n", "pos|good|2 neg|bad|4")]
    [InlineData("a.jsonl", "{\"label\": 1, \"text\": \"one\"}\n\n{\"sentence\": \"two\", \"label\": \"x\", \"id\": 3}\n", "1|one|1 x|two|3")]
    public void Four_forms_are_read(string name, string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', LabelledSentences.Parse(name, text).Select(s => $"{s.Label}|{s.Text}|{s.Line}")));

    [Theory]
    [InlineData("a.txt", "1 good\n\nbad\n", "a.txt:3: has only 'bad'; expected a label, a blank and a sentence.")]
    [InlineData("a.txt", " \n\n", "a.txt: has no labelled sentence.")]
    [InlineData("a.tsv", "1\tgood\nbad\n", "a.tsv:2: has 1 column; expected 2, a label and a sentence, or a first line that names the columns label and text.")]
    [InlineData("a.tsv", "label\ttext\tid\n1\tgood\n", "a.tsv:2: has 2 columns; expected 3 as in the first line.")]
    [InlineData("a.csv", "label,text\n1, \n", "a.csv:2: the sentence is empty.")]
    [InlineData("a.csv", "1,good\n\n,bad\n", "a.csv:3: the label is empty.")]
    [InlineData("a.csv", "1,good\n0,\"bad\n\n", "a.csv:2: a quoted field has no end; quotes inside are written twice.")]
    [InlineData("a.csv", "0,\"bad\"x\n", "a.csv:1: a quoted field has no end; quotes inside are written twice.")]
    [InlineData("a.jsonl", "{\"label\": 1, \"text\": \"one\"}\n{\"label\": 1", "a.jsonl:2: is not JSON (")]
    [InlineData("a.jsonl", "{\"label\": 1, \"txt\": \"one\"}", "a.jsonl:1: expected an object with label, and with text or sentence.")]
    [InlineData("a.jsonl", "[1]", "a.jsonl:1: expected an object with label, and with text or sentence.")]
    public void A_bad_line_is_named(string name, string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<EngineException>(() => LabelledSentences.Parse(name, text)).Message);

    [Fact]
    public void What_is_written_as_csv_is_read_back()
    {
        Gen<string> field = Gen.Elements('a', 'b', ' ', ',', '"', '\n', 'é').ArrayOf().Select(c => new string(c)).Where(s => s.Trim().Length > 0);
        Gen<(string Label, string Text)> row = from label in field from text in field select (label, text);
        Prop.ForAll(Arb.From(row.NonEmptyListOf()), rows =>
        {
            string csv = string.Join('\n', rows.Select(r => $"{Quote(r.Label)},{Quote(r.Text)}"));
            return LabelledSentences.Parse("x.csv", "label,text\n" + csv).Select(s => (s.Label, s.Text))
                .SequenceEqual(rows.Select(r => (r.Label.Trim(), r.Text.Trim())));
        }).QuickCheckThrowOnFailure();

        static string Quote(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    [Fact]
    public void Any_text_is_read_or_refused_with_the_files_name()
    {
        Gen<string> text = Gen.Elements('a', '1', ' ', ',', '"', '\n', '\r', '\t', '{', '}', ':', '\0', '\ud800').ArrayOf().Select(c => new string(c));
        Gen<(string Text, string Name)> file = from t in text from name in Gen.Elements("f", "f.tsv", "f.csv", "f.jsonl") select (t, name);
        Prop.ForAll(Arb.From(file), f =>
        {
            try
            {
                int lines = f.Text.Count(c => c == '\n') + 1;
                return LabelledSentences.Parse(f.Name, f.Text).All(s => s.Label.Length > 0 && s.Text.Length > 0 && s.Line >= 1 && s.Line <= lines);
            }
            catch (EngineException e)
            {
                return e.Message.StartsWith(f.Name + ":", StringComparison.Ordinal);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }
}
