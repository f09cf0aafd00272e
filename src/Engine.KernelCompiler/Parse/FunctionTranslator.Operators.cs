using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Engine.KernelCompiler;

/// <content>Operators, conversions and patterns: where C# and C differ, the C# meaning is spelt out.</content>
internal sealed partial class FunctionTranslator
{
    private Code Binary(IBinaryOperation binary)
    {
        CheckUnchecked(binary.IsChecked, binary);
        if (binary.OperatorMethod is { } method && binary.LeftOperand.Type is { } owner && TypeNames.Number(owner) is null)
        {
            return Helper(method, null, [Expression(binary.LeftOperand).Text, Expression(binary.RightOperand).Text], [], binary.Syntax);
        }

        int before = unit.FindingCount;
        Code left = Expression(binary.LeftOperand);
        Code right = Expression(binary.RightOperand);
        if (binary.LeftOperand.Type is not { } operand || !IsComputable(operand, binary.Syntax, before))
        {
            return "0";
        }

        ITypeSymbol type = substitution.Resolve(operand);

        if (binary.OperatorKind == BinaryOperatorKind.Remainder && type.SpecialType == SpecialType.System_Single)
        {
            return $"{Spelling.Choice("fmodf", "fmod")}({left.Text}, {right.Text})";
        }

        if (binary.OperatorKind is BinaryOperatorKind.LeftShift or BinaryOperatorKind.RightShift or BinaryOperatorKind.UnsignedRightShift)
        {
            return Shift(binary.OperatorKind, left, binary.RightOperand, type);
        }

        (string sign, int rank) = Sign(binary.OperatorKind);
        return rank < 0 ? Refuse(binary, Rules.Expression, Head(binary.Syntax))
            : new Code($"{left.Operand(rank, right: false)} {sign} {right.Operand(rank, right: true)}", rank);
    }

    /// <summary>C# uses the low bits of a shift count; C leaves larger counts undefined.</summary>
    private Code Shift(BinaryOperatorKind kind, Code left, IOperation count, ITypeSymbol type)
    {
        bool wide = type.SpecialType is SpecialType.System_Int64 or SpecialType.System_UInt64;
        int mask = wide ? 63 : 31;
        string places = count.ConstantValue is { HasValue: true, Value: int n }
            ? Spelling.Literal(n & mask)
            : $"({Expression(count).Operand(Code.And, right: false)} & {mask})";
        string sign = kind == BinaryOperatorKind.LeftShift ? "<<" : ">>";
        bool signed = type.SpecialType is SpecialType.System_Int64 or SpecialType.System_Int32;
        if (signed && kind != BinaryOperatorKind.RightShift)
        {
            // Through the unsigned type: shifting into the sign, and shifting in zeros.
            (string unsignedType, string signedType) = wide ? ("u64", "i64") : ("uint", "int");
            return new Code($"({signedType})(({unsignedType}){left.Within(Code.Unary)} {sign} {places})", Code.Unary);
        }

        return new Code($"{left.Operand(Code.Shift, right: false)} {sign} {places}", Code.Shift);
    }

    private string Compound(ICompoundAssignmentOperation compound)
    {
        int before = unit.FindingCount;
        string target = Target(compound.Target);
        ITypeSymbol type = substitution.Resolve(compound.Target.Type!);
        IsComputable(type, compound.Syntax, before);
        if (compound.OperatorKind is BinaryOperatorKind.LeftShift or BinaryOperatorKind.RightShift or BinaryOperatorKind.UnsignedRightShift)
        {
            return $"{target} = {Shift(compound.OperatorKind, target, compound.Value, type).Text}";
        }

        if (compound.OperatorKind == BinaryOperatorKind.Remainder && type.SpecialType == SpecialType.System_Single)
        {
            return $"{target} = {Spelling.Choice("fmodf", "fmod")}({target}, {Expression(compound.Value).Text})";
        }

        (string sign, int rank) = Sign(compound.OperatorKind);
        return rank < 0 ? Refuse(compound, Rules.Expression, Head(compound.Syntax)).Text : $"{target} {sign}= {Expression(compound.Value).Text}";
    }

