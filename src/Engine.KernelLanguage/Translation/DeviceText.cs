using System.Text;

namespace Engine.KernelLanguage;

/// <summary>
/// The form in which the kernel compiler writes device code: C text in which every place where the dialects differ holds
/// all spellings, and every mention of a type argument is a hole. One text serves all dialects and all instances.
/// </summary>
/// <remarks>
/// A choice is <see cref="Choice"/>, the CUDA spelling, <see cref="Or"/>, the OpenCL spelling, <see cref="End"/>; choices
/// do not nest. A hole is <see cref="Hole"/>, the type parameter's name, <see cref="End"/>, and may stand inside a choice.
/// </remarks>
public static class DeviceText
{
    /// <summary>Begins a choice between dialects.</summary>
    public const char Choice = '\u0001';

    /// <summary>Separates the spellings of a choice.</summary>
    public const char Or = '\u0002';

    /// <summary>Ends a choice or a hole.</summary>
    public const char End = '\u0003';

    /// <summary>Begins a hole.</summary>
    public const char Hole = '\u0004';

    /// <summary>Appends <paramref name="text"/> as <paramref name="dialect"/> spells it, its holes filled.</summary>
    /// <param name="output">Where the text goes.</param>
    /// <param name="text">Text with choices and holes.</param>
    /// <param name="dialect">Which spelling of each choice to take.</param>
    /// <param name="arguments">What the holes stand for.</param>
    /// <exception cref="ArgumentException">A hole has no argument.</exception>
    public static void Resolve(StringBuilder output, string text, Dialect dialect, IReadOnlyList<TypeArgument> arguments)
    {
        // Outside a choice everything is taken; inside, only the part whose place is the dialect's.
        int part = -1;
        for (int i = 0; i < text.Length; i++)
        {
            bool taken = part < 0 || part == (int)dialect;
            switch (text[i])
            {
                case Choice:
                    part = 0;
                    break;
                case Or:
                    part++;
                    break;
                case End:
                    part = -1;
                    break;
                case Hole:
                    int end = text.IndexOf(End, i);
                    if (taken)
                    {
                        output.Append(Fill(text.AsSpan(i + 1, end - i - 1), dialect, arguments));
                    }

                    i = end;
                    break;
                default:
                    if (taken)
                    {
                        output.Append(text[i]);
                    }

                    break;
            }
        }
    }

    private static string Fill(ReadOnlySpan<char> name, Dialect dialect, IReadOnlyList<TypeArgument> arguments)
    {
        foreach (TypeArgument argument in arguments)
        {
            if (name.SequenceEqual(argument.Parameter))
            {
                return argument.NameIn(dialect);
            }
        }

        throw new ArgumentException($"the device text asks for type argument {name}, which is not given");
    }
}
