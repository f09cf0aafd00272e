namespace Engine.Benchmarks;

/// <summary>
/// What a benchmark of one op needs of a step: leaves that share persistent memory, so that no copy is timed, and a backward that
/// starts from a given gradient of the result, so that no reduction to a scalar is timed.
/// </summary>
internal static class LeafStep
{
    /// <summary>A leaf of the step on the memory of a persistent tensor; its gradient lives in the step, as an activation's does.</summary>
    public static Tensor Leaf(StepScope step, Tensor persistent, bool requiresGrad)
    {
        Tensor leaf = OpContext.View(persistent, persistent.Shape, persistent.Data.Strides, 0, "input", step);
        leaf.Data.IsLeaf = true;
        leaf.Data.RequiresGrad = requiresGrad;
        return leaf;
    }

    /// <summary>Backward of everything recorded, with <paramref name="dY"/> as the gradient of <paramref name="y"/>.</summary>
    public static void Backward(StepScope step, Tensor y, Tensor dY)
    {
        step.Tape.Sink.Add(y, Leaf(step, dY, requiresGrad: false));
        step.Tape.Run(from: 0);
    }
}
