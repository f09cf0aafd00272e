using Microsoft.CodeAnalysis;

namespace Engine.KernelCompiler;

/// <summary>The compiler's own stack, which deeply nested code must not exhaust: that would end the editor's process.</summary>
internal static class Stack
{
    /// <summary>Runs a translation whose steps call RuntimeHelpers.EnsureSufficientExecutionStack; reports it if one has to give up.</summary>
    public static void Guard(Unit unit, SyntaxToken at, Action translation)
    {
        try
        {
            translation();
        }
        catch (InsufficientExecutionStackException)
        {
            unit.Report(at.GetLocation(), Rules.Expression, "code nested this deeply");
        }
    }
}
