using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Engine.KernelCompiler;

/// <content>Statements.</content>
internal sealed partial class FunctionTranslator
{
    private void Statement(IOperation operation)
    {
        unit.Cancellation.ThrowIfCancellationRequested();
        RuntimeHelpers.EnsureSufficientExecutionStack();
        SyntaxNode at = operation.Syntax;
        switch (operation)
        {
            case IBlockOperation block:
                _body.Open();
                foreach (IOperation inner in block.Operations)
                {
                    Statement(inner);
                }

                _body.Close();
                break;
            case IVariableDeclarationGroupOperation group:
                foreach (IVariableDeclaratorOperation declarator in group.Declarations.SelectMany(d => d.Declarators))
                {
                    Declare(declarator);
                }

                break;
            case IExpressionStatementOperation expression:
                _body.Line(Effect(expression.Operation) + ";", at);
                break;
            case IConditionalOperation condition:
                _body.Line($"if ({Expression(condition.Condition).Text})", at);
                Nested(condition.WhenTrue);
                if (condition.WhenFalse is { } otherwise)
                {
                    _body.Line("else");
                    Nested(otherwise);
                }

                break;
            case IForLoopOperation loop:
                For(loop);
                break;
            case IWhileLoopOperation { ConditionIsTop: true, ConditionIsUntil: false } loop:
                _body.Line($"while ({Expression(loop.Condition!).Text})", at);
                Nested(loop.Body);
                break;
            case IWhileLoopOperation { ConditionIsUntil: false } loop:
                _body.Line("do", at);
                Nested(loop.Body);
                _body.Line($"while ({Expression(loop.Condition!).Text});");
                break;
            case IReturnOperation { Kind: OperationKind.Return } result:
                _body.Line(result.ReturnedValue is null ? "return;" : $"return {Whole(result.ReturnedValue)};", at);
                break;
            case IBranchOperation { BranchKind: BranchKind.Break }:
                _body.Line("break;", at);
                break;
            case IBranchOperation { BranchKind: BranchKind.Continue }:
                _body.Line("continue;", at);
                break;
            case ISwitchOperation choice:
                Switch(choice);
                break;
            case IEmptyOperation:
                _body.Line(";", at);
                break;
            case IThrowOperation or ITryOperation:
                unit.Report(at, Rules.Exceptions);
                break;
            case ILocalFunctionOperation:
                unit.Report(at, Rules.FunctionObject);
                break;
            case IInvalidOperation:
                unit.Break();
                break;
            default:
                unit.Report(at, Rules.Statement, Head(at));
                break;
        }
    }

    /// <summary>A statement below an if or a loop, in braces.</summary>
    private void Nested(IOperation operation)
    {
        if (operation is IBlockOperation)
        {
            Statement(operation);
        }
        else
        {
            _body.Open();
            Statement(operation);
            _body.Close();
        }
    }

    private void Declare(IVariableDeclaratorOperation declarator)
    {
        ILocalSymbol local = declarator.Symbol;
        if (local.IsConst)
        {
            return;
        }

        SyntaxNode at = declarator.Syntax;
        string name = Spelling.Name(local.Name);
        IOperation? value = (declarator.Initializer ?? (declarator.Parent as IVariableDeclarationOperation)?.Initializer)?.Value;
        if (local.IsRef)
        {
            unit.Report(at, Rules.Reference);
            return;
        }

        if (KernelTypes.IsSpan(local.Type) && value is not null && Array(value, out Space space) is { } size)
        {
            // C# clears the array as well; a shared one is not cleared, in neither language.
            _spaces[local] = space;
            _arrays.Add(local);
            string element = Stored(TypeOf(KernelTypes.Element(local.Type), at));
            string line = space == Space.Shared
                ? $"{Spelling.Choice("__shared__ __align__(16)", "__local")} {element} {name}[{size}]{Spelling.Choice(string.Empty, " __attribute__((aligned(16)))")};"
                : $"{element} {name}[{size}] = {{0}};";
            if (space == Space.Shared && !(IsEntry && declarator.Parent?.Parent?.Parent is IBlockOperation { Parent: null or IMethodBodyBaseOperation }))
            {
                unit.Report(at, Rules.SharedArray);
            }

            _body.Line(line, at);
            return;
        }

        if (KernelTypes.IsSpan(local.Type) && value is not null)
        {
            _spaces[local] = SpaceOf(value);
        }

        // What is wrong with the value is the cause of a type that does not fit.
        int before = unit.FindingCount;
        string? type = TryTypeOf(local.Type, local);
        string initial = value is null ? string.Empty : " = " + Whole(value);
        type ??= unit.FindingCount > before ? string.Empty : Unknown(local.Type, at);
        _body.Line($"{type} {name}{initial};", at);
    }

