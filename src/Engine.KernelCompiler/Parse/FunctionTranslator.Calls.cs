using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Engine.KernelCompiler;

/// <content>Calls: of intrinsics, of members of type arguments, and of helper functions.</content>
internal sealed partial class FunctionTranslator
{
    private Code Call(IInvocationOperation call)
    {
        IMethodSymbol target = call.TargetMethod;
        ITypeSymbol? owner = call.Instance?.Type;
        IEnumerable<string> Arguments() => InParameterOrder(call.Arguments)
            .Where(a => !KernelTypes.IsBlock(a.Parameter?.Type)).Select(Argument);

        if (KernelTypes.IsView(owner) || KernelTypes.IsSpan(owner))
        {
            return Pointer(call, Arguments().ToArray());
        }

        if (target.Name == "Shared" && KernelTypes.IsBlock(target.ContainingType))
        {
            return Refuse(call, Rules.SharedArray);
        }

        if (call.Instance is { } made && Allocates(made))
        {
            return Expression(made);
        }

        if (IsUnroll(call))
        {
            return Expression(call.Arguments[0].Value);
        }

        if (KernelTypes.Intrinsic(target) is { } intrinsic)
        {
            return IntrinsicCall(intrinsic, call, Arguments());
        }

        if (target.IsAbstract && target.IsStatic && call.ConstrainedToType is { } constrained)
        {
            return TableCall(call, substitution.Resolve(constrained), Arguments());
        }

        if (LibraryFunctions.Find(target) is { } library)
        {
            return string.Format(System.Globalization.CultureInfo.InvariantCulture, library, Arguments().ToArray<object>());
        }

        if (target.IsVirtual || target.IsAbstract || target.MethodKind == MethodKind.DelegateInvoke)
        {
            return Refuse(call, Rules.VirtualCall, target.Name);
        }

        return target.MethodKind == MethodKind.LocalFunction ? Refuse(call, Rules.FunctionObject)
            : Helper(target, call.Instance, [], InParameterOrder(call.Arguments), call.Syntax);
    }

