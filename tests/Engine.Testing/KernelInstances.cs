using System.Reflection;
using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Testing;

/// <summary>
/// Every kernel of the engine as device compilers see it: generic kernels with every table of functions and every element
/// type that fits their type parameters.
/// </summary>
public static class KernelInstances
{
    private static readonly Type[] Elements = [typeof(float), typeof(int), typeof(BFloat16), typeof(Half)];

    private static readonly Dictionary<string, KernelDescriptor> ByName = Kernels().SelectMany(Instances).ToDictionary(d => d.Name);

    /// <summary>Their names, type arguments included.</summary>
    public static IEnumerable<string> Names => ByName.Keys;

    /// <summary>Fewer of them: every kernel, every table of functions and every element type at least once, in short programs if possible.</summary>
    public static IEnumerable<string> Representatives
    {
        get
        {
            HashSet<string> seen = [];
            foreach (string name in Names.OrderBy(n => ByName[n].Source!.Print(Dialect.Cuda).Length).ThenBy(n => n, StringComparer.Ordinal))
            {
                string[] parts = name.Split(['<', '>', ',', ' '], StringSplitOptions.RemoveEmptyEntries);
                if (parts.Except(seen).Any())
                {
                    seen.UnionWith(parts);
                    yield return name;
                }
            }
        }
    }

    /// <summary>The descriptor of one.</summary>
    public static KernelDescriptor Named(string name) => ByName[name];

    /// <summary>Every table of functions of the engine, and the interface that kernels ask of it.</summary>
    public static IEnumerable<(string Role, DeviceFunctions Functions)> Tables =>
        from type in typeof(Fill<>).Assembly.GetTypes()
        where type.IsValueType && typeof(IDeviceFunctions).IsAssignableFrom(type)
        let role = type.GetInterfaces().First(i => i != typeof(IDeviceFunctions) && typeof(IDeviceFunctions).IsAssignableFrom(i))
        let read = typeof(KernelInstances).GetMethod(nameof(TableOf), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type)
        orderby type.Name
        select (role.Name.Split('`')[0], (DeviceFunctions)read.Invoke(null, null)!);

    private static DeviceFunctions TableOf<TTable>()
        where TTable : IDeviceFunctions => TTable.Device;

    private static IEnumerable<Type> Kernels() =>
        typeof(Fill<>).Assembly.GetTypes().Where(t => t.GetCustomAttribute<KernelAttribute>() is not null);

    private static IEnumerable<KernelDescriptor> Instances(Type kernel) =>
        from type in kernel.IsGenericTypeDefinition ? Closed(kernel, kernel.GetGenericArguments(), []) : [kernel]
        select (KernelDescriptor)typeof(KernelDescriptor<>).MakeGenericType(type).GetProperty("Instance")!.GetValue(null)!;

    // Type parameters one by one; a later one may be constrained by an earlier one, so only the whole list can be tried.
    private static IEnumerable<Type> Closed(Type kernel, Type[] parameters, Type[] chosen)
    {
        if (chosen.Length == parameters.Length)
        {
            return TryMake(kernel, chosen) is { } type ? [type] : [];
        }

        return Candidates(parameters[chosen.Length]).SelectMany(c => Closed(kernel, parameters, [.. chosen, c]));
    }

    private static IEnumerable<Type> Candidates(Type parameter)
    {
        Type? role = parameter.GetGenericParameterConstraints().FirstOrDefault(c => c.IsInterface);
        return role is null
            ? Elements
            : typeof(Fill<>).Assembly.GetTypes().Where(t => t.IsValueType && t.GetInterfaces().Any(i => SameInterface(i, role)));
    }

    private static bool SameInterface(Type a, Type b) =>
        a == b || (a.IsGenericType && b.IsGenericType && a.GetGenericTypeDefinition() == b.GetGenericTypeDefinition());

    private static Type? TryMake(Type kernel, Type[] arguments)
    {
        try
        {
            return kernel.MakeGenericType(arguments);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
