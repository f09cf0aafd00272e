using Engine.Testing;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>Puts every op case of this assembly through finite differences and, on every device, through parity.</summary>
[Collection(TestDevices.Collection)]
public sealed class OpCaseTests
{
    private static readonly Dictionary<string, OpCase> All = OpRegistry.CasesOf(typeof(OpCaseTests).Assembly);

    public static TheoryData<string> GradientCases => [.. All.Values.Where(c => c.CheckGradient && c.Inputs.Any(i => i.Grad)).Select(c => c.Name)];

    public static TheoryData<string> InferenceCases
    {
        get
        {
            using Device device = TestDevices.Reference();
            return [.. All.Values.Where(c => OpCheck.Run(c, device).Ops.Select(OpRegistry.Definition).Any(OpRegistry.InferenceOps.Contains)).Select(c => c.Name)];
        }
    }

    public static TheoryData<string> AllCases => [.. All.Keys];

    public static TheoryData<string, string> ParityCases =>
        [.. All.Keys.SelectMany(_ => TestDevices.Names, (c, device) => (c, device))];

    [Theory]
    [MemberData(nameof(GradientCases))]
    public void Gradient_agrees_with_finite_differences(string name) => OpCheck.Gradient(All[name]);

    [Theory]
    [MemberData(nameof(ParityCases))]
    public void Every_device_agrees_with_the_reference(string name, string device) => OpCheck.Parity(All[name], device);

    [Theory]
    [MemberData(nameof(AllCases))]
    public void The_number_of_threads_changes_no_bit(string name) => OpCheck.ThreadCounts(All[name]);

    [Theory]
    [MemberData(nameof(InferenceCases))]
    public void An_op_for_inference_refuses_to_lose_a_gradient(string name)
    {
        using Device device = TestDevices.Reference();
        OpCase c = All[name];
        int[] wanted = [.. Enumerable.Range(0, c.Inputs.Length).Where(i => c.Inputs[i].DType == DType.Float32)];
        Assert.NotEmpty(wanted);
        foreach (int i in wanted)
        {
            OpCase wanting = c with { Inputs = [.. c.Inputs.Select((input, at) => input with { Grad = at == i })] };
            Assert.Contains("has no backward", Assert.Throws<EngineException>(() => OpCheck.Run(wanting, device)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_op_has_a_gradient_check_and_a_parity_case()
    {
        using Device device = TestDevices.Reference();
        HashSet<Type> covered = [.. All.Values.Where(c => c.CheckGradient).SelectMany(c => OpCheck.Run(c, device).Ops).Select(OpRegistry.Definition)];
        Assert.Empty(OpRegistry.Ops.Concat(OpRegistry.InferenceOps).Where(op => !covered.Contains(op)).Select(op => op.Name));
    }
}
