using System.Text;
using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// The whole text that a driver compiles for one kernel: what is fixed for this program (lanes and specialised parameters,
/// as macros), the dialect's prelude, and the kernel's own text. The prelude is three files: the dialect's types, what all
/// dialects share (<c>Programs/Prelude/Common.c</c>), and the dialect's conversions and collectives.
/// </summary>
internal static class ProgramText
{
    private static readonly Lazy<string> CudaPrelude = new(() => Join("Types.cu", "Common.c", "Collectives.cu", "Fragments.cu"));
    private static readonly Lazy<string> OpenClPrelude = new(() => Join("Types.cl", "Common.c", "Collectives.cl", "Fragments.cl"));

    /// <summary>What every program of a dialect begins with, after its macros.</summary>
    public static string Prelude(Dialect dialect) => (dialect == Dialect.Cuda ? CudaPrelude : OpenClPrelude).Value;

    /// <summary>The program of one kernel.</summary>
    /// <param name="dialect">The device's language.</param>
    /// <param name="source">The kernel.</param>
    /// <param name="lanes">Lanes of a block: LANES in the text.</param>
    /// <param name="specialized">The values of its specialised parameters in order: SPEC_name in the text.</param>
    public static string Compose(Dialect dialect, KernelSource source, int lanes, in SpecializedValues specialized)
    {
        StringBuilder text = new();
        text.Append($"#define LANES {lanes}\n");
        int i = 0;
        foreach (KernelParameter parameter in source.Parameters)
        {
            if (parameter.IsSpecialized)
            {
                text.Append($"#define SPEC_{parameter.Name} ({specialized[i++]})\n");
            }
        }

        return text.Append(Prelude(dialect)).Append(source.Print(dialect)).ToString();
    }

    // #line makes the compiler cite the file of the prelude; the kernel's text has directives of its own.
    private static string Join(params ReadOnlySpan<string> files)
    {
        StringBuilder text = new();
        foreach (string file in files)
        {
            using Stream stream = typeof(ProgramText).Assembly.GetManifestResourceStream(file)
                ?? throw new InvalidOperationException($"the assembly has no resource {file}");
            using StreamReader reader = new(stream);
            text.Append($"#line 1 \"{file}\"\n").Append(reader.ReadToEnd());
        }

        return text.ToString();
    }
}