    private void For(IForLoopOperation loop)
    {
        if (loop.Condition is { } c && c.DescendantsAndSelf().OfType<IInvocationOperation>().Any(IsUnroll))
        {
            _body.Line("#pragma unroll");
        }

        List<string> before = [];
        string type = string.Empty;
        foreach (IOperation operation in loop.Before)
        {
            if (operation is IVariableDeclarationGroupOperation group)
            {
                foreach (IVariableDeclaratorOperation declarator in group.Declarations.SelectMany(d => d.Declarators))
                {
                    type = TypeOf(declarator.Symbol.Type, declarator.Syntax) + " ";
                    string value = declarator.Initializer is { } initial ? " = " + Expression(initial.Value).Text : string.Empty;
                    before.Add(Spelling.Name(declarator.Symbol.Name) + value);
                }
            }
            else if (operation is IExpressionStatementOperation expression)
            {
                before.Add(Effect(expression.Operation));
            }
        }

        string condition = loop.Condition is null ? string.Empty : " " + Expression(loop.Condition).Text;
        string after = string.Join(", ", loop.AtLoopBottom.OfType<IExpressionStatementOperation>().Select(e => Effect(e.Operation)));
        after = after.Length == 0 ? string.Empty : " " + after;
        _body.Line($"for ({type}{string.Join(", ", before)};{condition};{after})", loop.Syntax);
        Nested(loop.Body);
    }

    private static bool IsUnroll(IInvocationOperation call) =>
        call.TargetMethod.Name == "Unroll" && KernelTypes.IsBlock(call.TargetMethod.ContainingType);

    private void Switch(ISwitchOperation choice)
    {
        CheckLocals(choice);
        _body.Open($"switch ({Expression(choice.Value).Text})", choice.Syntax);
        foreach (ISwitchCaseOperation section in choice.Cases)
        {
            foreach (ICaseClauseOperation clause in section.Clauses)
            {
                if (clause is ISingleValueCaseClauseOperation { Value.ConstantValue.HasValue: true } single)
                {
                    _body.Line($"case {Expression(single.Value).Text}:", clause.Syntax);
                }
                else if (clause is IDefaultCaseClauseOperation)
                {
                    _body.Line("default:", clause.Syntax);
                }
                else
                {
                    unit.Report(clause.Syntax, Rules.Statement, Head(clause.Syntax));
                }
            }

            _body.Open();
            foreach (IOperation statement in section.Body)
            {
                Statement(statement);
            }

            _body.Close();
        }

        _body.Close();
    }

    /// <summary>C# locals of one case are visible in the others; here each case is a block of its own.</summary>
    private void CheckLocals(ISwitchOperation choice)
    {
        Dictionary<ISymbol, ISwitchCaseOperation> homes = new(SymbolEqualityComparer.Default);
        foreach (ISwitchCaseOperation section in choice.Cases)
        {
            foreach (IVariableDeclaratorOperation declarator in section.Body.SelectMany(s => s.DescendantsAndSelf()).OfType<IVariableDeclaratorOperation>())
            {
                homes[declarator.Symbol] = section;
            }
        }

        foreach (ISwitchCaseOperation section in choice.Cases)
        {
            ILocalReferenceOperation? foreign = section.Body.SelectMany(s => s.DescendantsAndSelf()).OfType<ILocalReferenceOperation>()
                .FirstOrDefault(r => homes.TryGetValue(r.Local, out ISwitchCaseOperation? home) && home != section);
            if (foreign is not null)
            {
                unit.Report(foreign.Syntax, Rules.Statement, $"{foreign.Local.Name} of another case");
            }
        }
    }

    /// <summary>The first words of a construct, to name it in a message.</summary>
    private static string Head(SyntaxNode node)
    {
        string text = node is StatementSyntax ? node.GetFirstToken().Text : node.ToString();
        int end = text.IndexOfAny(['\r', '\n']);
        return end < 0 ? text : text.Substring(0, end);
    }
}
