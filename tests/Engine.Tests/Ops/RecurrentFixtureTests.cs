using System.Text.Json;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>Recurrent layers against PyTorch: any number of layers and directions, as the names of the weights say.</summary>
public sealed class RecurrentFixtureTests
{
    private const string File = "ops_recurrent";

    public static TheoryData<string> Cases => Fixture.CasesOf(File);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_PyTorch(string name) => OperatorFixture.Check(
        File, name, name.StartsWith("lstm", StringComparison.Ordinal) ? Lstm : name.StartsWith("gru", StringComparison.Ordinal) ? Gru : Rnn);

    private static Dictionary<string, Tensor> Lstm(OperatorFixture.Inputs i)
    {
        Tensor lengths = i.Case.HasSetting("lengths")
            ? i.Scope.From<int>([.. JsonSerializer.Deserialize<int[]>(i.Case.Text("lengths"))!], [i["x"].Shape[1]])
            : default;
        List<Tensor> hn = [];
        List<Tensor> cn = [];
        Tensor x = i["x"];
        for (int layer = 0; i[$"weight_ih_l{layer}"].IsDefined; layer++)
        {
            List<Tensor> directions = [];
            foreach (string direction in new[] { string.Empty, "_reverse" }.Where(d => i[$"weight_ih_l{layer}{d}"].IsDefined))
            {
                string at = $"_l{layer}{direction}";
                LstmWeights weights = new(i["weight_ih" + at], i["weight_hh" + at], i["bias_ih" + at] + i["bias_hh" + at], i["weight_hr" + at]);
                LstmOptions options = new(Part(i["h0"], hn.Count), Part(i["c0"], cn.Count), lengths, direction.Length > 0);
                directions.Add(x.Lstm(weights, options, out Tensor h, out Tensor c));
                hn.Add(h);
                cn.Add(c);
            }

            x = directions.Count == 1 ? directions[0] : Tensor.Cat(-1, [.. directions]);
        }

        return new() { ["y"] = x, ["hn"] = Tensor.Stack(0, [.. hn]), ["cn"] = Tensor.Stack(0, [.. cn]) };
    }

    private static Dictionary<string, Tensor> Gru(OperatorFixture.Inputs i) => Last(
        i["x"].Gru(i["weight_ih_l0"], i["weight_hh_l0"], i["bias_ih_l0"], i["bias_hh_l0"], Part(i["h0"], 0)));

    private static Dictionary<string, Tensor> Rnn(OperatorFixture.Inputs i) => Last(
        i["x"].Rnn(i["weight_ih_l0"], i["weight_hh_l0"], i["bias_ih_l0"] + i["bias_hh_l0"], Part(i["h0"], 0)));

    private static Dictionary<string, Tensor> Last(Tensor y) => new() { ["y"] = y, ["hn"] = y.Slice(0, y.Shape[0] - 1, y.Shape[0]) };

    private static Tensor Part(Tensor states, int layer) => states.IsDefined ? states.Slice(0, layer, layer + 1).Squeeze(0) : default;
}
