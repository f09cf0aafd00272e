namespace Engine;

/// <summary>
/// An op for inference only: it should have a derivative but has none. <see cref="Recorder.Infer{TOp, TArgs}"/> is the way to run one, and
/// throws in forward where a gradient is wanted, so that none vanishes silently.
/// </summary>
/// <typeparam name="TArgs">The op's arguments.</typeparam>
public interface IInference<TArgs>
{
    /// <summary>The op's name in messages and profiles.</summary>
    static abstract string Name { get; }

    /// <summary>Checks shapes, allocates the result and launches kernels.</summary>
    static abstract Tensor Forward(in TArgs a, in OpContext context);
}