    private static (string Sign, int Rank) Sign(BinaryOperatorKind kind) => kind switch
    {
        BinaryOperatorKind.Add => ("+", Code.Add),
        BinaryOperatorKind.Subtract => ("-", Code.Add),
        BinaryOperatorKind.Multiply => ("*", Code.Multiply),
        BinaryOperatorKind.Divide => ("/", Code.Multiply),
        BinaryOperatorKind.Remainder => ("%", Code.Multiply),
        BinaryOperatorKind.Equals => ("==", Code.Equality),
        BinaryOperatorKind.NotEquals => ("!=", Code.Equality),
        BinaryOperatorKind.LessThan => ("<", Code.Relation),
        BinaryOperatorKind.LessThanOrEqual => ("<=", Code.Relation),
        BinaryOperatorKind.GreaterThan => (">", Code.Relation),
        BinaryOperatorKind.GreaterThanOrEqual => (">=", Code.Relation),
        BinaryOperatorKind.And => ("&", Code.And),
        BinaryOperatorKind.Or => ("|", Code.Or),
        BinaryOperatorKind.ExclusiveOr => ("^", Code.Xor),
        BinaryOperatorKind.ConditionalAnd => ("&&", Code.AndAlso),
        BinaryOperatorKind.ConditionalOr => ("||", Code.OrElse),
        _ => (string.Empty, -1),
    };

    private Code Unary(IUnaryOperation unary)
    {
        CheckUnchecked(unary.IsChecked, unary);
        if (unary.OperatorMethod is { } method && unary.Operand.Type is { } owner && TypeNames.Number(owner) is null)
        {
            return Helper(method, null, [Expression(unary.Operand).Text], [], unary.Syntax);
        }

        string? sign = unary.OperatorKind switch
        {
            UnaryOperatorKind.Minus => "-",
            UnaryOperatorKind.Plus => "+",
            UnaryOperatorKind.Not => "!",
            UnaryOperatorKind.BitwiseNegation => unary.Type?.SpecialType == SpecialType.System_Boolean ? "!" : "~",
            _ => null,
        };
        int before = unit.FindingCount;
        Code operand = Expression(unary.Operand);
        return sign is null ? Refuse(unary, Rules.Expression, Head(unary.Syntax))
            : unary.Operand.Type is { } type && IsComputable(type, unary.Syntax, before)
                ? new Code(operand.Text.StartsWith(sign, StringComparison.Ordinal) ? $"{sign}({operand.Text})" : sign + operand.Operand(Code.Unary, right: true), Code.Unary)
                : "0";
    }

    private Code Conversion(IConversionOperation conversion)
    {
        CheckUnchecked(conversion.IsChecked, conversion);
        if (conversion.Type is not { } result)
        {
            unit.Break();
            return "0";
        }

        ITypeSymbol from = substitution.Resolve(conversion.Operand.Type ?? result);
        ITypeSymbol to = substitution.Resolve(result);
        int before = unit.FindingCount;
        Code value = Expression(conversion.Operand);
        string? source = TryTypeOf(from);
        string? target = TryTypeOf(to);
        if (KernelTypes.IsSpan(to) && KernelTypes.IsSpan(from))
        {
            return value;
        }

        if (conversion.OperatorMethod is { } method && TypeNames.Number(method.ContainingType) is null)
        {
            return Helper(method, null, [value.Text], [], conversion.Syntax);
        }

        if (source is null || target is null)
        {
            // An unwritten conversion comes from something written elsewhere, which is the better place.
            string wrong = (source is null ? from : to).ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);
            if (conversion.IsImplicit)
            {
                unit.Suspect(conversion.Syntax, Rules.NoType, wrong);
                return "0";
            }

            return unit.FindingCount > before ? "0" : Refuse(conversion, Rules.NoType, wrong);
        }

        if (source == target)
        {
            return value;
        }

        if (source is "bf16" or "f16" || target is "bf16" or "f16")
        {
            // Sixteen-bit numbers are storage: they are widened and narrowed, nothing else.
            return source == "float" ? $"eng_f32_to_{target}({value.Text})"
                : target == "float" ? $"eng_{source}_to_f32({value.Text})"
                : Refuse(conversion, Rules.NoType, from.Name);
        }

