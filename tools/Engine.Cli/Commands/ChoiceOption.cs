using System.CommandLine;

namespace Engine.Cli.Commands;

/// <summary>Options that are one of a few names, with messages in the words of the configuration's.</summary>
internal static class ChoiceOption
{
    /// <summary>An option whose names stand for values; <c>default</c> if it is not given.</summary>
    public static Option<T> Create<T>(string name, string helpName, string description, params (string Name, T Value)[] choices) => new(name)
    {
        HelpName = helpName,
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            foreach ((string choice, T value) in choices)
            {
                if (choice == text)
                {
                    return value;
                }
            }

            string last = choices[^1].Name;
            result.AddError($"{name} = {text} is not allowed; expected {string.Join(", ", choices[..^1].Select(c => c.Name))} or {last}.");
            return default;
        },
    };

    /// <summary>An option whose names stand for themselves.</summary>
    public static Option<string> Create(string name, string helpName, string description, IEnumerable<string> choices) =>
        Create(name, helpName, description, [.. choices.Select(c => (c, c))]);
}
