using System.Globalization;
using System.Numerics;

namespace Engine.Pretraining.Configuration;

/// <summary>The type of a configuration value: how it is read, checked, printed and described.</summary>
internal abstract class ValueType<T>
{
    /// <summary>What is allowed, as the end of a sentence: <c>a whole number from 1 to 1024</c>.</summary>
    public abstract string Allowed { get; }

    /// <summary>How JSON writes it.</summary>
    public abstract LiteralKind Kind { get; }

    /// <summary>Reads a value; false if it is of the wrong type or out of range.</summary>
    public abstract bool TryParse(string text, out T value);

    /// <summary>The text that <see cref="TryParse"/> reads back to the same value.</summary>
    public abstract string Format(T value);
}

/// <summary>Whole numbers from min to max.</summary>
internal sealed class WholeNumber<T>(T min, T max) : ValueType<T>
    where T : IBinaryInteger<T>
{
    public override string Allowed => $"a whole number from {min} to {max}";

    public override LiteralKind Kind => LiteralKind.Number;

    public override bool TryParse(string text, out T value) =>
        T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value!) && value >= min && value <= max;

    public override string Format(T value) => value.ToString(null, CultureInfo.InvariantCulture);
}

/// <summary>Finite numbers from min to max; <paramref name="below"/> excludes max itself.</summary>
internal sealed class RealNumber(double min, double max, bool below = false) : ValueType<double>
{
    public override string Allowed => below ? $"a number from {min} to below {max}" : $"a number from {min} to {max}";

    public override LiteralKind Kind => LiteralKind.Number;

    public override bool TryParse(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
        && value >= min && (below ? value < max : value <= max);

    public override string Format(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed class Flag : ValueType<bool>
{
    public override string Allowed => "true or false";

    public override LiteralKind Kind => LiteralKind.Flag;

    public override bool TryParse(string text, out bool value)
    {
        value = text == "true";
        return value || text == "false";
    }

    public override string Format(bool value) => value ? "true" : "false";
}

/// <summary>One of a few names.</summary>
internal sealed class Choice(IReadOnlyList<string> names) : ValueType<string>
{
    public override string Allowed => "one of " + string.Join(", ", names);

    public override LiteralKind Kind => LiteralKind.Quoted;

    public override bool TryParse(string text, out string value)
    {
        value = text;
        return names.Contains(text);
    }

    public override string Format(string value) => value;
}

/// <summary>One of a few names, or a file whose name ends as said.</summary>
internal sealed class ChoiceOrFile(IReadOnlyList<string> names, string file, Func<string, bool> isFile) : ValueType<string>
{
    public override string Allowed => $"one of {string.Join(", ", names)}, or {file}";

    public override LiteralKind Kind => LiteralKind.Quoted;

    public override bool TryParse(string text, out string value)
    {
        value = text;
        return names.Contains(text) || isFile(text);
    }

    public override string Format(string value) => value;
}

/// <summary>Any text, not empty unless that means that there is none.</summary>
internal sealed class FreeText(string allowed, bool orEmpty = false) : ValueType<string>
{
    public override string Allowed => allowed;

    public override LiteralKind Kind => LiteralKind.Quoted;

    public override bool TryParse(string text, out string value)
    {
        value = text;
        return (!string.IsNullOrWhiteSpace(text) || (orEmpty && text.Length == 0)) && !text.Contains('\0');
    }

    public override string Format(string value) => value;
}
