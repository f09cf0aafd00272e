using System.Text;
using System.Text.Json;

namespace Engine.Pretraining.Tokenizers.Normalization;

/// <summary>One rewriting of a text before it is cut, by the names of Hugging Face's tokenizer.json.</summary>
internal abstract record Normalizer
{
    /// <summary>Writes the rewritten source behind what the target holds. The source is valid Unicode.</summary>
    public abstract void Apply(AlignedText source, AlignedText target);

    /// <summary>Writes it as a component of tokenizer.json.</summary>
    public abstract void Write(Utf8JsonWriter writer);

    /// <summary>A text after all of these, in order.</summary>
    public static AlignedText Apply(ReadOnlySpan<Normalizer> steps, ReadOnlySpan<char> text, bool tracked)
    {
        AlignedText now = AlignedText.Of(text, tracked);
        foreach (Normalizer step in steps)
        {
            AlignedText next = AlignedText.From(now);
            step.Apply(now, next);
            now = next;
        }

        return now;
    }

    /// <summary>Writes the property <c>normalizer</c>.</summary>
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<Normalizer> steps)
    {
        if (steps.Length < 2)
        {
            writer.WritePropertyName("normalizer");
            if (steps is [Normalizer only])
            {
                only.Write(writer);
            }
            else
            {
                writer.WriteNullValue();
            }

            return;
        }

        writer.WriteStartObject("normalizer");
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("normalizers");
        foreach (Normalizer step in steps)
        {
            step.Write(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Begins the object of a component.</summary>
    protected static void Begin(Utf8JsonWriter writer, string type)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
    }
}

/// <summary>Puts something before a text that is not empty.</summary>
internal sealed record Prepend(string Content) : Normalizer
{
    /// <inheritdoc/>
    public override void Apply(AlignedText source, AlignedText target)
    {
        if (source.Length > 0)
        {
            target.Put(Content, source, 0, 0);
            target.Copy(source, 0, source.Length);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        Begin(writer, "Prepend");
        writer.WriteString("prepend", Content);
        writer.WriteEndObject();
    }
}

/// <summary>Each letter in lower case by itself, as far as that is one letter too (İ stays).</summary>
internal sealed record Lowercase : Normalizer
{
    /// <inheritdoc/>
    public override void Apply(AlignedText source, AlignedText target)
    {
        ReadOnlySpan<char> text = source.Text;
        Span<char> made = stackalloc char[2];
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text[i..], out Rune rune, out int width);
            Rune lower = Rune.ToLowerInvariant(rune);
            target.Put(made[..lower.EncodeToUtf16(made)], source, i, i + width);
            i += width;
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        Begin(writer, "Lowercase");
        writer.WriteEndObject();
    }
}

/// <summary>Leaves out marks that take no place of their own (category Mn).</summary>
internal sealed record StripAccents : Normalizer
{
    /// <inheritdoc/>
    public override void Apply(AlignedText source, AlignedText target)
    {
        ReadOnlySpan<char> text = source.Text;
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text[i..], out Rune rune, out int width);
            if (Rune.GetUnicodeCategory(rune) != System.Globalization.UnicodeCategory.NonSpacingMark)
            {
                target.Copy(source, i, i + width);
            }

            i += width;
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        Begin(writer, "StripAccents");
        writer.WriteEndObject();
    }
}

/// <summary>White space at the ends is left out.</summary>
internal sealed record Strip(bool Left, bool Right) : Normalizer
{
    /// <inheritdoc/>
    public override void Apply(AlignedText source, AlignedText target)
    {
        ReadOnlySpan<char> text = source.Text;
        int start = Left ? text.Length - text.TrimStart().Length : 0;
        int end = Right ? text.TrimEnd().Length : text.Length;
        target.Copy(source, start, Math.Max(start, end));
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        Begin(writer, "Strip");
        writer.WriteBoolean("strip_left", Left);
        writer.WriteBoolean("strip_right", Right);
        writer.WriteEndObject();
    }
}
