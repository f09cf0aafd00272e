using Engine.Nn;
using Engine.Pretraining.Data;
using Engine.Pretraining.Models;
using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

/// <summary>XLNet: what each stream can see, relative positions, memory, and the parameter count.</summary>
public sealed class XLNetTests : IDisposable
{
    private const int V = 30;
    private readonly CpuDevice _device = new(2);
    private readonly XLNet _model;
    private readonly StepScope _step;

    public XLNetTests()
    {
        _model = new XLNet(_device, new XLNetConfig { VocabSize = V, DModel = 24, NLayer = 3, NHead = 3, DInner = 40 }, seed: 4);

        // Weights large enough that attention is far from uniform.
        foreach (Parameter parameter in _model.Parameters.Where(p => p.Master.Rank >= 2))
        {
            parameter.Master.Load<float>([.. parameter.Master.ToArray().Select(w => 15f * w)]);
        }

        _step = new StepScope(_device, recording: false);
    }

    public void Dispose()
    {
        _step.Dispose();
        _model.Dispose();
        _device.Dispose();
    }

    // Hugging Face's XLNetModel of xlnet-base-cased: here without seg_embed (2·C) and r_s_bias (C) of each layer, but with the output's bias (V).
    [Fact]
    public void The_base_model_has_the_published_number_of_parameters()
    {
        using MetaDevice device = new();
        using Module model = new XLNet(device, new XLNetConfig());
        Assert.Equal(116_718_336 - (12 * 3 * 768) + 32000, model.ParameterCount);
    }

    [Fact]
    public void Targets_are_as_many_as_asked_for_and_masks_follow_the_order() => Prop.ForAll(
        Gen.Choose(2, 60).Zip(Gen.Choose(1, 30)).Zip(Gen.Choose(0, 1 << 20)).ToArbitrary(),
        x =>
        {
            ((int T, int count), int seed) = x;
            (bool[] targets, int[] order) = Order(T, Math.Min(count, T - 1), (ulong)seed);
            float[] query = new float[T * (T + 2)];
            float[] content = new float[T * (T + 2)];
            PermutationMask.Fill(targets, order, query, content, T + 2);
            return targets.Count(t => t) == Math.Min(count, T - 1) && Enumerable.Range(0, T * T).All(p =>
            {
                (int i, int j) = Math.DivRem(p, T);
                bool sees = !targets[j] || (targets[i] && order[i] > order[j]);
                int at = (i * (T + 2)) + 2 + j;
                return query[at] == (sees ? 0 : PermutationMask.Hidden) && content[at] == (sees || i == j ? 0 : PermutationMask.Hidden)
                    && (!targets[i] || i != j || query[at] < 0);
            });
        }).QuickCheckThrowOnFailure();

    // Every token occurs once, so the gradient of its row in the table is the derivative by that token's embedding.
    [Fact]
    public void A_prediction_has_derivative_zero_by_its_own_token_and_by_those_after_it_in_the_order()
    {
        const int T = 12;
        (bool[] targets, int[] order) = Order(T, 5, seed: 11);
        float[] query = new float[T * T];
        float[] content = new float[T * T];
        PermutationMask.Fill(targets, order, query, content, T);
        int[] ids = [.. Enumerable.Range(3, T)];
        Parameter table = _model.Parameters.Single(p => p.Name == "transformer.word_embedding.weight");
        foreach (int i in Enumerable.Range(0, T).Where(i => targets[i]))
        {
            using StepScope step = new(_device);
            Tensor g = _model.Streams(step.From<int>(ids, [1, T]), step.From<float>(query, [1, 1, T, T]), step.From<float>(content, [1, 1, T, T])).Query;
            step.Backward(g.Slice(1, i, i + 1).Slice(2, 0, 5).Sum());
            float[] gradient = table.Grad.ToArray();
            for (int j = 0; j < T; j++)
            {
                bool sees = !targets[j] || order[i] > order[j];
                Assert.Equal(sees, gradient.AsSpan(ids[j] * 24, 24).IndexOfAnyExcept(0f) >= 0);
            }

            _model.ZeroGrad();
        }
    }

