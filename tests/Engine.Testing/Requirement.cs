using System.Diagnostics.CodeAnalysis;
using Xunit;

namespace Engine.Testing;

/// <summary>
/// What a test needs and a machine may lack: a device or a compiler. Where it is missing the test is skipped with the reason,
/// unless <see cref="Variable"/> says that it was installed: then its absence is a failure.
/// </summary>
public static class Requirement
{
    /// <summary>A list of what must be there, such as <c>opencl,nvrtc</c>; continuous integration sets what it has installed.</summary>
    public const string Variable = "ENGINE_REQUIRE_DEVICES";

    /// <summary>Whether the machine must have it.</summary>
    public static bool IsRequired(string what) => (Environment.GetEnvironmentVariable(Variable) ?? string.Empty)
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Contains(what);

    /// <summary>Ends the test: skipped, or failed if <paramref name="what"/> must be there.</summary>
    [DoesNotReturn]
    public static void Missing(string what, string reason)
    {
        if (IsRequired(what))
        {
            Assert.Fail($"{what} must be there ({Variable}), but: {reason}");
        }

        Assert.Skip(reason);
    }
}
