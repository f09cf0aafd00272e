using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Engine.Architecture.Tests;

/// <summary>What an assembly shows to others, as sorted lines of text that read like C#.</summary>
internal static class PublicSurface
{
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short",
        [typeof(ushort)] = "ushort", [typeof(int)] = "int", [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong",
        [typeof(float)] = "float", [typeof(double)] = "double", [typeof(decimal)] = "decimal", [typeof(char)] = "char", [typeof(string)] = "string", [typeof(object)] = "object",
    };

    public static string Of(Assembly assembly) =>
        string.Concat(assembly.GetExportedTypes().OrderBy(t => Name(t), StringComparer.Ordinal).Select(Text));

    private static string Text(Type type)
    {
        IEnumerable<string> members = type.IsEnum
            ? Enum.GetNames(type).Select(n => $"{n} = {Convert.ToInt64(Enum.Parse(type, n), CultureInfo.InvariantCulture)}")
            : typeof(Delegate).IsAssignableFrom(type)
                ? [Method(type.GetMethod("Invoke")!)]
                : type.GetMembers(Own).Where(m => !Generated(m) && !Positional(m)).Select(Member).OfType<string>().Order(StringComparer.Ordinal);
        return $"{Heading(type)}\n{string.Concat(members.Select(m => $"    {m}\n"))}";
    }

