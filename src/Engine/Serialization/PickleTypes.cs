namespace Engine.Serialization;

/// <summary>The name of a class or function in a pickle.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>A dictionary in a pickle, in order; keys may be anything.</summary>
internal sealed class PickleDict
{
    public List<(object? Key, object? Value)> Items => field ??= [];
}

/// <summary>What stands for the classes and functions that a pickle mentions; everything else in it is data.</summary>
internal interface IPickleTypes
{
    /// <summary>Whether a name is understood.</summary>
    bool Knows(PickleGlobal global);

    /// <summary>What a call gives.</summary>
    /// <exception cref="FormatException">The arguments make no sense.</exception>
    object? Call(PickleGlobal function, object?[] arguments);

    /// <summary>What a persistent id stands for.</summary>
    /// <exception cref="FormatException">The id makes no sense.</exception>
    object? Persistent(object? id);
}
