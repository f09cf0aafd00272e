namespace Engine.Optim;

/// <summary>Checks of the numbers that optimizers and schedules are made with; NaN fails every one.</summary>
internal static class Setting
{
    /// <summary>A finite number of at least 0.</summary>
    public static double AtLeastZero(string owner, string name, double value) =>
        value >= 0 && double.IsFinite(value) ? value : throw Wrong(owner, name, $"{value}", "a finite number of at least 0");

    /// <summary>A finite number above 0.</summary>
    public static double Positive(string owner, string name, double value) =>
        value > 0 && double.IsFinite(value) ? value : throw Wrong(owner, name, $"{value}", "a finite number above 0");

    /// <summary>The share of the past in a moving average.</summary>
    public static double Fraction(string owner, string name, double value) =>
        value is >= 0 and < 1 ? value : throw Wrong(owner, name, $"{value}", "at least 0 and below 1");

    /// <summary>A number of steps.</summary>
    public static long Steps(string owner, string name, long value, long least) =>
        value >= least ? value : throw Wrong(owner, name, $"{value}", $"at least {least}");

    private static EngineException Wrong(string owner, string name, string value, string expected) =>
        new($"{owner}: {name} is {value}, expected {expected}.");
}
