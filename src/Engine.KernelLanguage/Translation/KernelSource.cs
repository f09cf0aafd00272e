using System.Text;

namespace Engine.KernelLanguage;

/// <summary>
/// What the kernel compiler knows of one kernel: its parameters and its device text. A device puts its own prelude
/// before the text and compiles both.
/// </summary>
public sealed class KernelSource
{
    private readonly IReadOnlyList<DeviceDeclaration> _declarations;

    /// <summary>The source of one kernel, or of one instance of a generic kernel.</summary>
    /// <param name="name">The kernel's name, and its entry point's in every program.</param>
    /// <param name="file">The C# file's name.</param>
    /// <param name="lanes">Lanes a block should have; 0 leaves it to the device.</param>
    /// <param name="parameters">Its arguments in order.</param>
    /// <param name="declarations">Structs, helpers and last the kernel, callees first.</param>
    /// <param name="typeArguments">What its type parameters stand for.</param>
    public KernelSource(
        string name,
        string file,
        int lanes,
        IReadOnlyList<KernelParameter> parameters,
        IReadOnlyList<DeviceDeclaration> declarations,
        IReadOnlyList<TypeArgument> typeArguments)
    {
        Name = name;
        File = file;
        Lanes = lanes;
        Parameters = parameters;
        _declarations = declarations;
        TypeArguments = typeArguments;
    }

    /// <summary>The kernel's name, and its entry point's in every program.</summary>
    public string Name { get; }

    /// <summary>The name of the C# file it is written in, which compiler messages cite.</summary>
    public string File { get; }

    /// <summary>Lanes a block should have; 0 leaves it to the device.</summary>
    public int Lanes { get; }

    /// <summary>Its arguments in order.</summary>
    public IReadOnlyList<KernelParameter> Parameters { get; }

    /// <summary>What its type parameters stand for.</summary>
    public IReadOnlyList<TypeArgument> TypeArguments { get; }

    /// <summary>The kernel's text in a dialect, without the device's prelude.</summary>
    /// <param name="dialect">Which language to write.</param>
    /// <param name="lines">Whether to keep <c>#line</c> directives, which make compiler messages cite the C# source.</param>
    public string Print(Dialect dialect, bool lines = true)
    {
        StringBuilder text = new();
        HashSet<string> written = [];
        foreach (DeviceDeclaration declaration in TypeArguments.SelectMany(a => a.Functions).Concat(_declarations))
        {
            // By the name it will have: a helper for the kernel's type parameter may be the one for the type it stands for.
            StringBuilder name = new();
            DeviceText.Resolve(name, declaration.Name, dialect, TypeArguments);
            if (written.Add(name.ToString()))
            {
                DeviceText.Resolve(text, declaration.Text, dialect, TypeArguments);
                text.Append('\n');
            }
        }

        return lines ? text.ToString() : WithoutLines(text.ToString());
    }

    private static string WithoutLines(string text) =>
        string.Concat(text.Split('\n').Where(line => !line.StartsWith("#line", StringComparison.Ordinal)).Select(line => line + '\n'));
}
