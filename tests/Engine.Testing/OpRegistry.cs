using System.Reflection;

namespace Engine.Testing;

/// <summary>Finds the cases and the ops of an assembly, so that no op can be forgotten.</summary>
public static class OpRegistry
{
    /// <summary>All cases that the classes of an assembly declare, by name.</summary>
    public static Dictionary<string, OpCase> CasesOf(Assembly assembly) => assembly.GetTypes()
        .Where(t => t.GetInterfaces().Contains(typeof(IOpCases)))
        .SelectMany(t => (IEnumerable<OpCase>)t.GetProperty(nameof(IOpCases.Cases), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!)
        .ToDictionary(c => c.Name);

    /// <summary>All differentiable ops of the engine; generic ones by their definition.</summary>
    public static IEnumerable<Type> Ops => Implementing(typeof(IDifferentiable<,>));

    /// <summary>
    /// All ops for inference only. They have no gradient to check, but everything else that is asked of an op; that none of them lets a
    /// gradient vanish is <c>Recorder.Infer</c>, which alone runs them.
    /// </summary>
    public static IEnumerable<Type> InferenceOps => Implementing(typeof(IInference<>));

    /// <summary>The op itself, or the definition of a generic one.</summary>
    public static Type Definition(Type op) => op.IsGenericType ? op.GetGenericTypeDefinition() : op;

    private static IEnumerable<Type> Implementing(Type definition) => typeof(Tensor).Assembly.GetTypes()
        .Where(t => !t.IsInterface && t.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == definition));
}
