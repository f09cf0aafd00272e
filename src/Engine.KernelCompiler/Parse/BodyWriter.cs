using System.Text;
using Microsoft.CodeAnalysis;

namespace Engine.KernelCompiler;

/// <summary>
/// Writes the lines of a function, indented, and a #line directive wherever the C# source goes on at another line than the
/// compiler would count, so that device compilers cite the C# file.
/// </summary>
internal sealed class BodyWriter
{
    private readonly StringBuilder _text = new();
    private int _indent;
    private int _next = -1;

    public override string ToString() => _text.ToString();

    public void Indent() => _indent++;

    public void Outdent() => _indent--;

    public void Open(string? head = null, SyntaxNode? origin = null)
    {
        if (head is not null)
        {
            Line(head, origin);
        }

        Line("{");
        Indent();
    }

    public void Close(string tail = "")
    {
        Outdent();
        Line("}" + tail);
    }

    public void Line(string text, SyntaxNode? origin = null)
    {
        if (origin is not null)
        {
            FileLinePositionSpan span = origin.GetLocation().GetLineSpan();
            int line = span.StartLinePosition.Line + 1;
            if (line != _next)
            {
                _text.Append($"#line {line} \"{Path.GetFileName(span.Path)}\"\n");
                _next = line;
            }
        }

        _text.Append(' ', 4 * _indent).Append(text).Append('\n');
        _next += text.Count(c => c == '\n') + 1;
    }
}
