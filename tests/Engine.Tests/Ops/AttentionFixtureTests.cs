using Engine.Testing;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>Attention and positions against PyTorch.</summary>
public sealed class AttentionFixtureTests
{
    private const string FileName = "ops_attention";

    private static readonly Dictionary<string, Func<OperatorFixture.Inputs, Tensor>> Table = new()
    {
        ["full"] = i => Attend(i, default),
        ["cross"] = i => Attend(i, default),
        ["causal"] = i => Attend(i, new(Causal: true)),
        ["gqa"] = i => Attend(i, new(Causal: true)),
        ["decode"] = i => Attend(i, new(Causal: true)),
        ["window"] = i => Attend(i, new(Window: (int)i.Number("window"))),
        ["bias"] = i => Attend(i, new(Bias: i["bias"])),
        ["padded"] = i => Attend(i, new(KeyMask: i["mask"])),
        ["padded_causal"] = i => Attend(i, new(Causal: true, KeyMask: i["mask"])),
        ["rope_half"] = i => Rotate(i, RotaryPairing.Half),
        ["rope_interleaved"] = i => Rotate(i, RotaryPairing.Interleaved),
        ["sincos"] = i => Held(i, Tensor.SinusoidalPositions(i.Scope.Device, i.Case.Shape("out.y")[0], i.Case.Shape("out.y")[1])),
        ["alibi"] = i => Held(i, Tensor.AlibiSlopes(i.Scope.Device, (int)i.Number("heads"))),
    };

    public static TheoryData<string> Cases => Fixture.CasesOf(FileName);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_PyTorch(string name) => OperatorFixture.Check(FileName, name, Table);

    private static Tensor Attend(OperatorFixture.Inputs i, AttentionOptions options) =>
        i["q"].ScaledDotProductAttention(i["k"], i["v"], options);

    private static Tensor Rotate(OperatorFixture.Inputs i, RotaryPairing pairing) =>
        i["x"].RotaryEmbedding(pairing, i.Number("base"), (int)i.Number("offset"));

    // A table is persistent; the check frees what belongs to the step.
    private static Tensor Held(OperatorFixture.Inputs i, Tensor table)
    {
        using (table)
        {
            return i.Scope.From<float>(table.ToArray(), table.Shape);
        }
    }
}
