using Xunit;

namespace Engine.Cli.Tests;

public sealed class KernelsCommandTests
{
    [Fact]
    public void List_names_every_kernel_with_its_arguments()
    {
        Cli.Result result = Cli.Run("kernels", "list");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(KernelCatalog.All.Count, result.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("View<float> x, View<float> y, float a, float c, int rounds, long n", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Show_prints_the_source_alone_or_beside_its_translation()
    {
        string source = Cli.Run("kernels", "show", "MultiplyAdds").Out;
        Assert.Contains("v = KMath.Fma(a, v, c);", source, StringComparison.Ordinal);
        Assert.DoesNotContain("namespace", source, StringComparison.Ordinal);
        string cuda = Cli.Run("kernels", "show", "multiplyadds", "--target", "cuda").Out;
        Assert.Contains("v = KMath.Fma(a, v, c);", cuda, StringComparison.Ordinal);
        Assert.Contains("v = fmaf(a, v, c);", cuda, StringComparison.Ordinal);
        Assert.Contains("v = fma(a, v, c);", Cli.Run("kernels", "show", "MultiplyAdds", "--target", "opencl").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kernel_has_a_source_to_show() => Assert.All(
        KernelCatalog.All, kernel => Assert.Contains("partial record struct", Cli.Run("kernels", "show", kernel.Name).Out, StringComparison.Ordinal));

    [Theory]
    [InlineData("there is no kernel Gem. Did you mean Gemm?", "kernels", "show", "Gem")]
    [InlineData("the targets are cuda, opencl and csharp", "kernels", "show", "Gemm", "--target", "metal")]
    [InlineData("engine kernels: unknown command lst", "kernels", "lst")]
    [InlineData("engine kernels show: unknown option --traget", "kernels", "show", "Gemm", "--traget", "cuda")]
    public void Mistakes_are_a_sentence(string sentence, params string[] arguments)
    {
        Cli.Result result = Cli.Run(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
    }
}
