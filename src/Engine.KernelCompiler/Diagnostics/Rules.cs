using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Engine.KernelCompiler;

/// <summary>
/// What kernel code may not say. Every rule names the construct, the reason and a way out; kernels/README.md lists them.
/// </summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor Shape = Rule(
        "ENG0001", "Kernel declaration", "Kernel '{0}' must be a 'readonly partial record struct' with a primary constructor that implements IKernel: {1}");

    public static readonly DiagnosticDescriptor ParameterType = Rule(
        "ENG0002", "Kernel parameter type", "Parameter '{0}' has type '{1}', which cannot be handed to a device: use a View<T>, a number, a bool or a struct of these");

    public static readonly DiagnosticDescriptor Allocation = Rule(
        "ENG0003", "Allocation", "'{0}' allocates, and devices have no heap: use stackalloc, a struct, or memory passed as a View<T>");

    public static readonly DiagnosticDescriptor Exceptions = Rule(
        "ENG0004", "Exception", "Devices have no exceptions: check before the launch, or write a flag that the host reads");

    public static readonly DiagnosticDescriptor FunctionObject = Rule(
        "ENG0005", "Function object", "Lambdas, delegates and local functions have no device form: use a static method, or a struct with static abstract members as type argument");

    public static readonly DiagnosticDescriptor VirtualCall = Rule(
        "ENG0006", "Virtual call", "'{0}' is chosen at run time, which devices cannot do: call it through a type parameter whose interface has static abstract members and derives from IDeviceFunctions");

    public static readonly DiagnosticDescriptor Recursion = Rule(
        "ENG0007", "Recursion", "'{0}' calls itself, and devices have no call stack for that: use a loop");

    public static readonly DiagnosticDescriptor Divergent = Rule(
        "ENG0008", "Collective under divergent control flow", "'{0}' waits for every lane of the block, but whether it is reached here depends on the lane: move it out of the condition or the loop");

    public static readonly DiagnosticDescriptor AfterReturn = Rule(
        "ENG0009", "Collective after a lane has left", "'{0}' waits for every lane of the block, but some may have left the method, the loop or the block above: guard the work with a condition instead");

    public static readonly DiagnosticDescriptor NoText = Rule(
        "ENG0010", "Method without device text", "'{0}' cannot be called from a kernel: its source is in another assembly and it is no intrinsic; write it as a static method beside the kernel, or use KMath");

    public static readonly DiagnosticDescriptor NoType = Rule(
        "ENG0011", "Type without device form", "'{0}' has no device form: use float, int, uint, long, ulong, bool, Half, BFloat16 or a struct of these");

    public static readonly DiagnosticDescriptor Statement = Rule(
        "ENG0012", "Statement without device form", "'{0}' has no device form: use if, for, while, switch, break, continue or return");

    public static readonly DiagnosticDescriptor SideEffect = Rule(
        "ENG0013", "Side effect inside an expression", "C leaves the order of side effects open: give the assignment or increment a statement of its own");

    public static readonly DiagnosticDescriptor StaticState = Rule(
        "ENG0014", "Static state", "'{0}' is not a constant, and devices have no static state: make it const or pass it as an argument");

    public static readonly DiagnosticDescriptor ArraySize = Rule(
        "ENG0015", "Size of an array", "The size of a device array must be known when the program is compiled: use a constant or a [Specialize] parameter");

    public static readonly DiagnosticDescriptor Reference = Rule(
        "ENG0016", "Reference", "A ref argument must be a local variable or an element of the lane's own array, and a span stays in one kind of memory, since device pointers carry it: assign the result instead");

    public static readonly DiagnosticDescriptor Checked = Rule(
        "ENG0017", "Checked arithmetic", "Device arithmetic cannot throw on overflow: use unchecked arithmetic");

    public static readonly DiagnosticDescriptor Table = Rule(
        "ENG0018", "Table of functions", "'{0}' is called from kernels through a type parameter, and its device text cannot be added because {1}: declare it, and what contains it, 'partial' and without type parameters");

    public static readonly DiagnosticDescriptor Length = Rule(
        "ENG0019", "Length of a view", "Only the Length of a kernel's own view is known on a device, not that of a part, a span or a helper's view: pass the length as an argument");

    public static readonly DiagnosticDescriptor Expression = Rule(
        "ENG0020", "Expression without device form", "'{0}' has no device form: write it with arithmetic, comparisons, conditionals and calls of static methods");

    public static readonly DiagnosticDescriptor SharedArray = Rule(
        "ENG0021", "Shared array", "An array shared by the block must be declared by a statement of its own at the top of Execute: Span<float> tile = b.Shared(stackalloc float[N])");

    private static readonly ImmutableDictionary<string, DiagnosticDescriptor> s_byId = new[]
    {
        Shape, ParameterType, Allocation, Exceptions, FunctionObject, VirtualCall, Recursion, Divergent, AfterReturn, NoText,
        NoType, Statement, SideEffect, StaticState, ArraySize, Reference, Checked, Table, Length, Expression, SharedArray,
    }.ToImmutableDictionary(rule => rule.Id);

    public static IEnumerable<DiagnosticDescriptor> All => s_byId.Values.OrderBy(rule => rule.Id, StringComparer.Ordinal);

    public static DiagnosticDescriptor Get(string id) => s_byId[id];

    private static DiagnosticDescriptor Rule(string id, string title, string message) =>
        new(id, title, message, "Engine.Kernels", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
