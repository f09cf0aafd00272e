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
        ["z_loss"] = i => CrossEntropy(i) + (i["x"].ZLoss() * i.Number("zc")),
    };

    // The other cases of the file join when their losses do.
    public static TheoryData<string> Cases => [.. Fixture.CasesOf(File).Select(row => row.Data).Where(Runners.ContainsKey)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_PyTorch(string name) => OperatorFixture.Check(File, name, Runners);

    private static Tensor CrossEntropy(OperatorFixture.Inputs i) => i["x"].CrossEntropy(
        i["t"],
        i.Case.HasSetting("reduction") ? Enum.Parse<LossReduction>(i.Case.Text("reduction"), ignoreCase: true) : LossReduction.Mean,
        classWeights: i["w"],
        labelSmoothing: i.Case.HasSetting("label_smoothing") ? i.Number("label_smoothing") : 0f);
}
