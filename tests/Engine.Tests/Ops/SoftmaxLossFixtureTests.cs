using Engine.Testing;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>The softmax family and the losses against PyTorch.</summary>
public sealed class SoftmaxLossFixtureTests
{
    private const string File = "ops_softmax_loss";

    private static readonly Dictionary<string, Func<OperatorFixture.Inputs, Tensor>> Runners = new()
    {
        ["softmax_last"] = i => i["x"].Softmax(-1),
        ["softmax_mid"] = i => i["x"].Softmax(1),
        ["log_softmax"] = i => i["x"].LogSoftmax(-1),
        ["softmax_big"] = i => i["x"].Softmax(-1),
        ["ce_mean"] = CrossEntropy,
        ["ce_sum"] = CrossEntropy,
        ["ce_none"] = CrossEntropy,
        ["ce_ignore"] = CrossEntropy,
        ["ce_smooth"] = CrossEntropy,
        ["ce_weight"] = CrossEntropy,
        ["ce_all"] = CrossEntropy,
        ["ce_seq"] = CrossEntropy,
        ["ce_soft"] = i => i["x"].SoftCrossEntropy(i["p"]),
        ["bce_logits"] = i => i["x"].BceWithLogits(i["y"]),
        ["bce_logits_posw"] = i => i["x"].BceWithLogits(i["y"], i["pw"]),
        ["mse"] = i => i["a"].MseLoss(i["b"]),
        ["l1"] = i => i["a"].L1Loss(i["b"]),
        ["smooth_l1"] = i => i["a"].SmoothL1Loss(i["b"], i.Number("beta")),
        ["huber"] = i => i["a"].HuberLoss(i["b"], i.Number("delta")),
        ["cosine_embed"] = i => i["a"].CosineSimilarity(i["b"]),
        ["ctc"] = i => i["x"].LogSoftmax(-1).CtcLoss(i["t"], Lengths(i, "input_lengths"), Lengths(i, "target_lengths")),
        ["z_loss"] = i => CrossEntropy(i) + (i["x"].ZLoss() * i.Number("zc")),
    };

    public static TheoryData<string> Cases => Fixture.CasesOf(File);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_PyTorch(string name) => OperatorFixture.Check(File, name, Runners);

    private static Tensor CrossEntropy(OperatorFixture.Inputs i) => i["x"].CrossEntropy(
        i["t"],
        i.Case.HasSetting("reduction") ? Enum.Parse<LossReduction>(i.Case.Text("reduction"), ignoreCase: true) : LossReduction.Mean,
        classWeights: i["w"],
        labelSmoothing: i.Case.HasSetting("label_smoothing") ? i.Number("label_smoothing") : 0f);

    private static Tensor Lengths(OperatorFixture.Inputs i, string key)
    {
        int[] lengths = [.. i.Case.Numbers(key).Select(n => (int)n)];
        return i.Scope.From<int>(lengths, [lengths.Length]);
    }
}
