namespace Engine.Nn;

/// <summary>
/// A trainable tensor with its name and its gradient. All are persistent: they outlive steps. The float32 <see cref="Master"/> is
/// what training changes; ops read <see cref="Value"/>, which is the master itself, or a 16-bit copy of it in mixed precision
/// (<see cref="Module.StoreAs"/>; Micikevicius et al., "Mixed precision training", 2018), or an int8 copy for inference. The gradient is float32 in both cases.
/// </summary>
public sealed class Parameter
{
    private readonly int _channelAxis;

    internal Parameter(string name, Tensor value, int channelAxis = 0)
    {
        _channelAxis = channelAxis;
        Name = name;
        Master = value;
        Value = value;
        value.Data.RequiresGrad = true;
    }

    /// <summary>The full dotted name as Hugging Face spells it, for example <c>h.0.attn.c_attn.weight</c>.</summary>
    public string Name { get; internal set; }

    /// <summary>The value; ops take it as any other tensor.</summary>
    public Tensor Value { get; private set; }

    /// <summary>The type of activations that ops compute with it: that of <see cref="Value"/>, or float32 where that is int8.</summary>
    public DType ActivationType => Value.DType.IsFloat() ? Value.DType : DType.Float32;

    /// <summary>
    /// The float32 value that optimizers change and checkpoints keep. Whoever changes it otherwise calls <see cref="Refresh"/>
    /// afterwards.
    /// </summary>
    public Tensor Master { get; }

    /// <summary>The gradient summed since the last <see cref="ZeroGrad"/>; undefined if backward has not reached it.</summary>
    public Tensor Grad => StepScope.Grad(Value);

    private bool HasCopy => !Value.Equals(Master);

    /// <summary>Makes the gradient zero: the next backward overwrites it instead of adding, so no memory is touched.</summary>
    public void ZeroGrad() => Value.Data.HasGrad = false;

    /// <summary>Rounds <see cref="Master"/> into <see cref="Value"/> where that is a copy: once a step, however often it is used.</summary>
    public void Refresh()
    {
        if (HasCopy)
        {
            Round();
        }
    }

    /// <summary>The value as an operand.</summary>
    public static implicit operator Tensor(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return parameter.Value;
    }

    /// <summary>Keeps a copy of this type for ops, or none for float32. A gradient is dropped.</summary>
    internal void StoreAs(DType dtype)
    {
        if (dtype == Value.DType)
        {
            return;
        }

        if (HasCopy)
        {
            Value.Dispose();
        }
        else
        {
            Master.Data.Grad.Dispose();
            Master.Data.Grad = default;
            Master.Data.HasGrad = false;
        }

        const string Tag = "working copies";
        bool copies = dtype != Master.DType;
        Value = !copies ? Master
            : dtype == DType.Int8 ? Int8Matrix.Empty(Master.Device, null, Tag, Master.Shape, _channelAxis)
            : Tensor.Empty(Master.Device, Master.Shape, dtype, Tag);
        Value.Data.RequiresGrad = true;
        Master.Data.RequiresGrad = !copies;
        Refresh();
    }

    private void Round()
    {
        if (Value.DType == DType.Int8)
        {
            Int8Matrix.Fill(Master, Value);
        }
        else
        {
            CastOp.Launch(Master, Value);
        }
    }

    internal void Dispose()
    {
        Value.Dispose();
        Master.Dispose();
    }

    /// <summary>Name and shape.</summary>
    public override string ToString() => $"{Name} {Value.Shape}";
}
