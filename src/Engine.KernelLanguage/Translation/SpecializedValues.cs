using System.Runtime.CompilerServices;

namespace Engine.KernelLanguage;

/// <summary>The values that one program of a kernel is compiled for; a key of program caches.</summary>
public struct SpecializedValues : IEquatable<SpecializedValues>
{
    /// <summary>The most specialised parameters a kernel may have.</summary>
    public const int MaxCount = 8;

    private Values _values;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Value <paramref name="i"/>, in parameter order.</summary>
    public readonly long this[int i] => _values[i];

    /// <summary>Whether two lists are the same.</summary>
    public static bool operator ==(SpecializedValues left, SpecializedValues right) => left.Equals(right);

    /// <summary>Whether two lists differ.</summary>
    public static bool operator !=(SpecializedValues left, SpecializedValues right) => !left.Equals(right);

    /// <summary>A truth value as number.</summary>
    public static long Of(bool value) => value ? 1 : 0;

    /// <summary>An integer as it is.</summary>
    public static long Of(long value) => value;

    /// <summary>An enum's value as number.</summary>
    public static long Of<TEnum>(TEnum value)
        where TEnum : unmanaged, Enum => Unsafe.SizeOf<TEnum>() switch
        {
            1 => Unsafe.BitCast<TEnum, byte>(value),
            2 => Unsafe.BitCast<TEnum, short>(value),
            4 => Unsafe.BitCast<TEnum, int>(value),
            _ => Unsafe.BitCast<TEnum, long>(value),
        };

    /// <summary>Adds the next value.</summary>
    public void Add(long value) => _values[Count++] = value;

    /// <inheritdoc/>
    public readonly bool Equals(SpecializedValues other) =>
        Count == other.Count && ((ReadOnlySpan<long>)_values).SequenceEqual(other._values);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is SpecializedValues other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        HashCode hash = default;
        for (int i = 0; i < Count; i++)
        {
            hash.Add(_values[i]);
        }

        return hash.ToHashCode();
    }

    [InlineArray(MaxCount)]
    private struct Values
    {
        private long _element;
    }
}
