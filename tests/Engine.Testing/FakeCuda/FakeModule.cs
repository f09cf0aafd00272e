using System.Text;
using System.Text.RegularExpressions;

namespace Engine.Testing;

/// <summary>What the fake driver loads: an image of three lines, the kernel's name, the sizes of its arguments, and the library that runs it.</summary>
/// <param name="Kernel">The entry point's name.</param>
/// <param name="Sizes">Bytes of each argument.</param>
/// <param name="Run">Runs a launch; null if launches are only noted.</param>
internal sealed partial record FakeModule(string Kernel, int[] Sizes, Action<FakeLaunch>? Run)
{
    private const string Magic = "fake image";

    /// <summary>An image.</summary>
    public static byte[] Write(string kernel, IEnumerable<int> sizes, string library) =>
        [.. Encoding.UTF8.GetBytes($"{Magic}\n{kernel}\n{string.Join(',', sizes)}\n{library}"), 0];

    /// <summary>Reads an image; null if it is none.</summary>
    public static FakeModule? TryRead(string image)
    {
        if (PtxEntry().Match(image) is { Success: true } entry)
        {
            return new FakeModule(entry.Groups[1].Value, [.. PtxParameter().Matches(entry.Groups[2].Value).Select(SizeOf)], null);
        }

        string[] lines = image.Split('\n');
        if (lines.Length != 4 || lines[0] != Magic)
        {
            return null;
        }

        int[] sizes = [.. lines[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        return new FakeModule(lines[1], sizes, lines[3].Length > 0 ? HostLibrary.Open(lines[3]).Run : null);
    }

    // .param .u64 name, or a struct: .param .align 8 .b8 name[136]
    private static int SizeOf(Match parameter) =>
        int.Parse(parameter.Groups[1].Value) / 8 * (parameter.Groups[2].Success ? int.Parse(parameter.Groups[2].Value) : 1);

    [GeneratedRegex(@"\.visible \.entry (\w+)\(([^)]*)\)")]
    private static partial Regex PtxEntry();

    [GeneratedRegex(@"\.param (?:\.align \d+ )?\.[a-z](\d+) \w+(?:\[(\d+)\])?")]
    private static partial Regex PtxParameter();
}

/// <summary>A compiler that only reads the kernel's head: its launches are noted and do nothing.</summary>
internal sealed partial class FakeCompiler : ICudaCompiler
{
    /// <inheritdoc/>
    public string Name => "NVRTC 0.0";

    /// <inheritdoc/>
    public IReadOnlyList<int> Architectures { get; init; } = [70, 80];

    /// <summary>What was compiled.</summary>
    public List<string> Compiled { get; } = [];

    /// <summary>What it gives instead of an image that fits.</summary>
    public byte[]? Image { get; init; }

    /// <summary>What compiling fails with; empty to succeed.</summary>
    public string Error { get; set; } = string.Empty;

    /// <inheritdoc/>
    public CompilerResult Compile(string text, string file, string architecture)
    {
        Compiled.Add($"{file} {architecture}");
        Match head = Head().Match(text);
        IEnumerable<int> sizes = head.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Contains('*') || p.StartsWith("i64 ", StringComparison.Ordinal) ? 8 : 4);
        return Error.Length > 0
            ? new CompilerResult([], Error)
            : new CompilerResult(Image ?? FakeModule.Write(head.Groups[1].Value, sizes, string.Empty), string.Empty);
    }

    [GeneratedRegex(@"__launch_bounds__\(LANES\) (\w+)\(([^)]*)\)")]
    private static partial Regex Head();
}
