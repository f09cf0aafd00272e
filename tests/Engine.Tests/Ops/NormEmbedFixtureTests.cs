using Engine.Testing;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>Normalisations and lookups against PyTorch.</summary>
public sealed class NormEmbedFixtureTests
{
    private const string File = "ops_norm_embed";

    private static readonly Dictionary<string, Func<OperatorFixture.Inputs, IReadOnlyDictionary<string, Tensor>>> Runners = new()
    {
        ["layer_norm"] = LayerNorm,
        ["layer_norm_plain"] = LayerNorm,
        ["rms_norm"] = i => Y(i["x"].RmsNorm(i["w"], i.Number("eps"))),
        ["bn1d_train"] = i => BatchNorm(i, training: true),
        ["bn2d_train"] = i => BatchNorm(i, training: true),
        ["bn1d_eval"] = i => BatchNorm(i, training: false),
        ["bn2d_eval"] = i => BatchNorm(i, training: false),
        ["group_norm"] = i => Y(i["x"].GroupNorm((int)i.Number("groups"), i["w"], i["b"], i.Number("eps"))),
        ["instance_norm"] = i => Y(i["x"].InstanceNorm(i["w"], i["b"], i.Number("eps"))),
        ["embedding"] = Embedding,
        ["embedding_pad"] = Embedding,
        ["tied_head"] = TiedHead,
    };

    public static TheoryData<string> Cases => Fixture.CasesOf(File);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_PyTorch(string name)
    {
        Assert.True(Runners.TryGetValue(name, out Func<OperatorFixture.Inputs, IReadOnlyDictionary<string, Tensor>>? run), $"{File}: no runner for case '{name}'");
        OperatorFixture.Check(File, name, run);
    }

    private static Dictionary<string, Tensor> LayerNorm(OperatorFixture.Inputs i) =>
        Y(i["x"].LayerNorm(i["w"], i["b"], i.Number("eps")));

    private static Dictionary<string, Tensor> BatchNorm(OperatorFixture.Inputs i, bool training)
    {
        float momentum = i.Case.HasSetting("momentum") ? i.Number("momentum") : 0.1f;
        Tensor y = i["x"].BatchNorm(i["w"], i["b"], i["rm"], i["rv"], training, momentum, i.Number("eps"));
        return new() { ["y"] = y, ["running_mean"] = i["rm"], ["running_var"] = i["rv"] };
    }

    private static Dictionary<string, Tensor> Embedding(OperatorFixture.Inputs i) =>
        Y(i["table"].Embedding(i["idx"], i.Case.HasSetting("padding_idx") ? (int)i.Number("padding_idx") : null));

    // logits[b, t, v] = Σ_c h[b, t, c]·table[v, c]. The file's description says h = table[idx], but its values are those of
    // h = tanh(table[idx]): solving its float64 logits for h gives the hyperbolic tangent to the last digit.
    private static Dictionary<string, Tensor> TiedHead(OperatorFixture.Inputs i) =>
        Y(i["table"].Embedding(i["idx"]).Tanh().MatMul(i["table"].Transpose(0, 1)));

    private static Dictionary<string, Tensor> Y(Tensor y) => new() { ["y"] = y };
}
