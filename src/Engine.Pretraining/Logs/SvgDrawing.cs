using System.Globalization;
using System.Text;
using System.Xml;

namespace Engine.Pretraining.Logs;

/// <summary>Elements of an SVG drawing. What is written is escaped, and what XML cannot hold becomes a question mark.</summary>
/// <param name="writer">Where to.</param>
public class SvgDrawing(XmlWriter writer)
{
    /// <summary>XML's name for SVG.</summary>
    protected const string Namespace = "http://www.w3.org/2000/svg";

    /// <summary>A drawing of its own as text, to be written as a file.</summary>
    public static string Write(Action<XmlWriter> draw)
    {
        ArgumentNullException.ThrowIfNull(draw);
        StringBuilder text = new();
        using (XmlWriter writer = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true, Indent = true, NewLineChars = "\n" }))
        {
            draw(writer);
        }

        return text.Append('\n').ToString();
    }

    /// <summary>Opens an element; empty attributes are left out.</summary>
    public void Start(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        writer.WriteStartElement(name, Namespace);
        foreach ((string attribute, string value) in attributes)
        {
            if (value.Length > 0)
            {
                writer.WriteAttributeString(attribute, value);
            }
        }
    }

    /// <summary>Closes the open element.</summary>
    public void End() => writer.WriteEndElement();

    /// <summary>An element without content.</summary>
    public void Element(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Start(name, attributes);
        End();
    }

    /// <summary>An element that holds text alone.</summary>
    public void Element(string name, string text) => writer.WriteElementString(name, Namespace, Clean(text));

    /// <summary>The text that a reader sees when pointing at the open element.</summary>
    public void Title(string text) => Element("title", text);

    /// <summary>A line of text; <paramref name="turn"/> in degrees about its place.</summary>
    public void Text(string text, double x, double y, string anchor, string style, double turn = 0)
    {
        Start("text", ("x", Number(x)), ("y", Number(y)), ("text-anchor", anchor), ("class", style));
        if (turn != 0)
        {
            writer.WriteAttributeString("transform", $"rotate({Number(turn)} {Number(x)} {Number(y)})");
        }

        writer.WriteString(Clean(text));
        End();
    }

    /// <summary>A straight line.</summary>
    public void Line(string style, double x1, double y1, double x2, double y2) =>
        Element("line", ("class", style), ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)));

    /// <summary>A place in the drawing.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Text cut to a length.</summary>
    public static string Shorten(string text, int length)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= length ? text : text[..(length - 1)] + "…";
    }

    /// <summary>Text with a question mark for each character that XML cannot hold: names come from drivers, samples from models.</summary>
    public static string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return string.Concat(text.EnumerateRunes().Select(c => c.IsBmp && !XmlConvert.IsXmlChar((char)c.Value) ? "?" : c.ToString()));
    }
}
