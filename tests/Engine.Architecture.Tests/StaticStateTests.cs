using System.Collections;
using System.CodeDom.Compiler;
using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit;

namespace Engine.Architecture.Tests;

/// <summary>State belongs to an instance — a device, a step, a stream: two of anything can live in one process.</summary>
public sealed class StaticStateTests
{
    public static TheoryData<string> Shipped => [.. Projects.Shipped.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void No_static_field_can_be_assigned(string name) =>
        Assert.Empty(StaticFields(name).Where(f => f is { IsInitOnly: false, IsLiteral: false }).Select(Describe));

    [Theory]
    [MemberData(nameof(Shipped))]
    public void No_static_field_that_others_see_is_a_mutable_collection(string name) =>
        Assert.Empty(StaticFields(name).Where(f => !f.IsPrivate && IsMutableCollection(f.FieldType)).Select(Describe));

    private static IEnumerable<FieldInfo> StaticFields(string name) => Projects.Of(name).Assembly.GetTypes()
        .Where(IsWritten)
        .SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly));

    // The compiler keeps its caches of static lambdas in classes of its own.
    private static bool IsWritten(Type type)
    {
        for (Type? t = type; t is not null; t = t.DeclaringType)
        {
            if (t.IsDefined(typeof(CompilerGeneratedAttribute)) || t.IsDefined(typeof(GeneratedCodeAttribute)) || t.Name.StartsWith('<'))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsMutableCollection(Type type) =>
        type.IsArray || (typeof(IList).IsAssignableFrom(type) || typeof(IDictionary).IsAssignableFrom(type));

    private static string Describe(FieldInfo field) => $"{field.DeclaringType}.{field.Name}";
}
