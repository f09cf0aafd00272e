namespace Engine.Pretraining.Hub;

/// <summary>How an architecture's tensors are called in files, and how in the model.</summary>
internal sealed record HubNames
{
    /// <summary>
    /// What the parameters of the bare model begin with. They must all be there and nothing else may begin so; other parameters are heads,
    /// which a file may lack. Empty if a file has to have everything.
    /// </summary>
    public string Base { get; init; } = string.Empty;

    /// <summary>Beginnings, or with a dot in front endings, that files spell otherwise.</summary>
    public IReadOnlyList<(string From, string To)> Renamed { get; init; } = [];

    /// <summary>Beginnings or endings (as above) of tensors that carry nothing unless the model has them: masks and angles kept as buffers, copies of tied tables.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>The parameter's name in a file that is written; null if it is left out.</summary>
    public Func<string, string?> Export { get; init; } = name => name;

    /// <summary>The model's name of a file's tensor.</summary>
    public string Canonical(string name)
    {
        foreach ((string from, string to) in Renamed)
        {
            if (Fits(name, from))
            {
                name = from[0] == '.' ? name[..^from.Length] + to : to + name[from.Length..];
            }
        }

        return name;
    }

    /// <summary>Whether a tensor of this canonical name carries nothing.</summary>
    public bool Ignores(string canonical) => Ignored.Any(pattern => Fits(canonical, pattern));

    /// <summary>Whether a file need not have it.</summary>
    public bool IsHead(string canonical) => Base.Length > 0 && !canonical.StartsWith(Base, StringComparison.Ordinal);

    private static bool Fits(string name, string pattern) =>
        pattern[0] == '.' ? name.EndsWith(pattern, StringComparison.Ordinal) : name.StartsWith(pattern, StringComparison.Ordinal);
}
