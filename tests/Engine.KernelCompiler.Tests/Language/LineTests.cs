using Engine.KernelLanguage;
using Engine.Testing;
using Xunit;

namespace Engine.KernelCompiler.Tests.Language;

/// <summary>An error of a device compiler cites the line of the C# file.</summary>
[Collection(TestDevices.Collection)]
public sealed class LineTests
{
    [Theory]
    [InlineData("opencl")]
    [InlineData(TestDevices.CudaOnHost)]
    public void A_device_error_cites_the_line_of_the_statement(string name)
    {
        using Device device = TestDevices.Open(name);
        using Tensor y = Tensor.Zeros(device, [1]);
        Broken kernel = new(y.Flat<float>());
        EngineException error = Assert.Throws<EngineException>(() => device.Launch(kernel, 1));
        Assert.Contains($"LineTests.cs:{Line("float misspelt =")}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NVRTC_cites_it_too()
    {
        if (Nvrtc.Find(out string reason) is not { } nvrtc)
        {
            Requirement.Missing("nvrtc", reason);
            return;
        }

        CompilerResult result = nvrtc.Compile(ProgramText.Compose(Dialect.Cuda, SourceOf<Broken>(), 32, default), "Whole", "sm_80");
        Assert.Empty(result.Image);
        Assert.Contains($"LineTests.cs({Line("float misspelt =")})", result.Log, StringComparison.Ordinal);
    }

    private static int Line(string text) => Array.FindIndex(
        File.ReadAllLines(Path.Combine(Fixture.RepositoryRoot, "tests", "Engine.KernelCompiler.Tests", "Language", "LineTests.cs")),
        line => line.TrimStart().StartsWith(text, StringComparison.Ordinal)) + 1;

    private static KernelSource SourceOf<TKernel>()
        where TKernel : IKernel => TKernel.Source!;

    /// <summary>The text of <see cref="Whole"/> with a fault that its own translation never has.</summary>
    private readonly record struct Broken(View<float> y) : IKernel
    {
        static KernelSource? IKernel.Source { get; } = new(
            "Whole", "LineTests.cs", 0, SourceOf<Whole>().Parameters, [new DeviceDeclaration("Whole", $"{DeviceText.Choice}{Fault(Dialect.Cuda)}{DeviceText.Or}{Fault(Dialect.OpenCl)}{DeviceText.End}")], []);

        public void Execute(in Block b) => new Whole(y).Execute(b);

        void IKernel.Bind(ref KernelArguments arguments) => arguments.Add(y);

        private static string Fault(Dialect dialect) => SourceOf<Whole>().Print(dialect).Replace("misspelt =", "misspelt misspelt =", StringComparison.Ordinal);
    }
}

[Kernel]
internal readonly partial record struct Whole(View<float> y) : IKernel
{
    public void Execute(in Block b)
    {
        float right = 1f;

        // A few lines of comment between the statements, so that counting
        // from the top of the function would not find the place.
        for (int i = 0; i < 3; i++)
        {
            right += Helper(i);
        }

        float misspelt =
            right + 2f;
        y[0] = misspelt;
    }

    private static float Helper(int i) => i * 2f;
}
