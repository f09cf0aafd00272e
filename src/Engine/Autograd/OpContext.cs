using Engine.KernelLanguage;

namespace Engine;

/// <summary>What an op needs to run: where to allocate and where to launch.</summary>
public readonly struct OpContext
{
    internal OpContext(Device device, StepScope? scope, string op)
    {
        Device = device;
        Scope = scope;
        Op = op;
    }

    /// <summary>The device of the operands.</summary>
    public Device Device { get; }

    /// <summary>The step of the operands; null if all are persistent.</summary>
    public StepScope? Scope { get; }

    /// <summary>The op's name.</summary>
    public string Op { get; }

    /// <summary>Whether backward may follow; if not, forward need not keep anything for it.</summary>
    internal bool Records => Scope is { Recording: true };

    /// <summary>A tensor for a result, with arbitrary contents.</summary>
    public Tensor New(Shape shape, DType dtype = DType.Float32) => Allocate(Device, Scope, Op, dtype, shape);

    /// <summary>Launches a kernel on the operands' device.</summary>
    public void Launch<TKernel>(in TKernel kernel, long blocks)
        where TKernel : unmanaged, IKernel => Device.Launch(kernel, blocks);

    /// <summary>Finds device and step of an op's operands, and refuses operands that do not belong together.</summary>
    internal static OpContext For(string op, ReadOnlySpan<Tensor> operands)
    {
        Device? device = null;
        StepScope? scope = null;
        foreach (Tensor x in operands)
        {
            if (!x.IsDefined)
            {
                continue;
            }

            TensorData d = x.Data;
            device ??= d.Device;
            if (d.Device != device)
            {
                throw new EngineException($"{op}: operands are on {device.Name} and {d.Device.Name}; move one with To(device).");
            }

            if (d.Scope is { } s && s != scope)
            {
                scope = scope is null ? s : throw new EngineException($"{op}: operands belong to two different step scopes; copy one with ToPersistent().");
            }
        }

        scope?.CheckThread(op);
        return new OpContext(device ?? throw new EngineException($"{op}: no operand is defined."), scope, op);
    }

    internal static Tensor Allocate(Device device, StepScope? scope, string op, DType dtype, Shape shape, long bytes = 0)
    {
        TensorData d = scope is null ? new TensorData { Device = device, IsLeaf = true } : scope.NewSlot();
        d.Op = op;
        d.FreedBecause = null;
        d.Shape = shape;
        d.Strides = Strides.Contiguous(shape);
        d.Offset = 0;
        d.DType = dtype;
        d.GradType = scope is null ? DType.Float32 : dtype;
        d.Storage = device.Rent(bytes > 0 ? bytes : Math.Max(1, shape.Count) * dtype.Size(), op);
        return new Tensor(d);
    }

    /// <summary>Another window on the memory of <paramref name="x"/>, without history.</summary>
    internal static Tensor View(Tensor x, Shape shape, Strides strides, long offset, string op, StepScope? scope = null)
    {
        TensorData from = x.Data;
        if (from.DType == DType.Int8 && (shape != from.Shape || strides[0] != from.Strides[0] || strides[1] != from.Strides[1]))
        {
            Int8Matrix.Refuse(op, x);
        }

        scope ??= from.Scope;
        TensorData d = scope is null ? new TensorData { Device = from.Device, IsLeaf = true } : scope.NewSlot();
        d.Op = op;
        d.FreedBecause = null;
        d.Shape = shape;
        d.Strides = strides;
        d.Offset = from.Offset + offset;
        d.DType = from.DType;
        d.GradType = scope is null ? DType.Float32 : from.DType;
        d.Storage = from.Storage ?? throw x.Stale();
        d.Storage.AddReference();
        return new Tensor(d);
    }
}
