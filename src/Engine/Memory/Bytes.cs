namespace Engine;

/// <summary>Byte counts as people read them.</summary>
public static class Bytes
{
    /// <summary>For example <c>512 B</c>, <c>3.2 MiB</c>, <c>1.5 GiB</c>.</summary>
    public static string Format(long bytes)
    {
        ReadOnlySpan<string> units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        int unit = 0;
        while (Math.Abs(value) >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return unit == 0 ? $"{bytes} B" : $"{value:0.0} {units[unit]}";
    }
}
