namespace Engine.Pretraining.Prompting;

/// <summary>
/// A text with a place for an input and a place for an answer, such as <c>{text} It was {answer} .</c>: a prompt of a masked model where
/// something stands behind the answer (cloze), of a causal one where the answer is the end (prefix) (Liu et al., "Pre-train, prompt, and
/// predict: a systematic survey of prompting methods in natural language processing", 2023).
/// </summary>
public sealed class PromptTemplate
{
    private const string TextPlace = "{text}";
    private const string AnswerPlace = "{answer}";
    private readonly string _template;
    private readonly int _answer;

    /// <summary>A template.</summary>
    /// <exception cref="EngineException">It does not have both places once, or the text comes behind the answer.</exception>
    public PromptTemplate(string template)
    {
        ArgumentNullException.ThrowIfNull(template);
        (_template, _answer) = (template, template.IndexOf(AnswerPlace, StringComparison.Ordinal));
        if (_answer < 0 || template.IndexOf(AnswerPlace, _answer + 1, StringComparison.Ordinal) >= 0
            || template.Split(TextPlace).Length != 2 || template.IndexOf(TextPlace, StringComparison.Ordinal) > _answer)
        {
            throw new EngineException($"template '{template}': expected one {TextPlace} and behind it one {AnswerPlace}, for example \"{TextPlace} It was {AnswerPlace}\".");
        }

        // A blank before the answer belongs to it: byte-level tokens begin with theirs.
        AnswerPrefix = _answer > 0 && template[_answer - 1] == ' ' ? " " : string.Empty;
    }

    /// <summary>What an answer begins with: the blank before its place.</summary>
    public string AnswerPrefix { get; }

    /// <summary>What comes before the answer, for an input.</summary>
    public string Before(string text) => _template[..(_answer - AnswerPrefix.Length)].Replace(TextPlace, text, StringComparison.Ordinal);

    /// <summary>What comes behind the answer; empty for a prefix prompt.</summary>
    public string After => _template[(_answer + AnswerPlace.Length)..];

    /// <summary>The template.</summary>
    public override string ToString() => _template;
}
