using System.Xml.Linq;
using Xunit;

namespace Engine.Cli.Tests;

public sealed class BenchCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_kernel_is_checked_timed_beside_the_peaks_and_drawn()
    {
        string svg = Path.Combine(_folder.FullName, "roofline.svg");
        Cli.Result result = Cli.Run("bench", "RowNormForward", "--device", "cpu", "--svg", svg);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("measured peak: memory ", result.Out, StringComparison.Ordinal);
        Assert.Matches(@"\nRowNormForward +16384 x 768 .*us +[0-9.]+ +[0-9]+ % +[0-9.]+ +[0-9]+ %  (memory|arithmetic)", result.Out);
        XElement drawing = XElement.Parse(File.ReadAllText(svg));
        Assert.Contains(drawing.Descendants(), e => e.Name.LocalName == "text" && e.Value.StartsWith("RowNormForward ", StringComparison.Ordinal));
    }

    [Fact]
    public void Mistakes_are_a_sentence_before_anything_is_measured()
    {
        Cli.AssertMistake($"{_folder.FullName}: cannot be written: it is a folder.", "bench", "Gemm", "--device", "cpu", "--svg", _folder.FullName);
        string nowhere = Path.Combine(_folder.FullName, "nowhere", "r.svg");
        Cli.Result result = Cli.Run("bench", "Gemm", "--device", "cpu", "--svg", nowhere);
        Assert.Equal((2, ""), (result.ExitCode, result.Out));
        Assert.StartsWith($"error: {nowhere}: cannot be written: ", result.Error);
        Cli.AssertMistake("there is no kernel Gem. Did you mean Gemm? `engine kernels list` lists them.", "bench", "Gem");
        Assert.StartsWith("error: CtcCheck has no benchmark; these have: CopyStrided, ", Cli.Run("bench", "CtcCheck").Error);
        Assert.Equal(2, Cli.Run("bench", "CtcCheck").ExitCode);
    }
}
