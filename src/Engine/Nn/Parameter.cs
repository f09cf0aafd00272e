namespace Engine.Nn;

/// <summary>A trainable tensor with its name and its gradient. Both are persistent: they outlive steps.</summary>
public sealed class Parameter
{
    internal Parameter(string name, Tensor value)
    {
        Name = name;
        Value = value;
        value.Data.RequiresGrad = true;
    }

    /// <summary>The full dotted name as Hugging Face spells it, for example <c>h.0.attn.c_attn.weight</c>.</summary>
    public string Name { get; internal set; }

    /// <summary>The value; ops take it as any other tensor.</summary>
    public Tensor Value { get; private set; }

    /// <summary>The gradient summed since the last <see cref="ZeroGrad"/>; undefined if backward has not reached it.</summary>
    public Tensor Grad => StepScope.Grad(Value);

    /// <summary>Makes the gradient zero: the next backward overwrites it instead of adding, so no memory is touched.</summary>
    public void ZeroGrad() => Value.Data.HasGrad = false;

    /// <summary>The value as an operand.</summary>
    public static implicit operator Tensor(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return parameter.Value;
    }

    internal void Dispose() => Value.Dispose();

    /// <summary>Name and shape.</summary>
    public override string ToString() => $"{Name} {Value.Shape}";
}
