namespace Engine;

/// <summary>
/// Where an op's backward puts gradients. The contract: the first gradient that reaches a tensor is written (overwrites),
/// every later one is added; parameters keep theirs from step to step until the optimizer zeroes them. An activation's
/// gradient has its dtype, a persistent tensor's is float32 whatever the tensor is stored in.
/// </summary>
public sealed class GradSink
{
    private readonly StepScope _scope;

    internal GradSink(StepScope scope) => _scope = scope;

    /// <summary>The device of the step.</summary>
    public Device Device => _scope.Device;

    /// <summary>Allocation and launches of backward code, named after the op.</summary>
    public OpContext Context(string op) => new(_scope.Device, _scope, op);

    /// <summary>Whether <paramref name="x"/> is given and takes a gradient.</summary>
    public bool Wants(Tensor x) => x.IsDefined && x.Data.RequiresGrad;

    /// <summary>
    /// The contiguous memory of the gradient of <paramref name="x"/>, for kernels that can add in place: write it if
    /// <paramref name="accumulate"/> is false, add to it if true.
    /// </summary>
    public Tensor Accumulator(Tensor x, out bool accumulate)
    {
        TensorData d = x.Data;
        accumulate = d.HasGrad;
        if (d.HasGrad && (!d.Grad.IsContiguous || d.Grad.Data.Storage!.References > 1))
        {
            // The present gradient is shared with another tensor's: give this one memory of its own.
            Tensor own = New(d);
            StridedCopy.Launch(Device, d.Grad, own);
            d.Grad.Dispose();
            d.Grad = own;
        }
        else if (!d.Grad.IsDefined)
        {
            d.Grad = New(d);
        }

        d.HasGrad = true;
        return d.Grad;
    }

    /// <summary>
    /// Hands over <paramref name="dx"/>, a tensor that backward has just made and does not use again: it becomes the gradient
    /// of <paramref name="x"/> or is added to it and freed.
    /// </summary>
    public void Give(Tensor x, Tensor dx)
    {
        Add(x, dx);
        dx.Dispose();
    }

    /// <summary>
    /// Adds <paramref name="dx"/> to the gradient of <paramref name="x"/> and leaves it to its owner; for gradients that pass
    /// through unchanged, such as dY itself or a view of it.
    /// </summary>
    public void Add(Tensor x, Tensor dx)
    {
        if (!Wants(x))
        {
            return;
        }

        TensorData d = x.Data;
        if (dx.Shape != d.Shape)
        {
            throw new InvalidOperationException($"The gradient of the result of {d.Op} {d.Shape} has shape {dx.Shape}.");
        }

        if (!d.HasGrad && d.Scope is not null && dx.DType == d.GradType)
        {
            d.Grad = OpContext.View(dx, dx.Shape, dx.Data.Strides, 0, "gradient");
            d.HasGrad = true;
            return;
        }

        Tensor sum = Accumulator(x, out bool accumulate);
        if (accumulate)
        {
            InPlace.Add(sum, dx);
        }
        else if (dx.DType == sum.DType)
        {
            StridedCopy.Launch(Device, dx, sum);
        }
        else
        {
            sum.ZeroInPlace();
            InPlace.Add(sum, dx);
        }
    }

    /// <summary>
    /// <see cref="Accumulator"/> for kernels that add up in float32 only: where the gradient has 16 bits, memory of its own, which
    /// <see cref="Settle"/> then adds.
    /// </summary>
    internal Tensor Float32Accumulator(Tensor x, out bool accumulate)
    {
        if (x.Data.GradType == DType.Float32)
        {
            return Accumulator(x, out accumulate);
        }

        accumulate = false;
        return OpContext.Allocate(Device, _scope, x.Data.Op, DType.Float32, x.Shape);
    }

    /// <summary>Ends the use of what <see cref="Float32Accumulator"/> gave.</summary>
    internal void Settle(Tensor x, Tensor sum)
    {
        if (x.Data.GradType != DType.Float32)
        {
            Give(x, sum);
        }
    }

    /// <summary>Starts backward: the gradient of the loss.</summary>
    internal void Seed(Tensor loss, float scale)
    {
        Tensor dLoss = Accumulator(loss, out _);
        dLoss.FillInPlace(scale);
    }

    // A persistent tensor's gradient is persistent too; an activation's lives in the step.
    private static Tensor New(TensorData d) =>
        OpContext.Allocate(d.Device, d.Scope, d.Scope is null ? "gradients" : d.Op, d.GradType, d.Shape);
}
