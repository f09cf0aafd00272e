using Engine.KernelLanguage;

namespace Engine.Tests.Devices;

/// <summary>y = a·x, with the device text written by hand: a kernel as a device sees it, whatever the kernel compiler does.</summary>
public readonly record struct Scale(View<float> x, View<float> y, float a, long n) : IKernel
{
    public static KernelSource Source { get; } = TestKernels.Source(
        "Scale",
        0,
        [
            new("x", "View<float>", IsView: true), new("y", "View<float>", IsView: true, IsUnaliased: true),
            new("a", "float", IsView: false), new("n", "long", IsView: false),
        ],
        "{ for (i64 i = eng_start(); i < eng_end(n); i += LANES) y[i] = a * x[i]; }\n");

    public void Execute(in Block b)
    {
        for (long i = b.Start; i < b.End(n); i += b.Size)
        {
            y[i] = a * x[i];
        }
    }

    public void Bind(ref KernelArguments arguments)
    {
        arguments.Add(x);
        arguments.Add(y);
        arguments.Add(a);
        arguments.Add(n);
    }
}

/// <summary>Writes the text of kernels by hand.</summary>
internal static class TestKernels
{
    /// <summary>The source of a kernel whose views hold float; <paramref name="body"/> is the text in braces.</summary>
    public static KernelSource Source(string name, int lanes, KernelParameter[] parameters, string body)
    {
        KernelParameter[] arguments = [.. parameters.Where(p => !p.IsSpecialized)];
        string cuda = string.Join(", ", arguments.Select(p => p.IsView ? $"float* {p.Name}" : $"{TypeOf(p)} {p.Name}"));
        string openCl = string.Join(", ", arguments.Select(p => p.IsView ? $"__global float* {p.Name}_base, i64 {p.Name}_offset" : $"{TypeOf(p)} {p.Name}"));
        string views = string.Concat(arguments.Where(p => p.IsView).Select(
            p => $"__global float* {p.Name} = (__global float*)((__global char*){p.Name}_base + {p.Name}_offset); "));
        string text =
            $"{DeviceText.Choice}extern \"C\" __global__ void __launch_bounds__(LANES) {name}({cuda})" +
            $"{DeviceText.Or}__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void {name}({openCl}){DeviceText.End}\n" +
            $"#line 100 \"TestKernels.cs\"\n{{ {DeviceText.Choice}{DeviceText.Or}{views}{DeviceText.End}{body} }}\n";
        return new KernelSource(name, "TestKernels.cs", lanes, parameters, [new DeviceDeclaration(name, text)], []);
    }

    private static string TypeOf(KernelParameter parameter) => parameter.Type == "long" ? "i64" : parameter.Type;
}
