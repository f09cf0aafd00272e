using System.Text;

namespace Engine.Pretraining.Chat.Jinja;

/// <summary>
/// One rendering of a template: its variables, what is written, and how much it may do. Every node that is evaluated and every character and
/// element that is made counts as a step, so neither time nor memory can run away; values that lie in each other are followed to
/// <see cref="MostDepth"/>.
/// </summary>
/// <param name="file">For messages.</param>
/// <param name="variables">Those that are there from the beginning.</param>
internal sealed class JinjaContext(string file, IReadOnlyDictionary<string, object?> variables)
{
    /// <summary>How deep values may lie in each other.</summary>
    public const int MostDepth = 100;

    private const long MostSteps = 10_000_000;
    private const int StepsOfElement = 8;
    private readonly List<Dictionary<string, object?>> _scopes = [new(variables)];
    private long _steps;

    /// <summary>What is written.</summary>
    public StringBuilder Output { get; private set; } = new();

    /// <summary>The stretches of the output that the template marks as the assistant's.</summary>
    public List<(int Start, int End)> Generations { get; } = [];

    /// <summary>Whether <see cref="Output"/> is the text, and not the value of a variable.</summary>
    public bool IsText { get; private set; } = true;

    /// <summary>Counts steps.</summary>
    /// <exception cref="EngineException">There were too many.</exception>
    public void Charge(Place place, long steps)
    {
        _steps += steps;
        if (steps > MostSteps || _steps > MostSteps)
        {
            throw Fail(place, $"the template does not come to an end within {MostSteps} steps");
        }
    }

    /// <summary>Counts the making of a list.</summary>
    public void ChargeElements(Place place, long elements) => Charge(place, StepsOfElement * Math.Min(elements, MostSteps));

    /// <summary>Writes to the output.</summary>
    public void Write(Place place, string text)
    {
        Charge(place, text.Length);
        Output.Append(text);
    }

    /// <summary>What runs here writes to a text of its own.</summary>
    public string Capture(Action run)
    {
        (StringBuilder before, bool wasText) = (Output, IsText);
        (Output, IsText) = (new StringBuilder(), false);
        run();
        string text = Output.ToString();
        (Output, IsText) = (before, wasText);
        return text;
    }

    /// <summary>The value of a variable.</summary>
    public object? Get(string name)
    {
        for (int i = _scopes.Count - 1; i >= 0; i--)
        {
            if (_scopes[i].TryGetValue(name, out object? value))
            {
                return value;
            }
        }

        return JinjaCalls.Functions.Contains(name) ? new JinjaFunction(name) : new Undefined(name);
    }

    /// <summary>Sets a variable of the innermost scope.</summary>
    public void Set(string name, object? value) => _scopes[^1][name] = value;

    /// <summary>Opens a scope: what is set in it is gone when it closes.</summary>
    public void Push() => _scopes.Add([]);

    /// <summary>Closes the innermost scope.</summary>
    public void Pop() => _scopes.RemoveAt(_scopes.Count - 1);

    /// <summary>A mistake at a place.</summary>
    public EngineException Fail(Place place, string what) => new($"{file}, line {place.Line}, column {place.Column}: {what}.");
}
