using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Engine.Testing;

/// <summary>
/// Compiles the CUDA text of kernels with the host's own C++ compiler, over <c>Host.h</c>, so that the very text NVRTC gets is
/// run: with it the fake GPU computes. Slow, and blind to inline PTX, but it needs no GPU.
/// </summary>
internal sealed partial class HostCompiler : ICudaCompiler, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-host-");
    private readonly string _command;
    private readonly ConcurrentDictionary<string, CompilerResult> _done = new();

    private HostCompiler(string command) => _command = command;

    /// <inheritdoc/>
    public string Name => "the host's compiler";

    /// <inheritdoc/>
    public IReadOnlyList<int> Architectures => [80];

    /// <summary>The compiler, if there is one on this Linux machine; else the reason.</summary>
    public static HostCompiler? Find(out string reason)
    {
        reason = "no C++ compiler (g++ or clang++ on Linux) to run CUDA text on the host with";
        string? command = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
            ? (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':')
                .SelectMany(folder => new[] { "g++", "clang++" }.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            : null;
        return command is null ? null : new HostCompiler(command);
    }

    /// <inheritdoc/>
    public CompilerResult Compile(string text, string file, string architecture) => _done.GetOrAdd(text, t => Build(t));

    /// <summary>Deletes what was compiled; what is loaded stays loaded.</summary>
    public void Dispose() => _folder.Delete(recursive: true);

    private CompilerResult Build(string text)
    {
        string kernel = Head().Match(text).Groups[1].Value;
        string path = Path.Combine(_folder.FullName, $"{kernel}-{_done.Count}-{Environment.CurrentManagedThreadId}");
        File.WriteAllText(path + ".cpp", $$"""
            #include "{{Path.Combine(AppContext.BaseDirectory, "FakeCuda", "Host.h")}}"
            {{WithoutPtx(text)}}
            extern "C" int eng_host_run(void** parameters, long long blocks) { return host_run([](void** p) { host_invoke({{kernel}}, p); }, parameters, blocks, LANES); }
            extern "C" int eng_host_sizes(int* sizes) { return host_sizes({{kernel}}, sizes); }
            """);
        ProcessStartInfo start = new(_command) { RedirectStandardError = true };
        foreach (string argument in (string[])["-std=c++17", "-O1", "-w", "-shared", "-fPIC", "-march=native", "-ffp-contract=off", "-o", path + ".so", path + ".cpp"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        string log = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? new CompilerResult(FakeModule.Write(kernel, Sizes(path + ".so"), path + ".so"), string.Empty)
            : new CompilerResult([], log);
    }

    private static unsafe int[] Sizes(string library)
    {
        Span<int> sizes = stackalloc int[KernelLanguage.KernelArguments.MaxCount];
        fixed (int* target = sizes)
        {
            nint handle = NativeLibrary.Load(library);
            int count = ((delegate* unmanaged<int*, int>)NativeLibrary.GetExport(handle, "eng_host_sizes"))(target);
            return sizes[..count].ToArray();
        }
    }

    // The two instructions of the prelude that a host compiler does not know.
    private static string WithoutPtx(string text) => text
        .Replace("asm(\"cvt.f32.f16 %0, %1;\" : \"=f\"(y) : \"h\"(x));", "y = host_half_to_float(x);", StringComparison.Ordinal)
        .Replace("asm(\"cvt.rn.f16.f32 %0, %1;\" : \"=h\"(y) : \"f\"(x));", "y = host_float_to_half(x);", StringComparison.Ordinal);

    [GeneratedRegex(@"__launch_bounds__\(LANES\) (\w+)\(")]
    private static partial Regex Head();
}
