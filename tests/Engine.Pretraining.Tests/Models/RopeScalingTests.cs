using System.Globalization;
using Engine.Pretraining.Models;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

/// <summary>Slowed rotary angles: factors as PyTorch computes them from the published formula, and what they do to a model.</summary>
public sealed class RopeScalingTests
{
    [Fact]
    public void Frequencies_are_those_of_the_reference()
    {
        using Fixture fixture = Fixture.OpenReal("rope_scaling");
        Assert.NotEmpty(fixture.Names);
        foreach (string name in fixture.Names)
        {
            FixtureCase c = fixture.Case(name.Split('/')[0]);
            int D = (int)c.Number("head_dim");
            float theta = (float)c.Number("rope_theta");
            RopeScaling scaling = new() { Type = c.Text("rope_type"), Factor = (float)c.Number("factor") };
            if (c.HasSetting("low_freq_factor"))
            {
                scaling = scaling with
                {
                    LowFreqFactor = (float)c.Number("low_freq_factor"),
                    HighFreqFactor = (float)c.Number("high_freq_factor"),
                    OriginalMaxPositionEmbeddings = (int)c.Number("original_max_position_embeddings"),
                };
            }

            double[] expected = c.Doubles("inv_freq");
            float[] factors = scaling.Factors(D, theta);
            Assert.Equal(expected.Length, factors.Length);
            for (int n = 0; n < factors.Length; n++)
            {
                double actual = Math.Pow(theta, -2.0 * n / D) / factors[n];
                Assert.True(Math.Abs(actual - expected[n]) <= 1e-6 * expected[n], string.Create(CultureInfo.InvariantCulture, $"{c.Name} {n}: {actual}, expected {expected[n]}"));
            }
        }
    }

    [Fact]
    public void Linear_scaling_is_interpolation_of_positions()
    {
        using CpuDevice device = new(threads: 1);
        using StepScope step = new(device, recording: false);
        float[] values = [.. Enumerable.Range(0, 2 * 4 * 6).Select(i => MathF.Sin(i))];
        Tensor x = step.From<float>(values, [1, 2, 4, 6]);
        float[] twice = [.. x.RotaryEmbedding(step.From<int>([0, 2, 4, 6], [4])).ToArray()];
        float[] scaled = x.RotaryEmbedding(step.From<int>([0, 4, 8, 12], [4]), factors: step.From<float>([2f, 2f, 2f], [3])).ToArray();
        Assert.All(twice.Zip(scaled), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Theory]
    [InlineData("yarn", 2f, 1f, 4f, "rope_scaling is of type yarn; expected linear or llama3")]
    [InlineData("linear", 0.5f, 1f, 4f, "rope_scaling has the factor 0.5; expected at least 1")]
    [InlineData("linear", float.NaN, 1f, 4f, "rope_scaling has the factor NaN")]
    [InlineData("llama3", 8f, 4f, 4f, "expected 0 < low < high")]
    public void What_makes_no_angles_is_refused(string type, float factor, float low, float high, string fault)
    {
        LlamaConfig config = new() { HiddenSize = 8, NumAttentionHeads = 1, NumKeyValueHeads = 1, RopeScaling = new RopeScaling { Type = type, Factor = factor, LowFreqFactor = low, HighFreqFactor = high } };
        Assert.Contains(fault, Assert.Throws<EngineException>(config.Validated).Message, StringComparison.Ordinal);
    }
}