    [Fact]
    public void Reusing_a_memory_equals_reading_everything_again()
    {
        const int M = 7;
        const int T = 9;
        int[] ids = [.. Enumerable.Range(0, M + T).Select(i => 3 + (i * 5 % 23))];
        (bool[] targets, int[] order) = Order(T, 4, seed: 2);

        // The whole: the first part does not see the second, the second sees all of the first.
        float[] query = new float[(M + T) * (M + T)];
        float[] content = new float[query.Length];
        for (int i = 0; i < M; i++)
        {
            query.AsSpan((i * (M + T)) + M, T).Fill(PermutationMask.Hidden);
            content.AsSpan((i * (M + T)) + M, T).Fill(PermutationMask.Hidden);
        }

        PermutationMask.Fill(targets, order, query.AsSpan(M * (M + T)), content.AsSpan(M * (M + T)), M + T);
        (Tensor g, Tensor h) = _model.Streams(Ids(ids), Mask(query, M + T), Mask(content, M + T));

        Tensor[] memory = new Tensor[3];
        _model.Memorize(Ids(ids[..M]), memory);
        (Tensor gReused, Tensor hReused) = _model.Streams(Ids(ids[M..]), Mask(query[(M * (M + T))..], M + T), Mask(content[(M * (M + T))..], M + T), memory);
        Tolerance close = new(1e-5, 1e-5);
        close.AssertClose(g.Slice(1, M, M + T).ToArray(), gReused.ToArray(), "query stream");
        close.AssertClose(h.Slice(1, M, M + T).ToArray(), hReused.ToArray(), "content stream");
    }

    // Without a memory the same tokens further along give the same: only distances count. Two texts in one batch, shifted by memory length.
    [Fact]
    public void Scores_depend_on_distances_and_order_of_tokens()
    {
        int[] ids = [3, 4, 5, 6];
        float[] there = _model.Streams(Ids(ids), Mask(new float[16], 4)).Query.ToArray();
        float[] back = _model.Streams(Ids([.. ids.Reverse()]), Mask(new float[16], 4)).Query.ToArray();
        Assert.NotEqual(there[..24], back[..24]);
        Tensor hidden = Mask([.. Enumerable.Range(0, 36).Select(i => i % 6 < 2 ? PermutationMask.Hidden : 0)], 6);
        float[] later = _model.Streams(Ids([9, 9, .. ids]), hidden, hidden).Query.Slice(1, 2, 6).ToArray();
        new Tolerance(1e-5, 1e-5).AssertClose(there, later, "the same tokens, two places later");
    }

    [Fact]
    public void Every_parameter_gets_a_gradient()
    {
        using StepScope step = new(_device);
        Tensor[] memory = new Tensor[3];
        _model.Memorize(step.From<int>([5, 6], [1, 2]), memory);
        Tensor g = _model.Streams(step.From<int>([3, 4, 7], [1, 3]), step.From<float>(new float[15], [1, 1, 3, 5]), default, memory).Query;
        step.Backward(_model.Logits(g, step.From<int>([2], [1])).CrossEntropy(step.From<int>([7], [1])));
        Assert.Empty(_model.Unreached);
    }

    private static (bool[] Targets, int[] Order) Order(int T, int count, ulong seed)
    {
        RandomStream random = new(seed, stream: 1);
        bool[] targets = new bool[T];
        PermutationMask.Targets(count, 6, random, targets);
        return (targets, [.. Enumerable.Range(0, T).OrderBy(_ => random.NextWord())]);
    }

    private Tensor Ids(int[] ids) => _step.From<int>(ids, [1, ids.Length]);

    private Tensor Mask(float[] mask, int K) => _step.From<float>(mask, [1, 1, mask.Length / K, K]);
}