    private static string Heading(Type type)
    {
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => (Has<IsReadOnlyAttribute>(type) ? "readonly " : string.Empty) + (type.IsByRefLike ? "ref struct" : "struct"),
            _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => (type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : string.Empty) + "class",
        };
        // What a base or another interface brings along would only repeat it.
        Type[] interfaces = [.. type.GetInterfaces().Where(i => i.IsVisible && !Has<CompilerGeneratedAttribute>(i))];
        IEnumerable<Type> shown = interfaces.Except(interfaces.SelectMany(i => i.GetInterfaces())).Except(type.BaseType?.GetInterfaces() ?? []);
        Type? parent = type.IsClass && type.BaseType != typeof(object) && kind is not ("delegate" or "static class") ? type.BaseType : null;
        string[] bases = [.. (parent is null ? [] : new[] { Name(parent) }).Concat(type.IsEnum ? [] : shown.Select(i => Name(i)).Order(StringComparer.Ordinal))];
        return $"{kind} {Name(type)}{(bases.Length > 0 && kind != "delegate" ? " : " + string.Join(", ", bases) : string.Empty)}{Constraints(type.GetGenericArguments(), type.DeclaringType)}";
    }

    private static string? Member(MemberInfo member) => member switch
    {
        FieldInfo field when Visible(field.Attributes & FieldAttributes.FieldAccessMask) =>
            Modifiers(field.IsFamily || field.IsFamilyOrAssembly, field.IsStatic && !field.IsLiteral, false, false)
            + (field.IsLiteral ? "const " : field.IsInitOnly ? "readonly " : string.Empty)
            + $"{Name(field.FieldType)} {field.Name}{(field.IsLiteral ? " = " + Value(field.GetRawConstantValue()) : string.Empty)}",
        ConstructorInfo { IsStatic: false } constructor when Visible(constructor) => $"{Modifiers(constructor)}.ctor({Parameters(constructor)})",
        PropertyInfo property when property.GetAccessors(nonPublic: true).FirstOrDefault(Visible) is { } accessor =>
            $"{Modifiers(accessor)}{Name(property.PropertyType)}{Mark(property.PropertyType, new NullabilityInfoContext().Create(property))} {(property.GetIndexParameters().Length > 0 ? $"this[{string.Join(", ", property.GetIndexParameters().Select(Parameter))}]" : property.Name)} {{ {Accessors(property)}}}",
        EventInfo declared when declared.AddMethod is { } add && Visible(add) => $"{Modifiers(add)}event {Name(declared.EventHandlerType!)} {declared.Name}",
        MethodInfo method when Visible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) => Method(method),
        _ => null,
    };

    private static string Method(MethodInfo method) =>
        $"{Modifiers(method)}{Name(method.ReturnType)}{Mark(method.ReturnType, new NullabilityInfoContext().Create(method.ReturnParameter))} {method.Name}{Arguments(method.GetGenericArguments())}({(Has<ExtensionAttribute>(method) ? "this " : string.Empty)}{Parameters(method)}){Constraints(method.GetGenericArguments(), null)}";

    private static string Accessors(PropertyInfo property) => string.Concat(
        new[] { (property.GetMethod, "get; "), (property.SetMethod, property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Length > 0 ? "init; " : "set; ") }
            .Where(a => a.Item1 is { } accessor && Visible(accessor)).Select(a => a.Item2));

    // Records bring these along; that a type is one shows in its equality, and breaking changes show in its other members.
    private static bool Generated(MemberInfo member) => member is not Type && (Has<CompilerGeneratedAttribute>(member)
        || member.Name is "PrintMembers" or "<Clone>$" or "EqualityContract" or "Deconstruct" or "Equals" or "GetHashCode" or "ToString" or "op_Equality" or "op_Inequality");

    // A record's constructor says it already.
    private static bool Positional(MemberInfo member) => member is PropertyInfo { SetMethod: { } set } property
        && set.ReturnParameter.GetRequiredCustomModifiers().Length > 0
        && member.DeclaringType!.GetConstructors().Any(c => c.GetParameters().Any(p => p.Name == property.Name && p.ParameterType == property.PropertyType));

    private static bool Visible(MethodBase method) => method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed);

    private static bool Visible(FieldAttributes access) => access is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;

    private static string Modifiers(MethodBase m) => Modifiers(
        !m.IsPublic, m.IsStatic, m.IsAbstract && !m.DeclaringType!.IsInterface, m.IsVirtual && !m.IsFinal && !m.IsAbstract && !m.DeclaringType!.IsInterface)
        + (m.DeclaringType!.IsInterface && m.IsStatic && m.IsAbstract ? "abstract " : string.Empty);

    private static string Modifiers(bool isProtected, bool isStatic, bool isAbstract, bool isVirtual) =>
        (isProtected ? "protected " : string.Empty) + (isStatic ? "static " : string.Empty) + (isAbstract ? "abstract " : string.Empty) + (isVirtual ? "virtual " : string.Empty);

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo p)
    {
        string passing = !p.ParameterType.IsByRef ? Has<ParamArrayAttribute>(p) || Has<ParamCollectionAttribute>(p) ? "params " : string.Empty : p.IsOut ? "out " : p.IsIn ? "in " : "ref ";
        string preset = p is { HasDefaultValue: false } ? string.Empty : p.RawDefaultValue is null && Of(p.ParameterType).IsValueType ? " = default" : " = " + Value(p.RawDefaultValue);
        return $"{passing}{Name(p.ParameterType)}{Mark(p.ParameterType, new NullabilityInfoContext().Create(p))} {p.Name}{preset}";
    }

    private static Type Of(Type type) => type.IsByRef ? type.GetElementType()! : type;

    private static string Mark(Type type, NullabilityInfo info) =>
        !Of(type).IsValueType && !Of(type).IsGenericParameter && (info.ReadState is NullabilityState.Nullable || info.WriteState is NullabilityState.Nullable) ? "?" : string.Empty;

    private static string Value(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text.Replace("\n", "\\n", StringComparison.Ordinal)}\"",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Constraints(Type[] arguments, Type? outer)
    {
        int inherited = outer?.GetGenericArguments().Length ?? 0;
        return string.Concat(arguments.Skip(inherited).Where(a => a.IsGenericParameter).Select(a =>
        {
            GenericParameterAttributes flags = a.GenericParameterAttributes;
            List<string> all = [.. a.GetGenericParameterConstraints().Where(c => c != typeof(ValueType)).Select(c => Name(c)).Order(StringComparer.Ordinal)];
            if (flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
            {
                all.Insert(0, Has<IsUnmanagedAttribute>(a) ? "unmanaged" : "struct");
            }
            else if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            {
                all.Insert(0, "class");
            }

            return all.Count == 0 ? string.Empty : $" where {a.Name} : {string.Join(", ", all)}";
        }));
    }

    private static string Name(Type type)
    {
        if (type.IsByRef || type.IsPointer || type.IsArray)
        {
            return Name(type.GetElementType()!) + (type.IsArray ? $"[{new string(',', type.GetArrayRank() - 1)}]" : type.IsPointer ? "*" : string.Empty);
        }

        if (type.IsGenericParameter || Keywords.ContainsKey(type))
        {
            return Keywords.GetValueOrDefault(type, type.Name);
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Name(value) + "?";
        }

        int inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        Type[] arguments = type.GetGenericArguments();
        if (type.IsAssignableTo(typeof(ITuple)) && arguments.Length > 0)
        {
            return $"({string.Join(", ", arguments.Select(Name))})";
        }

        string prefix = type.DeclaringType is { } outer
            ? Name(outer.IsGenericTypeDefinition ? outer.MakeGenericType(arguments[..inherited]) : outer) + "."
            : type.Namespace is { } space && space.StartsWith("Engine", StringComparison.Ordinal) ? space + "." : string.Empty;
        return prefix + type.Name.Split('`')[0] + Arguments(arguments[inherited..]);
    }

    private static string Arguments(Type[] arguments) => arguments.Length == 0 ? string.Empty : $"<{string.Join(", ", arguments.Select(Name))}>";

    private static bool Has<T>(ICustomAttributeProvider member) => member.IsDefined(typeof(T), inherit: false);
}
