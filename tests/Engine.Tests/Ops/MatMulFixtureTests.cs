using Engine.Testing;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>Matrix products and linear layers against PyTorch.</summary>
public sealed class MatMulFixtureTests
{
    private const string File = "ops_matmul";

    private static readonly Dictionary<string, Func<OperatorFixture.Inputs, Tensor>> Runners = new()
    {
        ["mm"] = x => x["a"].MatMul(x["b"]),
        ["mm_ta"] = x => x["a"].Transpose(0, 1).MatMul(x["b"]),
        ["mm_tb"] = x => x["a"].MatMul(x["b"].Transpose(0, 1)),
        ["mm_tab"] = x => x["a"].Transpose(0, 1).MatMul(x["b"].Transpose(0, 1)),
        ["bmm"] = x => x["a"].MatMul(x["c"]),
        ["bcast"] = x => x["a"].MatMul(x["b"]),
        ["mm_odd"] = x => x["a"].MatMul(x["b"]),
        ["linear"] = x => x["x"].Linear(x["W"], x["b"]),
        ["lora"] = x => x["x"].Linear(x["W"]) + (x["x"].Linear(x["A"]).Linear(x["Bm"]) * (x.Number("alpha") / x.Number("r"))),
    };

    public static TheoryData<string> Cases => Fixture.CasesOf(File);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_PyTorch(string name) => OperatorFixture.Check(File, name, Runners);
}
