namespace Engine.Pretraining.Chat.Jinja;

/// <summary>A place in a template, both from 1.</summary>
internal readonly record struct Place(int Line, int Column);

/// <summary>The kinds of a template's tokens.</summary>
internal enum JinjaTokenKind
{
    Data,
    BlockBegin,
    BlockEnd,
    PrintBegin,
    PrintEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>A token of a template; a string's text is without its quotes and escapes.</summary>
internal readonly record struct JinjaToken(JinjaTokenKind Kind, string Text, Place Place)
{
    /// <summary>Whether it is this operator or name.</summary>
    public bool Is(string text) => Kind is JinjaTokenKind.Operator or JinjaTokenKind.Name && Text == text;

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        JinjaTokenKind.Data => "text",
        JinjaTokenKind.BlockBegin => "'{%'",
        JinjaTokenKind.BlockEnd => "'%}'",
        JinjaTokenKind.PrintBegin => "'{{'",
        JinjaTokenKind.PrintEnd => "'}}'",
        JinjaTokenKind.String => "a string",
        JinjaTokenKind.End => "the end of the template",
        _ => $"'{Text}'",
    };
}
