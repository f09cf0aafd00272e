using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Training;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

/// <summary>Training steps of whole decoders: nothing managed is allocated, and figures are those of the evaluation.</summary>
public sealed class LlamaStepTests : IDisposable
{
    private readonly CpuDevice _device = new(threads: 1);

    public static TheoryData<string, string> Decoders
    {
        get
        {
            TheoryData<string, string> data = new() { { "mixtral", "rotary" } };
            foreach (string positions in LlamaConfig.Positions)
            {
                data.Add("llama", positions);
            }

            return data;
        }
    }

    public void Dispose() => _device.Dispose();

    [Theory]
    [MemberData(nameof(Decoders))]
    public void A_steady_step_allocates_no_managed_memory(string model, string positions)
    {
        using PretrainTask task = Open(model, positions);
        using StepScope step = new(_device, recording: true, seed: 1);

        // The same batch and weights each time: other choices of experts are other shapes, which have blocks of their own.
        Steps(10);
        Assert.Equal(0, Allocations.Of(() => Steps(5)));

        void Steps(int count)
        {
            for (int i = 0; i < count; i++)
            {
                step.Backward(task.Objective.TrainingLoss(step, 0));
                step.Clear();
            }
        }
    }

    [Fact]
    public void The_load_of_experts_is_that_of_the_evaluation_whatever_was_written_before()
    {
        using PretrainTask task = Open("mixtral", "rotary");
        using StepScope step = new(_device, recording: false);
        (double Least, double Most) alone = Loads();
        task.Sample!(1);
        Assert.Equal(alone, Loads());
        Assert.InRange(alone.Least, 0, 1);
        Assert.InRange(alone.Most, 1, 8);

        (double Least, double Most) Loads()
        {
            Dictionary<string, double> figures = Engine.Pretraining.Training.Evaluation.Of(task.Objective, step, 0).Figures!.ToDictionary(f => f.Name, f => f.Value);
            return (figures["expert_load_min"], figures["expert_load_max"]);
        }
    }

    private PretrainTask Open(string model, string positions) => ObjectiveCatalog.Get("clm").Create(new TaskContext(_device, Presets.Get("tiny") with
    {
        Model = model, PositionEmbedding = positions, NumKeyValueHeads = 1, EvalBatches = 2, SampleTokens = 40,
    }));
}
