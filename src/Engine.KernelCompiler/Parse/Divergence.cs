using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Engine.KernelCompiler;

/// <summary>
/// Finds collectives that some lanes of a block might not reach. A value is <em>per lane</em> if it was computed from the
/// lane's number; control flow that depends on one is divergent; a collective there would wait for ever. What a collective
/// returns, and what is loaded from a place all lanes agree on, is the same for all.
/// </summary>
internal sealed class Divergence
{
    private static readonly SymbolDisplayFormat s_key = SymbolDisplayFormat.FullyQualifiedFormat.WithMemberOptions(
        SymbolDisplayMemberOptions.IncludeContainingType | SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeExplicitInterface)
        .WithParameterOptions(SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeParamsRefOut);

    private readonly Unit _unit;
    private readonly Dictionary<string, Divergence> _known;
    private readonly IMethodSymbol _method;
    private readonly HashSet<ISymbol> _perLane = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ISymbol> _shared = new(SymbolEqualityComparer.Default);
    private readonly HashSet<IOperation> _unevenLoops = [];
    private readonly Stack<ILoopOperation> _loops = new();
    private bool _reporting;
    private bool _changed;
    private bool _left;

    private Divergence(Unit unit, IMethodSymbol method, Dictionary<string, Divergence> known)
    {
        _unit = unit;
        _method = method;
        _known = known;
    }

    /// <summary>Whether the method's result differs from lane to lane.</summary>
    private bool ReturnsPerLane { get; set; }

    /// <summary>Whether the method contains a collective.</summary>
    private bool IsCollective { get; set; }

    /// <summary>Whether the method's own struct differs from lane to lane.</summary>
    private bool SelfPerLane { get; set; }

    public static void Check(Unit unit, IMethodSymbol execute) => new Divergence(unit, execute, []).Run();

    private void Run()
    {
        if (_unit.BodyOf(_method) is not { } body)
        {
            return;
        }

        // Assignments in loops reach earlier lines: repeat until nothing new turns out to be per lane, then report.
        do
        {
            _changed = false;
            _left = false;
            Visit(body, divergent: false);
        }
        while (_changed);
        _reporting = true;
        _left = false;
        Visit(body, divergent: false);
    }

