using System.Reflection;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Ops;

/// <summary>No op without a comparison with PyTorch, unless PyTorch has nothing to compare with.</summary>
public sealed class CoverageTests
{
    // Each with its reason; gradients and parity of these are checked like any other op's.
    private static readonly Dictionary<string, string> s_exempt = new()
    {
        ["ContiguousOp"] = "no arithmetic: a copy, which PyTorch makes silently",
        ["ExpandOp"] = "a view whose gradient is the sum that broadcast arithmetic is compared in",
        ["DropoutOp"] = "random: PyTorch draws other numbers",
        ["CheckpointOp"] = "no arithmetic: tested to give the same bits as without it, and by the GPT-2 fixture",
        ["UseOp"] = "no arithmetic: shares its operand's memory",
        ["CastOp"] = "rounding is compared bit by bit by the numeric fixture",
        ["LinearCrossEntropyOp"] = "the GPT-2 fixture runs it, in the tests of models",
        ["Int8LinearOp"] = "PyTorch 1.13 has no product with int8 weights alone; tested against the float32 product with the same numbers",
        ["Int8RowsOp"] = "rounding to int8 is compared by the numeric fixture, the rest is one multiplication",
        ["WhereOp"] = "tested against its definition",
    };

    [Fact]
    public void Every_op_is_compared_with_PyTorch_or_says_why_not()
    {
        if (Environment.GetEnvironmentVariable("ENGINE_GOLDEN_DIR") is { Length: > 0 })
        {
            Assert.Skip("Other fixtures need not cover every op.");
        }

        HashSet<Type> covered = [];
        OperatorFixture.Witness.Value = covered;
        foreach (Type type in typeof(CoverageTests).Assembly.GetTypes().Where(t => t.Name.EndsWith("FixtureTests", StringComparison.Ordinal)))
        {
            foreach (MethodInfo theory in type.GetMethods().Where(m => m.GetCustomAttribute<MemberDataAttribute>() is not null))
            {
                string source = theory.GetCustomAttribute<MemberDataAttribute>()!.MemberName;
                foreach (string name in ((TheoryData<string>)type.GetProperty(source)!.GetValue(null)!).Select(row => row.Data))
                {
                    theory.Invoke(Activator.CreateInstance(type), [name]);
                }
            }
        }

        HashSet<Type> definitions = [.. covered.Select(OpRegistry.Definition)];
        Assert.Empty(OpRegistry.Ops.Concat(OpRegistry.InferenceOps).Where(op => !definitions.Contains(op) && !s_exempt.ContainsKey(op.Name.Split('`')[0])).Select(op => op.Name));
    }
}
