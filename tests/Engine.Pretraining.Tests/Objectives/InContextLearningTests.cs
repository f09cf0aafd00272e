using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Engine.Pretraining.Objectives;
using Xunit;

namespace Engine.Pretraining.Tests.Objectives;

public sealed class InContextLearningTests
{
    [Fact]
    public void A_sequence_is_pairs_of_one_map_and_repeats_by_seed_and_number()
    {
        int[] tokens = new int[65];
        int[] again = new int[65];
        HashSet<string> maps = [];
        for (long number = 0; number < 50; number++)
        {
            InContextLearning.Sequence(5, number, tokens);
            InContextLearning.Sequence(5, number, again);
            Assert.Equal(tokens, again);
            string text = InContextLearning.Vocabulary.Decode(tokens);
            Dictionary<char, char> map = [];
            for (int i = 0; i + 1 < text.Length; i += 2)
            {
                Assert.InRange(text[i], 'a', 'h');
                Assert.InRange(text[i + 1], '0', '7');
                Assert.True(map.TryAdd(text[i], text[i + 1]) || map[text[i]] == text[i + 1], text);
            }

            maps.Add(string.Concat(map.OrderBy(m => m.Key).Select(m => m.Value)));
        }

        Assert.InRange(maps.Count, 45, 50);
    }

    [Fact]
    public void A_model_that_knows_nothing_is_at_chance_and_its_loss_is_the_logarithm_of_the_vocabulary()
    {
        PretrainConfig config = Presets.Get("in-context-tiny") with { BatchSize = 8, EvalBatches = 4 };
        using CpuDevice device = new();
        using CausalLanguageModel model = (CausalLanguageModel)ModelCatalog.Create(device, config, InContextLearning.Vocabulary.VocabSize);
        InContextLearning objective = new(model, config);
        using StepScope step = new(device, recording: false);
        Assert.InRange(objective.EvaluationLoss(step, 0).Item(), 2.5, 3.0);
        Assert.Equal(objective.EvaluationLoss(step, 1).Item(), objective.EvaluationLoss(step, 1).Item());
        IReadOnlyList<EvaluationFigure> figures = objective.TakeFigures();
        Assert.Equal(["accuracy_shots_0", "accuracy_shots_1", "accuracy_shots_3", "accuracy_shots_7", "accuracy_shots_15", "accuracy_shots_31", "induction_score"], figures.Select(f => f.Name));
        Assert.All(figures, f => Assert.InRange(f.Value, 0, 0.5));
        Assert.All(objective.TakeFigures(), f => Assert.Equal(0, f.Value));
    }
}
