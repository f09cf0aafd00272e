using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Engine.Pretraining.Objectives;
using Xunit;

namespace Engine.Pretraining.Tests.Objectives;

public sealed class CatalogTests
{
    public static TheoryData<string> Objectives => [.. ObjectiveCatalog.Names];

    public static TheoryData<string> PresetNames => [.. Presets.Names];

    [Theory]
    [MemberData(nameof(Objectives))]
    public void An_objective_names_models_and_a_preset_that_fit_it(string name)
    {
        ObjectiveEntry objective = ObjectiveCatalog.Get(name);
        Assert.All(objective.Models, model => Assert.Contains(model, ModelCatalog.Names));
        PretrainConfig preset = Presets.Get(objective.Preset);
        Assert.Equal(name, preset.Objective);
        Assert.Contains(preset.Model, objective.Models);
    }

    [Theory]
    [MemberData(nameof(PresetNames))]
    public void Every_preset_is_valid_and_describes_a_model(string name)
    {
        PretrainConfig preset = Presets.Get(name).Validated();
        using MetaDevice device = new();
        using Module model = ModelCatalog.Create(device, preset, preset.VocabSize);
        Assert.True(model.ParameterCount > 0);
    }

    [Fact]
    public void Names_that_do_not_exist_are_refused_with_those_that_do()
    {
        EngineException e = Assert.Throws<EngineException>(() => ObjectiveCatalog.Get("guessing"));
        Assert.StartsWith("objective: unknown name guessing; expected one of clm", e.Message, StringComparison.Ordinal);
        using MetaDevice device = new();
        e = Assert.Throws<EngineException>(() => ModelCatalog.Create(device, new PretrainConfig { Model = "abacus" }, 10));
        Assert.StartsWith("model: unknown name abacus; expected one of gpt2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_another_objective_is_refused()
    {
        EngineException e = Assert.Throws<EngineException>(() => (new PretrainConfig { Model = "abacus" }).Validated("here"));
        Assert.StartsWith("here: model = abacus is not allowed", e.Message, StringComparison.Ordinal);
    }
}
