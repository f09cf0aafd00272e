namespace Engine.Testing;

/// <summary>
/// One use of an op: input shapes and the expression. The same cases go through the finite-difference check and, on every
/// device, through the parity check; the tape tells which ops a case has covered.
/// </summary>
/// <param name="Name">A readable, unique name.</param>
/// <param name="Inputs">How to make each input.</param>
/// <param name="Run">The expression; its result may have any shape.</param>
public sealed record OpCase(string Name, InputSpec[] Inputs, Func<StepScope, Tensor[], Tensor> Run)
{
    /// <summary>False for shapes too large for finite differences of every element; such cases check parity only.</summary>
    public bool CheckGradient { get; init; } = true;

    /// <summary>Multiplies the tolerance of the finite-difference check, with the reason beside its use.</summary>
    public double Slack { get; init; } = 1;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>How to make one input of a case.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Low">Smallest value.</param>
/// <param name="High">Largest value (exclusive for integers).</param>
/// <param name="DType">Float32 inputs take gradients unless <paramref name="Grad"/> is false; Int32 inputs never do.</param>
/// <param name="Grad">Whether a gradient is checked.</param>
public sealed record InputSpec(Shape Shape, float Low = -1f, float High = 1f, DType DType = DType.Float32, bool Grad = true)
{
    /// <summary>An integer input with values from 0 to <paramref name="bound"/> − 1.</summary>
    public static InputSpec Ints(Shape shape, int bound) => new(shape, 0, bound, DType.Int32, Grad: false);

    /// <summary>Makes the input in a step; the same seed gives the same values.</summary>
    public Tensor Make(StepScope scope, RandomStream random)
    {
        if (DType == DType.Int32)
        {
            int[] ints = new int[Shape.Count];
            for (int i = 0; i < ints.Length; i++)
            {
                ints[i] = (int)Low + (int)random.NextInt((long)(High - Low));
            }

            return scope.From<int>(ints, Shape);
        }

        float[] values = new float[Shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Low + ((High - Low) * random.NextUniform());
        }

        return scope.From<float>(values, Shape, Grad);
    }
}

/// <summary>A list of cases; test assemblies declare one class for each family of ops.</summary>
public interface IOpCases
{
    /// <summary>The cases of the family.</summary>
    static abstract IEnumerable<OpCase> Cases { get; }
}