    private void Visit(IOperation? operation, bool divergent)
    {
        _unit.Cancellation.ThrowIfCancellationRequested();
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (operation)
        {
            case null or ILocalFunctionOperation or IAnonymousFunctionOperation:
                break;
            case IConditionalOperation choice:
                Visit(choice.Condition, divergent);
                bool either = divergent || PerLane(choice.Condition);
                Visit(choice.WhenTrue, either);
                Visit(choice.WhenFalse, either);
                break;
            case ISwitchOperation choice:
                Visit(choice.Value, divergent);
                foreach (ISwitchCaseOperation section in choice.Cases)
                {
                    Visit(section.Body, divergent || PerLane(choice.Value));
                }

                break;
            case ISwitchExpressionOperation choice:
                Visit(choice.Value, divergent);
                foreach (ISwitchExpressionArmOperation arm in choice.Arms)
                {
                    Visit(arm, divergent || PerLane(choice.Value));
                }

                break;
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr } both:
                Visit(both.LeftOperand, divergent);
                Visit(both.RightOperand, divergent || PerLane(both.LeftOperand));
                break;
            case ILoopOperation loop:
                VisitLoop(loop, divergent);
                break;
            case IBranchOperation branch:
                if (divergent && branch.BranchKind is BranchKind.Break or BranchKind.Continue && _loops.Count > 0)
                {
                    Mark(_unevenLoops, _loops.Peek());
                }

                break;
            case IReturnOperation result:
                Visit(result.ReturnedValue, divergent);
                ReturnsPerLane |= divergent || (result.ReturnedValue is { } value && PerLane(value));
                if (divergent || _left)
                {
                    _left = true;
                    foreach (ILoopOperation loop in _loops)
                    {
                        Mark(_unevenLoops, loop);
                    }
                }

                break;
            case IVariableDeclaratorOperation declarator:
                IVariableInitializerOperation? initial = declarator.Initializer;
                Visit(initial, divergent);
                if (initial is not null && IsShared(initial.Value))
                {
                    _shared.Add(declarator.Symbol);
                }

                if (initial is not null && PerLane(initial.Value))
                {
                    Mark(_perLane, declarator.Symbol);
                }

                break;
            case IAssignmentOperation assignment:
                Visit(assignment.Value, divergent);
                Visit(assignment.Target, divergent);
                if (divergent || PerLane(assignment.Value) || PerLane(assignment.Target))
                {
                    MarkTarget(assignment.Target);
                }

                break;
            case IIncrementOrDecrementOperation step:
                if (divergent)
                {
                    MarkTarget(step.Target);
                }

                break;
            case IInvocationOperation call:
                Visit(call.ChildOperations, divergent);
                CheckCall(call, divergent);
                break;
            default:
                Visit(operation.ChildOperations, divergent);
                break;
        }
    }

    private void Visit(IEnumerable<IOperation> operations, bool divergent)
    {
        foreach (IOperation operation in operations)
        {
            Visit(operation, divergent);
        }
    }

    private void VisitLoop(ILoopOperation loop, bool divergent)
    {
        _loops.Push(loop);
        IOperation? condition = loop switch
        {
            IForLoopOperation f => f.Condition,
            IWhileLoopOperation w => w.Condition,
            _ => null,
        };
        IEnumerable<IOperation> before = loop is IForLoopOperation head ? head.Before : [];
        IEnumerable<IOperation> after = loop is IForLoopOperation tail ? tail.AtLoopBottom : [];
        Visit(before, divergent);
        bool uneven = divergent || _unevenLoops.Contains(loop) || (condition is not null && PerLane(condition));
        Visit(condition, uneven);
        Visit(loop.Body, uneven);
        Visit(after, uneven);
        _loops.Pop();
    }

    private void MarkTarget(IOperation target)
    {
        IOperation? root = target;
        while (root is IPropertyReferenceOperation or IFieldReferenceOperation)
        {
            root = root is IPropertyReferenceOperation p ? p.Instance : ((IFieldReferenceOperation)root).Instance;
        }

        switch (root)
        {
            // Device and shared memory is not tracked: all lanes that read the same place of it read the same.
            case ILocalReferenceOperation local when !KernelTypes.IsView(local.Local.Type) && !_shared.Contains(local.Local):
                Mark(_perLane, local.Local);
                break;
            case IParameterReferenceOperation { Parameter: var parameter } when !KernelTypes.IsView(parameter.Type) && !_shared.Contains(parameter):
                Mark(_perLane, parameter);
                break;
            case IInvocationOperation { Instance: { } whole } part when KernelTypes.IsSpan(part.Type):
                MarkTarget(whole);
                break;
            case IConversionOperation conversion:
                MarkTarget(conversion.Operand);
                break;
        }
    }

    private void Mark<T>(HashSet<T> set, T item) => _changed |= set.Add(item);

    private void CheckCall(IInvocationOperation call, bool divergent)
    {
        bool collective;
        if (KernelTypes.Intrinsic(call.TargetMethod) is { } intrinsic)
        {
            collective = intrinsic.Collective;
        }
        else
        {
            Divergence? callee = Callee(call);
            collective = callee?.IsCollective ?? false;
            foreach (IArgumentOperation argument in call.Arguments.Where(CanChange))
            {
                if (divergent || callee is null || callee._perLane.Contains(argument.Parameter!.OriginalDefinition))
                {
                    MarkTarget(argument.Value);
                }
            }
        }

        IsCollective |= collective;
        if (collective && _reporting && (divergent || _left))
        {
            _unit.Report(call.Syntax, divergent ? Rules.Divergent : Rules.AfterReturn, call.TargetMethod.Name);
        }
    }

    private Divergence? Callee(IInvocationOperation call)
    {
        IMethodSymbol target = call.TargetMethod.OriginalDefinition;
        if (_unit.BodyOf(target) is null)
        {
            return null;
        }

        // Each method is looked at once for each combination of what it is given. One that calls itself, which is refused
        // elsewhere, meets its own unfinished answer.
        Divergence callee = new(_unit, target, _known) { SelfPerLane = call.Instance is { } self && PerLane(self) };
        string key = target.ToDisplayString(s_key) + (callee.SelfPerLane ? "!" : ":");
        foreach (IArgumentOperation argument in call.Arguments.Where(a => a.Parameter is not null).OrderBy(a => a.Parameter!.Ordinal))
        {
            bool shared = IsShared(argument.Value);
            bool perLane = PerLane(argument.Value);
            key += (shared, perLane) switch { (true, true) => 'b', (true, false) => 's', (false, true) => 'p', _ => '0' };
            _ = shared && callee._shared.Add(argument.Parameter!.OriginalDefinition);
            _ = perLane && callee._perLane.Add(argument.Parameter!.OriginalDefinition);
        }

        if (_known.TryGetValue(key, out Divergence? known))
        {
            return known;
        }

        _known.Add(key, callee);
        callee.Run();
        return callee;
    }

    /// <summary>Whether a call can change what it is given.</summary>
    private static bool CanChange(IArgumentOperation argument) =>
        argument.Parameter?.RefKind is RefKind.Ref or RefKind.Out || KernelTypes.IsSpan(argument.Parameter?.Type);

    /// <summary>Whether a span lies in memory that the lanes share.</summary>
    private bool IsShared(IOperation span) => FunctionTranslator.Unwrapped(span) switch
    {
        ILocalReferenceOperation local => _shared.Contains(local.Local),
        IParameterReferenceOperation parameter => _shared.Contains(parameter.Parameter),
        IInvocationOperation { TargetMethod: { Name: "Shared" } method } when KernelTypes.IsBlock(method.ContainingType) => true,
        IInvocationOperation { Instance: { } whole } part when KernelTypes.IsSpan(part.Type) => IsShared(whole),
        _ => false,
    };

    /// <summary>Whether an expression's value may differ from lane to lane.</summary>
    private bool PerLane(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local => _perLane.Contains(local.Local),
        IParameterReferenceOperation parameter => _perLane.Contains(parameter.Parameter.OriginalDefinition),
        IInstanceReferenceOperation => SelfPerLane,
        IPropertyReferenceOperation property when KernelTypes.Intrinsic(property.Property) is { } intrinsic => intrinsic.PerLane,
        IInvocationOperation call when KernelTypes.Intrinsic(call.TargetMethod) is { } intrinsic =>
            intrinsic.PerLane || (!intrinsic.Collective && call.ChildOperations.Any(PerLane)),
        IInvocationOperation call when Callee(call) is { } callee => callee.ReturnsPerLane,
        _ => operation.ChildOperations.Any(PerLane),
    };
}
