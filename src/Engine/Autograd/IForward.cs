namespace Engine;

/// <summary>Something that maps one tensor to one of the same kind, such as a transformer block; can be checkpointed.</summary>
public interface IForward
{
    /// <summary>The result for <paramref name="x"/>.</summary>
    Tensor Forward(Tensor x);
}