    /// <summary>Rows and parts of views and spans are pointer arithmetic.</summary>
    private Code Pointer(IInvocationOperation call, string[] arguments)
    {
        string start = Expression(call.Instance!).Within(Code.Add);
        string At(int i) => Expression(InParameterOrder(call.Arguments).ElementAt(i).Value).Operand(Code.Multiply, right: i > 0);
        return call.TargetMethod.Name switch
        {
            "Row" => new Code($"{start} + ((i64){At(0)} * {At(1)})", Code.Add),
            "From" => new Code($"{start} + {Expression(call.Arguments[0].Value).Operand(Code.Add, right: true)}", Code.Add),
            "Slice" => new Code($"{start} + {Expression(call.Arguments[0].Value).Operand(Code.Add, right: true)}", Code.Add),
            _ => Refuse(call, Rules.NoText, call.TargetMethod.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat)),
        };
    }

    private Code IntrinsicCall(Intrinsic intrinsic, IInvocationOperation call, IEnumerable<string> arguments)
    {
        if (call.Instance is not null && !KernelTypes.IsBlock(call.Instance.Type))
        {
            arguments = arguments.Prepend(Expression(call.Instance).Text);
        }

        if (intrinsic.Scratch)
        {
            _usesScratch = true;
            arguments = arguments.Prepend("s_");
        }

        return $"{intrinsic.Name}({string.Join(", ", arguments)})";
    }

    /// <summary>A call through a type parameter: to the hole's function, or to the struct that the caller has given.</summary>
    private Code TableCall(IInvocationOperation call, ITypeSymbol table, IEnumerable<string> arguments)
    {
        if (table is INamedTypeSymbol known && Implementation(known, call.TargetMethod) is { } method)
        {
            return Helper(method, null, [], InParameterOrder(call.Arguments), call.Syntax);
        }

        if (!KernelTypes.IsTable(call.TargetMethod.ContainingType) && !KernelTypes.IsLanguageType(call.TargetMethod.ContainingType, "IDeviceFunctions"))
        {
            return Refuse(call, Rules.VirtualCall, call.TargetMethod.Name);
        }

        string suffix = string.Concat(call.TargetMethod.ContainingType.TypeArguments.Select(a => "_" + TypeNames.Plain(substitution.Resolve(a))));
        return $"{TypeNames.Plain(table)}_{call.TargetMethod.Name}{suffix}({string.Join(", ", arguments)})";
    }

    /// <summary>What a struct has for a member of an interface, whose type arguments may be type parameters of the caller.</summary>
    private IMethodSymbol? Implementation(INamedTypeSymbol table, IMethodSymbol member)
    {
        ITypeSymbol[] arguments = member.ContainingType.TypeArguments.Select(substitution.Resolve).ToArray();
        INamedTypeSymbol role = arguments.Length == 0
            ? member.ContainingType : member.ContainingType.OriginalDefinition.Construct(arguments);
        return role.GetMembers(member.Name)
            .Where(m => SymbolEqualityComparer.Default.Equals(m.OriginalDefinition, member.OriginalDefinition))
            .Select(table.FindImplementationForInterfaceMember).OfType<IMethodSymbol>().FirstOrDefault();
    }

    /// <summary>A call of a function that this unit translates.</summary>
    private Code Helper(
        IMethodSymbol target, IOperation? instance, IEnumerable<string> given, IEnumerable<IArgumentOperation> arguments, SyntaxNode at)
    {
        IArgumentOperation[] ordered = arguments.ToArray();
        Space[] spans = ordered.Where(a => KernelTypes.IsSpan(a.Parameter?.Type)).Select(a => SpaceOf(a.Value)).ToArray();
        Function? function = unit.FunctionOf(target.OriginalDefinition, Substitution.For(target, substitution), spans, at);
        if (function is null)
        {
            return "0";
        }

        if (function.HasEffects)
        {
            // Whatever changes memory or a variable, changes it for this function's callers too.
            _changesMemory |= function.ChangesMemory;
            if (!_whole.Contains(at))
            {
                unit.Report(at, Rules.SideEffect);
            }
        }

        List<string> passed = [.. given];
        if (instance is not null && !SymbolEqualityComparer.Default.Equals(target.ContainingType.OriginalDefinition, unit.Root))
        {
            passed.Add(Expression(instance).Text);
        }

        passed.AddRange(ordered.Where(a => !KernelTypes.IsBlock(a.Parameter?.Type)).Select(Argument));
        foreach (string captured in function.Captures)
        {
            Capture(captured);
            passed.Add(Spelling.Name(captured));
        }

        if (function.UsesScratch)
        {
            _usesScratch = true;
            passed.Add("s_");
        }

        return $"{function.Name}({string.Join(", ", passed)})";
    }

    private string Argument(IArgumentOperation argument)
    {
        if (argument.Parameter?.RefKind is not (RefKind.Ref or RefKind.Out))
        {
            return Expression(argument.Value).Text;
        }

        switch (argument.Value)
        {
            case ILocalReferenceOperation local:
                return "&" + Spelling.Name(local.Local.Name);
            case IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } span } element
                when KernelTypes.IsSpan(span.Type) && SpaceOf(span) == Space.Private:
                return "&" + Expression(element).Text;
            case IDeclarationExpressionOperation or IDiscardOperation:
                unit.Report(argument.Syntax, Rules.SideEffect);
                return "0";
            case IParameterReferenceOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } parameter:
                return Spelling.Name(parameter.Parameter.Name);
            default:
                unit.Report(argument.Syntax, Rules.Reference);
                return "0";
        }
    }

    private static IEnumerable<IArgumentOperation> InParameterOrder(IEnumerable<IArgumentOperation> arguments) =>
        arguments.OrderBy(a => a.Parameter?.Ordinal ?? 0);

    /// <summary>The size of a stack array, and whether the block shares it; null for anything else.</summary>
    private string? Array(IOperation value, out Space space)
    {
        space = Space.Private;
        IOperation inner = Unwrapped(value);
        if (inner is IInvocationOperation { TargetMethod.Name: "Shared" } call && KernelTypes.IsBlock(call.TargetMethod.ContainingType))
        {
            space = Space.Shared;
            inner = Unwrapped(call.Arguments[0].Value);
        }

        if (inner.Syntax is not StackAllocArrayCreationExpressionSyntax { Type: ArrayTypeSyntax type, Initializer: null }
            || type.RankSpecifiers[0].Sizes[0] is not { } sizeSyntax
            || unit.ModelOf(sizeSyntax).GetOperation(sizeSyntax, unit.Cancellation) is not { } size)
        {
            return null;
        }

        bool known = size.DescendantsAndSelf().All(o => o.ConstantValue.HasValue
            || o is IBinaryOperation or IConversionOperation or IParenthesizedOperation or IInstanceReferenceOperation
            || (o is IPropertyReferenceOperation p && KernelParameters.IsSpecialized(unit, p.Property.Name))
            || (o is IPropertyReferenceOperation { Property.Name: "Size" or "Warps" } b && KernelTypes.IsBlock(b.Property.ContainingType))
            || (o is IParameterReferenceOperation q && (KernelParameters.IsSpecialized(unit, q.Parameter.Name) || KernelTypes.IsBlock(q.Parameter.Type))));
        if (!known)
        {
            unit.Report(sizeSyntax, Rules.ArraySize);
            return "1";
        }

        return Expression(size).Text;
    }

    /// <summary>Whether an expression makes an object, which is then the thing to name.</summary>
    private static bool Allocates(IOperation operation) => Unwrapped(operation) is
        IArrayCreationOperation or IInterpolatedStringOperation or IAnonymousObjectCreationOperation or ITupleOperation
        or IObjectCreationOperation { Type.IsValueType: false };

    /// <summary>Whether an element belongs to an array of the lane's own that this function made.</summary>
    private bool IsOwn(IPropertyReferenceOperation element) =>
        element.Instance is { } span && Unwrapped(span) is ILocalReferenceOperation local && !KernelTypes.IsView(local.Type)
        && _spaces.TryGetValue(local.Local, out Space space) && space == Space.Private && _arrays.Contains(local.Local);

    /// <summary>An expression without the conversions around it.</summary>
    public static IOperation Unwrapped(IOperation operation)
    {
        while (operation is IConversionOperation { OperatorMethod: null } or IConversionOperation { Type.Name: "Span" or "ReadOnlySpan" })
        {
            operation = ((IConversionOperation)operation).Operand;
        }

        return operation;
    }

    /// <summary>The kind of memory a span lies in.</summary>
    private Space SpaceOf(IOperation span) => Unwrapped(span) switch
    {
        ILocalReferenceOperation local when _spaces.TryGetValue(local.Local, out Space space) => space,
        IParameterReferenceOperation parameter when _spaces.TryGetValue(parameter.Parameter, out Space space) => space,
        IInvocationOperation { Instance: { } instance } call when KernelTypes.IsSpan(call.Instance?.Type) => SpaceOf(instance),
        IConditionalOperation { WhenFalse: { } otherwise } choice when SpaceOf(choice.WhenTrue) == SpaceOf(otherwise) => SpaceOf(otherwise),
        IConditionalOperation choice => Mixed(choice),
        _ => Space.Private,
    };

    private Space Mixed(IConditionalOperation choice)
    {
        unit.Report(choice.Syntax, Rules.Reference);
        return Space.Private;
    }
}
