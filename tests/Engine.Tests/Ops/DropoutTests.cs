using Engine.Testing;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>Dropout's mask: its share of zeros, its seed, and when there is none.</summary>
public sealed class DropoutTests
{
    [Fact]
    public void Keeps_a_share_of_one_minus_p_and_scales_it()
    {
        using CpuDevice device = new();
        using StepScope scope = new(device, seed: 3);
        float[] y = Ones(scope, 100_000).Dropout(0.3f).ToArray();
        int kept = y.Count(v => v != 0f);

        // Six standard deviations of the binomial distribution.
        Assert.InRange(kept, 70_000 - 870, 70_000 + 870);
        Assert.All(y, v => Assert.True(v is 0f or 1f / (1f - 0.3f)));
    }

    [Fact]
    public void The_mask_is_that_of_the_random_stream_whatever_its_position()
    {
        using CpuDevice device = new();
        for (ulong position = 0; position < 9; position++)
        {
            using StepScope scope = new(device, seed: 5);
            scope.Random.Position = position;
            RandomStream same = new(5, stream: 0) { Position = position };
            float[] y = Ones(scope, 9001).Dropout(0.5f).ToArray();
            Assert.All(y, v => Assert.Equal(same.NextUniform() >= 0.5f ? 2f : 0f, v));
            Assert.Equal(same.Position, scope.Random.Position);
        }
    }

    [Fact]
    public void A_segment_that_is_checkpointed_draws_the_same_mask_twice()
    {
        using CpuDevice device = new();
        float[][] grads = new float[2][];
        float[][] results = new float[2][];
        for (int i = 0; i < 2; i++)
        {
            using StepScope scope = new(device, seed: 5);
            Tensor x = scope.From<float>([.. Enumerable.Range(1, 50).Select(v => (float)v)], [50], requiresGrad: true);
            Tensor y = (i == 0 ? new Drop().Forward(x) : scope.Checkpoint(x, new Drop())).Keep();
            scope.Backward((y * y).Sum());
            results[i] = y.ToArray();
            grads[i] = StepScope.Grad(x).ToArray();
        }

        Assert.Contains(0f, results[0]);
        Assert.Equal(results[0], results[1]);
        Assert.Equal(grads[0], grads[1]);
    }

    [Fact]
    public void Is_the_tensor_itself_in_evaluation_and_for_p_0()
    {
        using CpuDevice device = new();
        using StepScope evaluation = new(device, recording: false);
        using StepScope training = new(device);
        Tensor x = Ones(evaluation, 5);
        Assert.Equal(x, x.Dropout(0.5f));
        x = Ones(training, 5);
        Assert.Equal(x, x.Dropout(0f));
    }

    [Theory]
    [InlineData(1f, "1")]
    [InlineData(-0.5f, "-0.5")]
    [InlineData(float.NaN, "NaN")]
    public void A_probability_outside_its_range_is_refused(float p, string text)
    {
        using Device device = TestDevices.Reference();
        using StepScope scope = new(device);
        EngineException e = Assert.Throws<EngineException>(() => Ones(scope, 5).Dropout(p));
        Assert.Equal($"Dropout: the probability {text} is not in [0, 1). [float32, cpu]", e.Message);
    }

    private static Tensor Ones(StepScope scope, int n)
    {
        float[] ones = new float[n];
        Array.Fill(ones, 1f);
        return scope.From<float>(ones, [n]);
    }

    private sealed class Drop : IForward
    {
        public Tensor Forward(Tensor x) => x.Dropout(0.5f) * 3f;
    }
}
