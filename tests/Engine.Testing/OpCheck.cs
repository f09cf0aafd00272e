using Xunit;

namespace Engine.Testing;

/// <summary>The two checks that every op case goes through.</summary>
public static class OpCheck
{
    private const ulong Seed = 7;

    /// <summary>What a case computes on one device: its result and the gradients of its inputs.</summary>
    public sealed record Outcome(float[] Result, float[]?[] Grads, IReadOnlyCollection<Type> Ops);

    /// <summary>
    /// Runs a case forward and backward with fixed inputs and a fixed random upstream gradient (loss = Σ w·y, w uniform in
    /// [−1, 1]); empty results have no backward.
    /// </summary>
    public static Outcome Run(OpCase c, Device device, ulong seed = Seed)
    {
        StepScope scope = new(device, seed: seed);
        List<Type> ops = [];
        scope.Tape.Witness = ops;
        Tensor[] inputs = MakeInputs(c, scope, seed);
        Tensor y = c.Run(scope, inputs).Keep();
        float[] result = y.ToArray();
        float[]?[] grads = new float[inputs.Length][];
        if (y.RequiresGrad)
        {
            scope.Backward((y * scope.From<float>(Weights(y.Count, seed), y.Shape)).Sum());
            for (int i = 0; i < inputs.Length; i++)
            {
                Tensor grad = StepScope.Grad(inputs[i]);
                grads[i] = grad.IsDefined ? grad.ToArray() : null;
            }
        }

        scope.Clear();
        return new Outcome(result, grads, ops);
    }

    /// <summary>Compares a case on a device with the reference: result and gradients.</summary>
    public static void Parity(OpCase c, string deviceName)
    {
        using Device reference = TestDevices.Reference();
        using Device device = TestDevices.Open(deviceName);
        Outcome expected = Run(c, reference);
        Outcome actual = Run(c, device);
        Tolerance.Parity.AssertClose(expected.Result, actual.Result, $"{c.Name} result on {deviceName}");
        for (int i = 0; i < expected.Grads.Length; i++)
        {
            Assert.Equal(expected.Grads[i] is null, actual.Grads[i] is null);
            if (expected.Grads[i] is { } grad)
            {
                Tolerance.Parity.AssertClose(grad, actual.Grads[i], $"{c.Name} gradient of input {i} on {deviceName}");
            }
        }

        Assert.Equal(0, device.Memory.LiveBytes);
        Assert.Equal(0, reference.Memory.LiveBytes);
    }

    /// <summary>Compares a case with another expression of the same inputs, which is its definition: result and gradients.</summary>
    public static void SameAs(OpCase c, Func<StepScope, Tensor[], Tensor> definition, string deviceName)
    {
        using Device reference = TestDevices.Reference();
        using Device device = TestDevices.Open(deviceName);
        Outcome expected = Run(c with { Run = definition }, reference);
        Outcome actual = Run(c, device);
        Tolerance.Parity.AssertClose(expected.Result, actual.Result, $"{c.Name} result on {deviceName}");
        for (int i = 0; i < expected.Grads.Length; i++)
        {
            Tolerance.Parity.AssertClose(expected.Grads[i], actual.Grads[i], $"{c.Name} gradient of input {i} on {deviceName}");
        }
    }

    /// <summary>
    /// Runs a case with one and with three threads, with SIMD overrides: result and gradients must be the same bits. (A kernel's own
    /// body runs one block after another, so threads cannot change what it computes.)
    /// </summary>
    public static void ThreadCounts(OpCase c)
    {
        using Device one = new CpuDevice(threads: 1);
        using Device three = new CpuDevice(threads: 3);
        Outcome expected = Run(c, one);
        Outcome actual = Run(c, three);
        Assert.Equal(expected.Result, actual.Result);
        Assert.Equal(expected.Grads, actual.Grads);
    }

    /// <summary>
    /// Central differences of Σ w·y, summed in float64, against the gradient: every element of every input. The step is
    /// 1e-2, the tolerance what float32 rounding and the third derivative leave of that.
    /// </summary>
    public static void Gradient(OpCase c)
    {
        const float H = 1e-2f;
        using Device device = TestDevices.Reference();
        Outcome analytic = Run(c, device);

        // Recording, and the seed of Run, so that random ops draw what they drew there.
        StepScope scope = new(device, seed: Seed);
        for (int input = 0; input < c.Inputs.Length; input++)
        {
            if (c.Inputs[input].DType != DType.Float32 || !c.Inputs[input].Grad)
            {
                continue;
            }

            float[] grad = analytic.Grads[input] ?? throw new InvalidOperationException($"{c.Name}: no gradient reached input {input}");
            Assert.Contains(grad, g => g != 0f);
            for (int i = 0; i < grad.Length; i++)
            {
                double up = Value(c, scope, input, i, H);
                double down = Value(c, scope, input, i, -H);
                double numeric = (up - down) / (2.0 * H);
                double tolerance = c.Slack * (2e-3 + (1e-2 * Math.Abs(numeric)));
                Assert.True(
                    Math.Abs(numeric - grad[i]) <= tolerance,
                    $"{c.Name}: d/d input {input} [{i}] is {grad[i]:R}, finite differences give {numeric:R}");
            }
        }
    }

    private static double Value(OpCase c, StepScope scope, int input, int element, float delta)
    {
        scope.Random.Position = 0;
        Tensor[] inputs = MakeInputs(c, scope, Seed);
        float[] values = inputs[input].ToArray();
        values[element] += delta;
        inputs[input].Load<float>(values);
        float[] y = c.Run(scope, inputs).ToArray();
        float[] w = Weights(y.Length, Seed);
        double sum = 0;
        for (int i = 0; i < y.Length; i++)
        {
            sum += (double)y[i] * w[i];
        }

        scope.Clear();
        return sum;
    }

    private static Tensor[] MakeInputs(OpCase c, StepScope scope, ulong seed)
    {
        RandomStream random = new(seed, stream: 1);
        return [.. c.Inputs.Select(spec => spec.Make(scope, random))];
    }

    private static float[] Weights(long count, ulong seed)
    {
        RandomStream random = new(seed, stream: 2);
        float[] weights = new float[count];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (2f * random.NextUniform()) - 1f;
        }

        return weights;
    }
}
