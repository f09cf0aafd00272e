using Engine.Testing;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>Attention and positions against PyTorch.</summary>
public sealed class AttentionFixtureTests
{
    private const string FileName = "ops_attention";

    private static readonly Dictionary<string, Func<OperatorFixture.Inputs, AttentionOptions>> Options = new()
    {
        ["full"] = _ => default,
        ["cross"] = _ => default,
        ["causal"] = _ => new(Causal: true),
        ["gqa"] = _ => new(Causal: true),
        ["decode"] = _ => new(Causal: true),
        ["window"] = i => new(Window: (int)i.Number("window")),
        ["bias"] = i => new(Bias: i["bias"]),
        ["padded"] = i => new(KeyMask: i["mask"]),
        ["padded_causal"] = i => new(Causal: true, KeyMask: i["mask"]),
    };

    private static readonly Dictionary<string, Func<OperatorFixture.Inputs, Tensor>> Positions = new()
    {
        ["rope_half"] = i => Rotate(i, RotaryPairing.Half),
        ["rope_interleaved"] = i => Rotate(i, RotaryPairing.Interleaved),
        ["sincos"] = i => Held(i, Tensor.SinusoidalPositions(i.Scope.Device, i.Case.Shape("out.y")[0], i.Case.Shape("out.y")[1])),
        ["alibi"] = i => Held(i, Tensor.AlibiSlopes(i.Scope.Device, (int)i.Number("heads"))),
    };

    public static TheoryData<string> Cases => Fixture.CasesOf(FileName);

    public static TheoryData<string> Attentions => [.. Options.Keys];

    public static TheoryData<string> Packed => ["causal"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_PyTorch(string name) =>
        OperatorFixture.Check(FileName, name, Options.ContainsKey(name) ? Attend((q, k, v, o) => q.ScaledDotProductAttention(k, v, o)) : Positions);

    [Theory]
    [MemberData(nameof(Attentions))]
    public void The_definition_agrees_with_PyTorch(string name) => OperatorFixture.Check(FileName, name, Attend(AttentionOp.Slow));

    [Theory]
    [MemberData(nameof(Packed))]
    public void The_packed_form_agrees_with_PyTorch(string name) => OperatorFixture.Check(FileName, name, Attend((q, k, v, _) =>
    {
        int B = q.Shape[0];
        int H = q.Shape[1];
        int T = q.Shape[2];
        int D = q.Shape[3];
        Tensor Columns(Tensor x) => x.Transpose(1, 2).Reshape(B, T, H * D);
        return Tensor.Cat(2, Columns(q), Columns(k), Columns(v)).CausalSelfAttention(H).Reshape(B, T, H, D).Transpose(1, 2);
    }));

    private static Dictionary<string, Func<OperatorFixture.Inputs, Tensor>> Attend(Func<Tensor, Tensor, Tensor, AttentionOptions, Tensor> attention) =>
        Options.ToDictionary(c => c.Key, c => (Func<OperatorFixture.Inputs, Tensor>)(i => attention(i["q"], i["k"], i["v"], c.Value(i))));

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