        if (source == "float")
        {
            return target switch
            {
                "int" => $"eng_f32_to_i32({value.Text})",
                "uint" => $"eng_f32_to_u32({value.Text})",
                "i64" => $"eng_f32_to_i64({value.Text})",
                "u64" => $"eng_f32_to_u64({value.Text})",
                _ => new Code($"({target})eng_f32_to_i32({value.Text})", Code.Unary),
            };
        }

        // C widens like C# but for one case: an int and a uint meet as long in C#, as unsigned in C.
        bool spelt = !conversion.IsImplicit || source == "uint";
        return spelt ? new Code($"({target}){value.Within(Code.Unary)}", Code.Unary) : value;
    }

    /// <summary>
    /// One of several results. C would first bring all of them to one type of its own choice, so a conversion is spelt out.
    /// </summary>
    private Code Arm(IOperation value)
    {
        Code text = Expression(value);
        return value is IConversionOperation { IsImplicit: true, OperatorMethod: null, ConstantValue.HasValue: false, Type: { } type, Operand.Type: { } from }
            && TypeNames.Number(from) is { } source && TypeNames.Number(type) is { } target && source != target && !text.Text.StartsWith($"({target})", StringComparison.Ordinal)
            ? new Code($"({target}){text.Within(Code.Unary)}", Code.Unary)
            : text;
    }

    private Code SwitchExpression(ISwitchExpressionOperation choice)
    {
        Code value = Expression(choice.Value);
        string text = string.Empty;
        foreach (ISwitchExpressionArmOperation arm in choice.Arms)
        {
            string result = Arm(arm.Value).Within(Code.OrElse);
            if (arm.Pattern is IDiscardPatternOperation && arm.Guard is null)
            {
                return new Code(text + result, Code.Conditional);
            }

            Code test = Test(value, arm.Pattern);
            string guard = arm.Guard is null ? string.Empty : " && " + Expression(arm.Guard).Operand(Code.AndAlso, right: true);
            text += $"{test.Within(Code.AndAlso)}{guard} ? {result} : ";
        }

        return Refuse(choice, Rules.Expression, "switch without a _ arm");
    }

    private Code Test(Code value, IPatternOperation pattern) => pattern switch
    {
        IConstantPatternOperation constant =>
            new Code($"{value.Operand(Code.Equality, right: false)} == {Expression(constant.Value).Operand(Code.Equality, right: true)}", Code.Equality),
        IRelationalPatternOperation relation =>
            new Code($"{value.Operand(Code.Relation, right: false)} {Sign(relation.OperatorKind).Sign} {Expression(relation.Value).Operand(Code.Relation, right: true)}", Code.Relation),
        INegatedPatternOperation not => new Code($"!({Test(value, not.Pattern).Text})", Code.Unary),
        IBinaryPatternOperation both => new Code(
            $"({Test(value, both.LeftPattern).Text}) {(both.OperatorKind == BinaryOperatorKind.Or ? "||" : "&&")} ({Test(value, both.RightPattern).Text})",
            both.OperatorKind == BinaryOperatorKind.Or ? Code.OrElse : Code.AndAlso),
        _ => Refuse(pattern, Rules.Expression, Head(pattern.Syntax)),
    };

    /// <summary>Half and BFloat16 are storage: there is no arithmetic on them.</summary>
    private bool IsComputable(ITypeSymbol operand, SyntaxNode at, int before)
    {
        ITypeSymbol type = substitution.Resolve(operand);
        if (unit.FindingCount > before)
        {
            return false;
        }

        if (type is ITypeParameterSymbol || TryTypeOf(type) is null or "bf16" or "f16")
        {
            unit.Report(at, Rules.NoType, type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat));
            return false;
        }

        return true;
    }

    private void CheckUnchecked(bool isChecked, IOperation operation)
    {
        if (isChecked)
        {
            unit.Report(operation.Syntax, Rules.Checked);
        }
    }
}
