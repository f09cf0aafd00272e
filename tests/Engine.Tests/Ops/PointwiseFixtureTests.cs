using Engine.Testing;
using Xunit;
using Run = System.Func<Engine.Testing.OperatorFixture.Inputs, Engine.Tensor>;

namespace Engine.Tests.Ops;

/// <summary>Functions, broadcasting, reductions and indexing against PyTorch.</summary>
public sealed class PointwiseFixtureTests
{
    private static readonly Dictionary<string, Run> Table = new()
    {
        ["relu"] = i => i["x"].Relu(),
        ["gelu_erf"] = i => i["x"].Gelu(),
        ["gelu_tanh"] = i => i["x"].GeluTanh(),
        ["silu"] = i => i["x"].Silu(),
        ["sigmoid"] = i => i["x"].Sigmoid(),
        ["tanh"] = i => i["x"].Tanh(),
        ["softplus"] = i => i["x"].Softplus(),
        ["elu"] = i => i["x"].Elu(),
        ["leaky_relu"] = i => i["x"].LeakyRelu(Setting(i, "slope", 0.1f)),
        ["mish"] = i => i["x"].Mish(),
        ["hardswish"] = i => i["x"].HardSwish(),
        ["log_sigmoid"] = i => i["x"].LogSigmoid(),
        ["exp"] = i => i["x"].Exp(),
        ["erf"] = i => i["x"].Erf(),
        ["quick_gelu"] = i => i["x"].QuickGelu(),
        ["relu2"] = i => i["x"].ReluSquared(),
        ["bcast_arith"] = i => BroadcastArithmetic(i["a"], i["b"], i["c"], i["d"]),
        ["pow_log_sqrt"] = i => i["p"].Sqrt() + i["p"].Log() + i["p"].Pow(Setting(i, "exponent", 1.7f)),
        ["sum_dim1"] = i => i["x"].Sum(1),
        ["mean_last"] = i => i["x"].Mean(-1),
        ["var_last"] = i => i["x"].Var(-1),
        ["logsumexp"] = i => i["x"].LogSumExp(-1),
        ["max_last"] = i => i["x"].Max(-1),
        ["cumsum"] = i => i["x"].CumSum(1),
        ["permute_slice_cat"] = i => PermuteSliceCat(i["x"], i["z"]),
        ["index_select"] = i => i["x"].IndexSelect(0, i["idx"]),
        ["gather"] = i => i["x"].Gather(2, i["idx"]),
        ["masked_fill"] = i => i["x"].MaskedFill(i["mask"], Setting(i, "value", -3f)),
        ["l2norm"] = i => i["x"].L2Normalize(-1),
    };

    public static TheoryData<string> Cases => Fixture.CasesOf("ops_pointwise");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_PyTorch(string name) => OperatorFixture.Check("ops_pointwise", name, Table);

    // One operand is broadcast by an explicit view, the others by the operators.
    private static Tensor BroadcastArithmetic(Tensor a, Tensor b, Tensor c, Tensor d)
    {
        Tensor product = (a + b) * c;
        return (product / (1f + d.Square()).Expand(product.Shape)) - (a * b);
    }

    // cat([x.permute(2, 0, 1)[:, 1:, :3], z], 2).
    private static Tensor PermuteSliceCat(Tensor x, Tensor z)
    {
        Tensor p = x.Permute(2, 0, 1);
        return Tensor.Cat(2, p.Slice(1, 1, p.Shape[1]).Slice(2, 0, 3).Contiguous(), z);
    }

    // Where the file leaves a constant out, its case is defined with the constant given here.
    private static float Setting(OperatorFixture.Inputs i, string key, float defined) => i.Case.HasSetting(key) ? i.Number(key) : defined;
}
