using Engine.KernelLanguage;

namespace Engine.Benchmarks;

/// <summary>An input of an op: the same numbers for each contestant.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Low">The smallest value.</param>
/// <param name="High">What all values lie below.</param>
/// <param name="DType">Only float32 inputs take gradients; int8 is quantised from such numbers, with a scale for each row.</param>
public sealed record OpInput(Shape Shape, float Low = -1f, float High = 1f, DType DType = DType.Float32)
{
    /// <summary>Integers from <paramref name="low"/> to <paramref name="bound"/> − 1.</summary>
    public static OpInput Ints(Shape shape, int bound, int low = 0) => new(shape, low, bound, DType.Int32);

    /// <summary>Whether a gradient of <paramref name="x"/> is asked for: none is where weights are int8, which is for inference.</summary>
    public static bool TakesGradient(Tensor x, IReadOnlyList<Tensor> inputs) =>
        x.DType == DType.Float32 && inputs.All(other => other.DType != DType.Int8);

    /// <summary>The input on a device; each stream has other numbers.</summary>
    public Tensor Make(Device device, int stream)
    {
        if (DType == DType.Int8)
        {
            using Tensor exact = (this with { DType = DType.Float32 }).Make(device, stream);
            return exact.QuantizeInt8();
        }

        Tensor x = Tensor.Empty(device, Shape, DType, "benchmark");
        for (long i = 0; i < x.Count; i++)
        {
            float value = Low + ((High - Low) * Philox.Uniform(13, (ulong)stream, (ulong)i));
            if (DType == DType.Int32)
            {
                x.Flat<int>()[i] = (int)value;
            }
            else
            {
                x.Flat<float>()[i] = value;
            }
        }

        return x;
    }
}
