using System.Text.Json;
using Engine.Pretraining.Objectives;
using Xunit;

namespace Engine.Cli.Tests;

public sealed class ObjectivesCommandTests
{
    [Fact]
    public void Every_objective_is_listed_with_paper_formula_and_preset()
    {
        (int code, string output, _) = Cli.Run("objectives");
        Assert.Equal(0, code);
        foreach (ObjectiveEntry objective in ObjectiveCatalog.All)
        {
            Assert.Contains($"{objective.Name}: {objective.Title}\n", output);
            Assert.Contains(objective.Paper, output);
            Assert.Contains($"--preset {objective.Preset}\n", output);
        }
    }

    [Fact]
    public void Json_has_one_object_for_each_objective()
    {
        (_, string output, _) = Cli.Run("objectives", "--json");
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(ObjectiveCatalog.Names, lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("name").GetString()));
    }
}
