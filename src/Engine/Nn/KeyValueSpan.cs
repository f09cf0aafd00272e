namespace Engine.Nn;

/// <summary>One sequence's part of a <see cref="KeyValuePool"/>.</summary>
public sealed class KeyValueSpan
{
    internal KeyValueSpan(int first, int capacity) => (First, Capacity) = (first, capacity);

    /// <summary>Tokens that fit.</summary>
    public int Capacity { get; }

    /// <summary>Tokens whose keys and values are there.</summary>
    public int Length { get; internal set; }

    internal int First { get; }

    internal bool Released { get; set; }

    /// <summary>The number of the pass that it was last scheduled for.</summary>
    internal long Pass { get; set; }
}
