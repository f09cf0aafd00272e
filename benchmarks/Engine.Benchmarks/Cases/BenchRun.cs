namespace Engine.Benchmarks;

/// <summary>A case prepared for one contestant: call <see cref="Run"/> as often as wanted.</summary>
/// <param name="run">Does the work once.</param>
/// <param name="results">Does the work once and reads what it has left.</param>
/// <param name="owned">The memory and the device it lies on, in the order in which they are to be freed.</param>
public sealed class BenchRun(Action run, Func<IReadOnlyList<float[]>> results, params IDisposable[] owned) : IDisposable
{
    /// <summary>Does the work once.</summary>
    public Action Run { get; } = run;

    /// <summary>Does the work once and reads what it has left.</summary>
    public Func<IReadOnlyList<float[]>> Results { get; } = results;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable one in owned)
        {
            one.Dispose();
        }
    }
}
