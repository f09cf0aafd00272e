namespace Engine.Benchmarks;

/// <summary>
/// An op forward and backward on persistent inputs, as often as wanted. Inputs are leaves of the step on memory that stays, so
/// that no copy is timed, and backward starts from a given gradient of the result, so that no reduction to a scalar is. Ops for
/// inference run forward only.
/// </summary>
/// <param name="device">Where the inputs lie.</param>
/// <param name="inputs">The inputs; those of float32 take gradients.</param>
/// <param name="forward">The op.</param>
internal sealed class DifferentiatedOp(Device device, IReadOnlyList<Tensor> inputs, Func<Tensor[], Tensor> forward) : IDisposable
{
    private readonly StepScope _step = new(device);

    /// <summary>Forward and backward; shows the result and then each gradient to <paramref name="witness"/> while they live.</summary>
    public void Run(Tensor dY, Action<Tensor>? witness = null)
    {
        Tensor[] leaves = Leaves(_step);
        Tensor y = forward(leaves);
        witness?.Invoke(y);
        if (y.RequiresGrad)
        {
            _step.Tape.Sink.Add(y, Leaf(_step, dY, requiresGrad: false));
            _step.Tape.Run(from: 0);
        }

        foreach (Tensor leaf in leaves)
        {
            if (leaf.RequiresGrad)
            {
                witness?.Invoke(StepScope.Grad(leaf));
            }
        }

        _step.Clear();
    }

    /// <summary>The shape of the result.</summary>
    public Shape ResultShape()
    {
        using StepScope step = new(device, recording: false);
        return forward(Leaves(step)).Shape;
    }

    /// <summary>The ops that it records.</summary>
    public IReadOnlyCollection<Type> Recorded()
    {
        List<Type> ops = [];
        using StepScope step = new(device);
        step.Tape.Witness = ops;
        forward(Leaves(step));
        return ops;
    }

    /// <inheritdoc/>
    public void Dispose() => _step.Dispose();

    private Tensor[] Leaves(StepScope step) => [.. inputs.Select(x => Leaf(step, x, OpInput.TakesGradient(x, inputs)))];

    // A leaf on the memory of a persistent tensor, whose gradient lives in the step, as an activation's does.
    private static Tensor Leaf(StepScope step, Tensor persistent, bool requiresGrad)
    {
        Tensor leaf = OpContext.View(persistent, persistent.Shape, persistent.Data.Strides, 0, "input", step);
        leaf.Data.IsLeaf = true;
        leaf.Data.RequiresGrad = requiresGrad;
        return leaf;
    }
}
