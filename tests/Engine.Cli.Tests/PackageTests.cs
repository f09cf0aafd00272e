using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;
using Engine.Testing;
using Xunit;

namespace Engine.Cli.Tests;

/// <summary>
/// The packages, as somebody gets them: what is in them, and a project outside of the repository that has nothing but them and the SDK
/// compiles a kernel of its own, trains and pre-trains.
/// </summary>
public sealed class PackageTests : IDisposable
{
    private const long Most = 5 * 1024 * 1024;

    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
            <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <UseSharedCompilation>false</UseSharedCompilation>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Engine.Pretraining" Version="*" />
          </ItemGroup>
        </Project>
        """;

    private const string Feed = """
        <configuration>
          <packageSources>
            <clear />
            <add key="local" value="feed" />
          </packageSources>
          <fallbackPackageFolders>
            <clear />
          </fallbackPackageFolders>
        </configuration>
        """;

    // Kernel and model are those of the samples.
    private const string Main = """
        using Engine;
        using Engine.KernelLanguage;
        using Engine.Nn;
        using Engine.Optim;
        using Engine.Pretraining.Configuration;
        using Engine.Pretraining.Training;

        using Device device = Device.Open("cpu");
        using StepScope step = new(device);
        Tensor x = step.From<float>([-2f, 0.25f, 3f], [3], requiresGrad: true);
        float[] y = x.Snake(2f).ToArray();
        step.Backward(x.Snake(2f).Sum());
        Console.WriteLine($"snake {string.Join(' ', y)} {string.Join(' ', StepScope.Grad(x).ToArray())}");
        step.Clear();

        using Net net = new(device);
        using AdamW optimizer = new(ParameterGroup.Split(net.Parameters, weightDecay: 0), learningRate: 0.05);
        for (int i = 0; i < 200; i++)
        {
            Tensor input = step.From<float>([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]);
            Tensor loss = net.Forward(input).CrossEntropy(step.From<int>([0, 1, 1, 0], [4]));
            step.Backward(loss);
            if (i is 0 or 199) Console.WriteLine($"xor {loss.Item()}");
            optimizer.Step();
            optimizer.ZeroGrad();
            step.Clear();
        }

        PretrainConfig config = Presets.Get("tiny") with { MaxSteps = 60, EvalInterval = 60, Threads = 2 };
        PretrainRun.Start(config, "run", new Losses());

        internal sealed class Losses : ITrainingObserver
        {
            public void OnStart(in RunStart start) => Console.WriteLine($"parameters {start.ParameterCount}");
            public void OnStep(in StepReport report)
            {
                if (report.Step is 1 or 60) Console.WriteLine($"pretrain {report.Loss}");
            }

            public void OnEvaluation(in EvaluationReport evaluation) { }
            public void OnCheckpoint(in CheckpointReport checkpoint) { }
            public void OnSample(in SampleReport sample) { }
            public void OnFinish(in RunEnd end) { }
        }


        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("engine-package-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_project_with_nothing_but_the_packages_has_kernels_of_its_own_and_trains()
    {
        string feed = Directory.CreateDirectory(Path.Combine(_folder, "feed")).FullName;
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        await Dotnet(Fixture.RepositoryRoot, "pack", "Engine.sln", "--no-build", "-c", configuration, "-o", feed, "-nologo", "-v", "quiet");
        string[] packages = [.. Directory.GetFiles(feed).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
        Assert.Equal(["Engine", "Engine.Cli", "Engine.Pretraining"], packages.Select(p => p[..p.IndexOf(".0.", StringComparison.Ordinal)]));
        AssertContents(Path.Combine(feed, packages[0]), dependencies: [], files:
        [
            "analyzers/dotnet/cs/Engine.KernelCompiler.dll",
            "lib/net10.0/Engine.KernelLanguage.dll", "lib/net10.0/Engine.KernelLanguage.xml",
            "lib/net10.0/Engine.Kernels.dll", "lib/net10.0/Engine.Kernels.xml",
            "lib/net10.0/Engine.dll", "lib/net10.0/Engine.xml",
        ]);
        AssertContents(Path.Combine(feed, packages[2]), dependencies: ["Engine"], files: ["lib/net10.0/Engine.Pretraining.dll", "lib/net10.0/Engine.Pretraining.xml"]);

        File.WriteAllText(Path.Combine(_folder, "Program.cs"), Main + Types("UserKernel", "[Kernel]") + Types("Xor", "internal sealed class Net"));
        File.WriteAllText(Path.Combine(_folder, "Consumer.csproj"), Project);
        File.WriteAllText(Path.Combine(_folder, "nuget.config"), Feed);
        string output = await Dotnet(_folder, "run", "-c", "Release", "-v", "quiet");
        ILookup<string, float[]> lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' '))
            .ToLookup(l => l[0], l => l[1..].Select(v => float.Parse(v, CultureInfo.InvariantCulture)).ToArray());

        float[] at = [-2f, 0.25f, 3f];
        IEnumerable<float> snake = at.Select(x => x + (MathF.Pow(MathF.Sin(2f * x), 2f) / 2f)).Concat(at.Select(x => 1f + MathF.Sin(4f * x)));
        Assert.Equal(snake, Assert.Single(lines["snake"]), (a, b) => MathF.Abs(a - b) < 1e-4f);
        float[] xor = [.. lines["xor"].SelectMany(v => v)];
        Assert.InRange(xor[0], 0.4f, 1.2f);
        Assert.True(xor[1] < 0.05f, output);
        float[] losses = [.. lines["pretrain"].SelectMany(v => v)];
        Assert.InRange(losses[0], 3.9f, 4.6f); // ln 65 = 4.17
        Assert.True(losses[1] < losses[0] - 0.5f, output);
    }

    private static string Types(string sample, string first)
    {
        string text = File.ReadAllText(Path.Combine(Fixture.RepositoryRoot, "samples", sample, "Program.cs"));
        return text[text.IndexOf(first, StringComparison.Ordinal)..];
    }

    private static void AssertContents(string package, string[] dependencies, string[] files)
    {
        Assert.True(new FileInfo(package).Length < Most, $"{package} has {new FileInfo(package).Length} bytes, more than {Most}");
        using ZipArchive zip = ZipFile.OpenRead(package);
        string[] packed = [.. zip.Entries.Select(e => e.FullName).Where(n => n.Contains('/') && !n.StartsWith("_rels/", StringComparison.Ordinal) && !n.StartsWith("package/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(files, packed);
        Assert.All(zip.Entries.Where(e => e.FullName.EndsWith(".xml", StringComparison.Ordinal) && e.FullName.StartsWith("lib/", StringComparison.Ordinal)), documentation =>
        {
            using Stream stream = documentation.Open();
            Assert.NotEmpty(XDocument.Load(stream).Descendants("member"));
        });
        using Stream nuspec = zip.Entries.Single(e => e.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        XElement[] metadata = [.. XDocument.Load(nuspec).Descendants()];
        Assert.Equal(dependencies, metadata.Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value));
        Assert.Equal("MIT", metadata.Single(e => e.Name.LocalName == "license").Value);
        Assert.NotNull(zip.GetEntry(metadata.Single(e => e.Name.LocalName == "readme").Value));
    }

    /// <summary>Runs the SDK's command as a shell would: without what the test's own build has left in the environment.</summary>
    private async Task<string> Dotnet(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        if (folder == _folder)
        {
            start.Environment["NUGET_PACKAGES"] = Path.Combine(_folder, "packages");
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{output}\n{await error}");
        return output;
    }
}
