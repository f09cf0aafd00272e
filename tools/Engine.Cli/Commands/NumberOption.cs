using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Engine.Cli.Commands;

/// <summary>Options that are numbers of a range, with messages in the words of the configuration's.</summary>
internal static class NumberOption
{
    /// <summary>An option from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static Option<T> Create<T>(string name, T value, T min, T max, string description)
        where T : struct, INumber<T> => new(name)
        {
            HelpName = "N",
            Description = description,
            DefaultValueFactory = _ => value,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (T.TryParse(text, CultureInfo.InvariantCulture, out T number) && number >= min && number <= max)
                {
                    return number;
                }

                result.AddError($"{name} = {text} is not allowed; expected {(T.IsInteger(T.One / (T.One + T.One)) ? "a whole number" : "a number")} from {min} to {max}.");
                return value;
            },
        };
}
