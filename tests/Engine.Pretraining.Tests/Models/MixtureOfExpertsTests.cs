using Engine.Nn;
using Engine.Pretraining.Models;
using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

public sealed class MixtureOfExpertsTests : IDisposable
{
    private const int E = 4;
    private readonly CpuDevice _device = new();
    private readonly Llama _model;
    private readonly StepScope _step;

    public MixtureOfExpertsTests()
    {
        _model = new Llama(
            _device,
            new LlamaConfig
            {
                VocabSize = 31, MaxPositionEmbeddings = 16, HiddenSize = 24, NumHiddenLayers = 2, NumAttentionHeads = 3, NumKeyValueHeads = 3, IntermediateSize = 20,
                NumLocalExperts = E, NumExpertsPerTok = 2,
            },
            seed: 3);
        _step = new StepScope(_device);
    }

    public void Dispose()
    {
        _step.Dispose();
        _model.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void Grouping_puts_every_choice_into_its_experts_group_in_the_order_of_tokens() => Prop.ForAll(
        Gen.Choose(1, 40).SelectMany(n => Gen.Choose(1, 6).SelectMany(e => Gen.Choose(1, e).SelectMany(k =>
            Gen.Choose(0, 5).ArrayOf(n * e).Select(scores => (e, k, scores))))).ToArbitrary(),
        c =>
        {
            (int e, int k, int[] values) = c;
            float[] scores = [.. values.Select(v => (float)v)];
            ExpertGroups groups = new(e, k);
            groups.Group(scores);
            int n = scores.Length / e;
            for (int token = 0; token < n; token++)
            {
                // The definition: sort by score, the lower number first among equals, and take k.
                int[] expected = [.. Enumerable.Range(0, e).OrderByDescending(x => scores[(token * e) + x]).Take(k)];
                Assert.Equal(expected, groups.Choices[(token * k)..((token + 1) * k)].ToArray());
                for (int j = 0; j < k; j++)
                {
                    int place = groups.Places[(token * k) + j];
                    Assert.Equal(token, groups.Tokens[place]);
                    Assert.InRange(place, groups.Starts[expected[j]], groups.Starts[expected[j] + 1] - 1);
                }
            }

            Assert.Equal(n * k, groups.Starts[e]);
            Assert.Equal(n * k, groups.Places.ToArray().Distinct().Count());
            for (int x = 0; x < e; x++)
            {
                int[] group = groups.Tokens[groups.Starts[x]..groups.Starts[x + 1]].ToArray();
                Assert.Equal(groups.LoadOf(x), group.Length);
                Assert.Equal(group.Order(), group);
            }
        }).QuickCheckThrowOnFailure();

    // Every token through every expert, alone, with the weights of the experts it did not choose at zero.
    [Fact]
    public void Grouped_dispatch_equals_a_loop_over_tokens()
    {
        MixtureOfExperts experts = _model.Experts[0];
        Parameter[] parameters = [.. experts.Parameters];
        float[] W(string name) => parameters.Single(p => p.Name.EndsWith("layers.0.block_sparse_moe." + name + ".weight", StringComparison.Ordinal)).Value.ToArray();
        (int N, int C, int F) = (10, 24, 20);
        float[] x = [.. Enumerable.Range(0, N * C).Select(i => MathF.Sin(i * 0.7f) * 2)];
        float[] y = experts.Forward(_step.From<float>(x, [2, 5, C])).ToArray();
        double[] expected = new double[N * C];
        for (int n = 0; n < N; n++)
        {
            double[] row = [.. x.Skip(n * C).Take(C).Select(v => (double)v)];
            double[] scores = Product(W("gate"), row, E);
            int[] best = [.. Enumerable.Range(0, E).OrderByDescending(e => scores[e]).Take(2)];
            double total = best.Sum(e => Math.Exp(scores[e]));
            foreach (int e in best)
            {
                double[] gate = Product(W($"experts.{e}.w1"), row, F);
                double[] up = Product(W($"experts.{e}.w3"), row, F);
                double[] down = Product(W($"experts.{e}.w2"), [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)], C);
                for (int c = 0; c < C; c++)
                {
                    expected[(n * C) + c] += Math.Exp(scores[e]) / total * down[c];
                }
            }
        }

        new Tolerance(1e-6, 1e-4).AssertClose(expected, y, "mixture of experts");
        Assert.Equal(2 * N, experts.Load.Sum());
    }

    [Fact]
    public void The_balance_loss_is_one_when_the_router_is_indifferent()
    {
        MixtureOfExperts experts = _model.Experts[0];
        experts.Parameters.First(p => p.Name.EndsWith("gate.weight", StringComparison.Ordinal)).Value.FillInPlace(0f);
        experts.Forward(_step.From<float>(new float[6 * 24], [1, 6, 24]));
        Assert.Equal(1f, experts.BalanceLoss.Item(), 1e-6f);
    }

    [Fact]
    public void Training_reaches_every_parameter_of_the_experts_that_were_chosen_and_adds_the_balance_loss()
    {
        int[] ids = [.. Enumerable.Range(0, 32).Select(i => i * 7 % 31)];
        Tensor inputs = _step.From<int>(ids, [2, 16]);
        Tensor labels = _step.From<int>([.. ids.Select(i => (i + 1) % 31)], [2, 16]);
        Tensor loss = _model.Loss(inputs, labels);
        using StepScope evaluation = new(_device, recording: false);
        float plain = _model.Loss(evaluation.From<int>(ids, [2, 16]), evaluation.From<int>([.. ids.Select(i => (i + 1) % 31)], [2, 16])).Item();
        float balance = _model.Experts.Sum(e => e.BalanceLoss.Item());
        Assert.Equal(plain + (0.01f * balance), loss.Item(), 1e-5f);
        _step.Backward(loss);
        string[] unreached = [.. _model.Unreached];
        string[] idle = [.. _model.Experts.Index().SelectMany(l => l.Item.Load.Index().Where(e => e.Item == 0).Select(e => $"layers.{l.Index}.block_sparse_moe.experts.{e.Index}."))];
        Assert.All(unreached, name => Assert.Contains(idle, i => name.Contains(i, StringComparison.Ordinal)));
    }

    private static double[] Product(float[] w, double[] x, int rows) =>
        [.. Enumerable.Range(0, rows).Select(r => x.Select((v, c) => v * w[(r * x.Length) + c]).Sum())];
}
