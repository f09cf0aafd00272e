using Microsoft.CodeAnalysis;

namespace Engine.KernelCompiler;

/// <summary>
/// The function that a launch calls: a kernel's parameters as drivers hand them over, and Execute's body. OpenCL hands over a
/// view as a buffer and an offset in bytes, which the first lines add up; CUDA as a pointer.
/// </summary>
internal static class EntryPoint
{
    public static void Declare(Unit unit, IMethodSymbol execute, IEnumerable<IParameterSymbol> parameters)
    {
        FunctionTranslator translator = new(unit, execute, Substitution.None, []);
        string body = translator.TranslateEntry();
        List<string> heads = [];
        string openings = string.Empty;
        foreach (IParameterSymbol parameter in parameters.Where(p => !KernelParameters.Has(p, "SpecializeAttribute")))
        {
            string name = Spelling.Name(parameter.Name);
            if (!KernelTypes.IsView(parameter.Type))
            {
                string type = KernelParameters.Type(parameter.Type);
                heads.Add($"{(type == "bool" ? "int" : type)} {name}");
                continue;
            }

            string element = KernelParameters.Element(parameter.Type);
            bool unaliased = KernelParameters.Has(parameter, "UnaliasedAttribute");
            string pointer = $"__global {element}*{(unaliased ? " restrict" : string.Empty)}";
            heads.Add(Spelling.Choice(
                $"{element}*{(unaliased ? " __restrict__" : string.Empty)} {name}", $"{pointer} {name}_base, i64 {name}_offset"));
            openings += $"    {pointer} {name} = (__global {element}*)((__global u8*){name}_base + {name}_offset);\n";
            if (unit.Lengths.Contains(parameter.Name))
            {
                heads.Add($"i64 {parameter.Name}_length");
            }
        }

        string qualifiers = Spelling.Choice(
            "extern \"C\" __global__ void __launch_bounds__(LANES)", "__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void");
        string opening = openings.Length == 0 ? string.Empty : Spelling.Choice(string.Empty, openings);
        string scratch = translator.UsesScratch ? "    ENG_SCRATCH(s_);\n" : string.Empty;
        string entry = Unit.TypeName(unit.Root);
        unit.Declare(entry, $"{qualifiers} {entry}({string.Join(", ", heads)})\n{{\n{opening}{scratch}{body}}}\n");
    }
}
