using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Engine.KernelCompiler;

/// <content>Expressions.</content>
internal sealed partial class FunctionTranslator
{
    private Code Expression(IOperation operation)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (operation is IInvalidOperation || operation.Type?.TypeKind == TypeKind.Error)
        {
            unit.Break();
            return "0";
        }

        if (operation.ConstantValue is { HasValue: true, Value: { } constant } && operation.Type is { } type)
        {
            string literal = Spelling.Literal(constant);
            return literal.Length > 0 ? literal : Unknown(type, operation.Syntax);
        }

        return operation switch
        {
            ILocalReferenceOperation local => Spelling.Name(local.Local.Name),
            IParameterReferenceOperation parameter => Parameter(parameter),
            IFieldReferenceOperation field => Field(field),
            IPropertyReferenceOperation property => Property(property),
            IInvocationOperation call => Call(call),
            IObjectCreationOperation creation => Creation(creation),
            IBinaryOperation binary => Binary(binary),
            IUnaryOperation unary => Unary(unary),
            IConversionOperation conversion => Conversion(conversion),
            IConditionalOperation { WhenFalse: { } otherwise } choice => new Code(
                $"{Expression(choice.Condition).Within(Code.OrElse)} ? {Arm(choice.WhenTrue).Within(Code.OrElse)} : {Arm(otherwise).Within(Code.Conditional)}",
                Code.Conditional),
            ISwitchExpressionOperation choice => SwitchExpression(choice),
            IIsPatternOperation test => Test(Expression(test.Value), test.Pattern),
            IDefaultValueOperation { Type: { } defaulted } => Default(defaulted, operation.Syntax),
            IInstanceReferenceOperation when HasSelf => "self",
            IIncrementOrDecrementOperation or IAssignmentOperation => Refuse(operation, Rules.SideEffect),
            IThrowOperation => Refuse(operation, Rules.Exceptions),
            IAnonymousFunctionOperation or IDelegateCreationOperation or IMethodReferenceOperation => Refuse(operation, Rules.FunctionObject),
            IArrayCreationOperation or IInterpolatedStringOperation or IAnonymousObjectCreationOperation or ITupleOperation =>
                Refuse(operation, Rules.Allocation, Head(operation.Syntax)),
            _ when operation.Syntax is StackAllocArrayCreationExpressionSyntax => Refuse(operation, Rules.SharedArray),
            _ => Refuse(operation, Rules.Expression, Head(operation.Syntax)),
        };
    }

    /// <summary>An expression that stands alone: a call, an assignment or an increment.</summary>
    private string Effect(IOperation operation)
    {
        switch (operation)
        {
            case ISimpleAssignmentOperation { Target: IDiscardOperation, IsRef: false } assignment:
                return $"(void){Whole(assignment.Value)}";
            case ISimpleAssignmentOperation { IsRef: false } assignment:
                CheckMemory(assignment);
                return $"{Target(assignment.Target)} = {(IsPlain(assignment.Target) ? Whole(assignment.Value) : Expression(assignment.Value).Text)}";
            case ICompoundAssignmentOperation compound:
                CheckUnchecked(compound.IsChecked, compound);
                if (compound.OperatorMethod is { } method)
                {
                    string target = Target(compound.Target);
                    return $"{target} = {Helper(method, null, [target, Expression(compound.Value).Text], [], compound.Syntax).Text}";
                }

                return Compound(compound);
            case IIncrementOrDecrementOperation step:
                CheckUnchecked(step.IsChecked, step);
                return Target(step.Target) + (step.Kind == OperationKind.Increment ? "++" : "--");
            case IInvocationOperation:
                return Whole(operation);
            default:
                return Refuse(operation, Rules.Expression, Head(operation.Syntax)).Text;
        }
    }

    /// <summary>
    /// The text of an expression that is all that a statement computes. Only as such may it be a call with effects: C leaves
    /// open whether the rest of a larger expression would see them.
    /// </summary>
    private string Whole(IOperation operation)
    {
        _whole.Clear();
        AddWhole(operation);
        return Expression(operation).Text;
    }

    // What a choice computes in the end comes after what it depends on, in C too.
    private void AddWhole(IOperation operation)
    {
        switch (Unwrapped(operation))
        {
            case IConditionalOperation { WhenFalse: { } otherwise } choice:
                AddWhole(choice.WhenTrue);
                AddWhole(otherwise);
                break;
            case ISwitchExpressionOperation choice:
                foreach (ISwitchExpressionArmOperation arm in choice.Arms)
                {
                    AddWhole(arm.Value);
                }

                break;
            case { } single:
                _whole.Add(single.Syntax);
                break;
        }
    }

    /// <summary>Whether storing to a target reads nothing that a call could change.</summary>
    private static bool IsPlain(IOperation target) => target switch
    {
        ILocalReferenceOperation or IParameterReferenceOperation => true,
        IFieldReferenceOperation field => field.Instance is { } instance && IsPlain(instance),
        _ => false,
    };

    private void CheckMemory(ISimpleAssignmentOperation assignment)
    {
        if (KernelTypes.IsSpan(assignment.Target.Type) && SpaceOf(assignment.Target) != SpaceOf(assignment.Value))
        {
            unit.Report(assignment.Syntax, Rules.Reference);
        }
    }

    private string Target(IOperation target)
    {
        _changesMemory |= target is IPropertyReferenceOperation { Property.IsIndexer: true } element && !IsOwn(element);
        if (target is IParameterReferenceOperation { Parameter.RefKind: RefKind.None or RefKind.Ref or RefKind.Out }
            or ILocalReferenceOperation or IPropertyReferenceOperation { Property.IsIndexer: true })
        {
            return Expression(target).Text;
        }

        return target is IFieldReferenceOperation { Field.IsStatic: false, Instance: ILocalReferenceOperation or IPropertyReferenceOperation }
            or IPropertyReferenceOperation { Instance: ILocalReferenceOperation or IPropertyReferenceOperation }
            ? Expression(target).Text
            : Refuse(target, Rules.Expression, Head(target.Syntax)).Text;
    }

    private Code Parameter(IParameterReferenceOperation reference)
    {
        IParameterSymbol parameter = reference.Parameter;
        if (KernelParameters.IsOf(unit, parameter))
        {
            return KernelParameter(parameter.Name);
        }

        string name = Spelling.Name(parameter.Name);
        return parameter.RefKind is RefKind.Ref or RefKind.Out ? new Code("(*" + name + ")", Code.Atom) : name;
    }

    private Code KernelParameter(string name)
    {
        if (KernelParameters.IsSpecialized(unit, name))
        {
            return "SPEC_" + name;
        }

        Capture(name);
        return Spelling.Name(name);
    }

    private Code Field(IFieldReferenceOperation reference)
    {
        if (ViewLength(reference) is { } length)
        {
            return length;
        }

        if (reference.Field.IsStatic)
        {
            return Refuse(reference, Rules.StaticState, reference.Field.Name);
        }

        return reference.Instance is null ? Refuse(reference, Rules.Expression, Head(reference.Syntax))
            : $"{Expression(reference.Instance).Within(Code.Atom)}.{Unit.FieldName(reference.Field)}";
    }

    private Code Property(IPropertyReferenceOperation reference)
    {
        IPropertySymbol property = reference.Property;
        ITypeSymbol? owner = reference.Instance?.Type;
        if (property.IsIndexer && (KernelTypes.IsView(owner) || KernelTypes.IsSpan(owner)))
        {
            return $"{Expression(reference.Instance!).Within(Code.Atom)}[{Expression(reference.Arguments[0].Value).Text}]";
        }

        if (KernelTypes.IsView(owner))
        {
            return ViewProperty(reference);
        }

        if (KernelTypes.IsSpan(owner) && property.Name == "Length")
        {
            return Refuse(reference, Rules.Length);
        }

        if (reference.Instance is { } made && Allocates(made))
        {
            return Expression(made);
        }

        if (KernelTypes.Intrinsic(property) is { } intrinsic)
        {
            _usesScratch |= intrinsic.Scratch;
            return reference.Instance is null || KernelTypes.IsBlock(owner)
                ? intrinsic.Name
                : $"{intrinsic.Name}({Expression(reference.Instance).Text})";
        }

        if (reference.Instance is IInstanceReferenceOperation && SymbolEqualityComparer.Default.Equals(property.ContainingType.OriginalDefinition, unit.Root)
            && KernelParameters.Find(unit, property.Name) is not null)
        {
            return KernelParameter(property.Name);
        }

        bool automatic = TypeNames.InPrelude(property.ContainingType) || property.OriginalDefinition.ContainingType.GetMembers().OfType<IFieldSymbol>()
            .Any(f => SymbolEqualityComparer.Default.Equals(f.AssociatedSymbol, property.OriginalDefinition));
        if (automatic && reference.Instance is not null)
        {
            int before = unit.FindingCount;
            string whole = Expression(reference.Instance).Within(Code.Atom);
            if (unit.FindingCount == before)
            {
                TypeOf(property.ContainingType, reference.Syntax);
            }

            return $"{whole}.{Spelling.Name(property.Name)}";
        }

        return property.GetMethod is { } getter && (property.IsStatic || reference.Instance is not null)
            ? Helper(getter, reference.Instance, [], [], reference.Syntax)
            : Refuse(reference, Rules.Expression, Head(reference.Syntax));
    }

    private Code ViewProperty(IPropertyReferenceOperation reference)
    {
        if (reference.Property.Name == "Exists")
        {
            return new Code($"{Expression(reference.Instance!).Within(Code.Unary)} != 0", Code.Equality);
        }

        return Refuse(reference, Rules.Expression, Head(reference.Syntax));
    }

    /// <summary>A view's Length is a field; only a kernel parameter's is handed over.</summary>
    private Code? ViewLength(IFieldReferenceOperation reference)
    {
        if (!KernelTypes.IsView(reference.Instance?.Type) || reference.Field.Name != "Length")
        {
            return null;
        }

        string? name = reference.Instance switch
        {
            IPropertyReferenceOperation p when KernelParameters.Find(unit, p.Property.Name) is not null => p.Property.Name,
            IParameterReferenceOperation p when KernelParameters.IsOf(unit, p.Parameter) => p.Parameter.Name,
            _ => null,
        };
        if (name is null || !IsEntry)
        {
            return Refuse(reference, Rules.Length);
        }

        unit.Lengths.Add(name);
        return name + "_length";
    }

    private Code Creation(IObjectCreationOperation creation)
    {
        if (creation.Type is not INamedTypeSymbol { IsValueType: true } type)
        {
            return Refuse(creation, Rules.Allocation, Head(creation.Syntax));
        }

        if (creation.Arguments.Length == 0 && creation.Initializer is null)
        {
            return Default(type, creation.Syntax);
        }

        IFieldSymbol[] fields = Unit.FieldsOf(type.OriginalDefinition).ToArray();
        bool positional = creation.Initializer is null && creation.Constructor is { } c && c.Parameters.Length == fields.Length
            && (KernelTypes.IsLanguageType(type.ContainingType, "Philox") || SymbolEqualityComparer.Default.Equals(c.OriginalDefinition, KernelParameters.Constructor(type.OriginalDefinition)))
            && c.Parameters.Zip(fields, (p, f) => p.Name == (f.AssociatedSymbol ?? f).Name
                && (f.AssociatedSymbol?.DeclaringSyntaxReferences.All(r => r.GetSyntax(unit.Cancellation) is ParameterSyntax) ?? false)).All(same => same);
        TypeOf(type, creation.Syntax);
        return positional
            ? $"{unit.ConstructorOf(type, t => TryTypeOf(t))}({string.Join(", ", InParameterOrder(creation.Arguments).Select(a => Expression(a.Value).Text))})"
            : Refuse(creation, Rules.Expression, Head(creation.Syntax));
    }

    private Code Default(ITypeSymbol type, SyntaxNode at)
    {
        string name = TypeOf(type, at);
        return TypeNames.Number(type) is not null ? $"(({name})0)"
            : type is ITypeParameterSymbol ? Spelling.Choice($"{name}()", $"(({name})0)")
            : Spelling.Choice($"{name}{{}}", $"(({name}){{0}})");
    }

    private Code Refuse(IOperation operation, DiagnosticDescriptor rule, params string[] arguments)
    {
        unit.Report(operation.Syntax, rule, arguments);
        return "0";
    }
}
