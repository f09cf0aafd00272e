using Engine.Optim;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Training;
using Xunit;

namespace Engine.Pretraining.Tests.Objectives;

public sealed class PermutationLanguageModelingTests : IDisposable
{
    private static readonly PretrainConfig s_config = new()
    {
        Objective = "plm", Model = "xlnet", NLayer = 2, NHead = 2, NEmbd = 32, BlockSize = 24, MemLen = 12, BatchSize = 8, EvalBatches = 4,
    };

    private readonly CpuDevice _device = new(2);

    public void Dispose() => _device.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    public void A_tiny_model_learns(int memory)
    {
        using PretrainTask task = Task(s_config with { MemLen = memory });
        using AdamW optimizer = new(ParameterGroup.Split(task.Model.Parameters, 0.01), 3e-3);
        double first = task.Evaluate();
        task.Train(optimizer, steps: 80);

        // ln 65 = 4.17 for a uniform guess, 3.3 for characters alone.
        double last = task.Evaluate();
        Assert.InRange(first, 4.0, 4.4);
        Assert.True(last < 3.6, $"{first} → {last}");
        Assert.InRange(Assert.Single(task.Objective.TakeFigures()).Value, 0.01, 1);
    }

    [Fact]
    public void A_steady_step_allocates_nothing()
    {
        using PretrainTask task = Task(s_config);
        task.AssertSteady();
    }

    [Fact]
    public void A_batch_is_a_function_of_seed_and_number()
    {
        using PretrainData data = PretrainData.Open(s_config with { BlockSize = 36 });
        Assert.Equal(Places(3, 5), Places(3, 5));
        Assert.NotEqual(Places(3, 5), Places(3, 6));
        Assert.NotEqual(Places(3, 5), Places(4, 5));

        int[] Places(ulong seed, long index)
        {
            PermutationSampler sampler = new(data.Training, memory: 12, seed);
            int[] places = new int[8 * sampler.Predicted];
            float[] mask = new float[8 * 24 * 36];
            sampler.Fill(9, new int[8 * 12], new int[8 * 24], mask, mask, places, new int[places.Length]);
            sampler.Fill(index, new int[8 * 12], new int[8 * 24], mask, mask, places, new int[places.Length]);
            return places;
        }
    }

    [Fact]
    public void A_text_of_one_token_is_refused() => Assert.Equal(
        "objective plm: block_size = 1 leaves nothing to predict a token from; take at least 2.",
        Assert.Throws<EngineException>(() => Task(s_config with { BlockSize = 1 })).Message);

    private PretrainTask Task(PretrainConfig config) => ObjectiveCatalog.Get("plm").Create(new TaskContext(_device, config));
}
