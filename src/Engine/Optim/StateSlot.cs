namespace Engine.Optim;

/// <summary>One tensor of state that an update rule keeps for every parameter, of the parameter's shape unless the rule says otherwise.</summary>
/// <param name="Name">PyTorch's name of the quantity, the suffix in checkpoints.</param>
/// <param name="Start">What all its elements start at.</param>
internal readonly record struct StateSlot(string Name, float Start = 0f)
{
    /// <summary>A slot that starts at zero.</summary>
    public static implicit operator StateSlot(string name) => new(name);
}
