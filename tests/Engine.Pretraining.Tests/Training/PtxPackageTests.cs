using System.Collections.Concurrent;
using Engine.KernelLanguage;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Training;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Training;

/// <summary>
/// Makes the archive of PTX that a package carries, from what <c>engine pretrain</c> launches in every precision and the catalog of
/// kernels, and trains from it alone. With ENGINE_PTX=FILE it stays there: that is how tools/pack.sh gets it.
/// </summary>
public sealed class PtxPackageTests(ITestOutputHelper output) : IDisposable
{
    private const long MostBytes = 1 << 20;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_package_trains_without_Nvrtc()
    {
        if (Nvrtc.Find(out string reason) is not { } nvrtc)
        {
            Requirement.Missing("nvrtc", reason);
            return;
        }

        Texts texts = new();
        foreach (string precision in Precisions.Names)
        {
            Train("texts", precision, texts, null);
        }

        foreach (KernelDescriptor kernel in KernelCatalog.All)
        {
            int lanes = LaunchChecks.Lanes(kernel, "cuda", CudaPrograms.PreferredLanes, 1024);
            texts.All.TryAdd(ProgramText.Compose(Dialect.Cuda, kernel.Source!, lanes, default), 0);
        }

        ConcurrentBag<(string, byte[])> programs = [];
        Parallel.ForEach(texts.All.Keys, text => programs.Add((text, nvrtc.Compile(text, "program.cu", $"compute_{PtxArchive.Capability}").Image)));
        Assert.All(programs, program => Assert.NotEmpty(program.Item2));
        string path = Environment.GetEnvironmentVariable("ENGINE_PTX") is { Length: > 0 } asked ? asked : _folder.File("programs.ptx.br");
        using (FileStream file = File.Create(path))
        {
            PtxArchive.Write(file, programs);
            output.WriteLine($"{programs.Count} programs, {Bytes.Format(programs.Sum(p => (long)p.Item2.Length))}, compressed {Bytes.Format(file.Length)}");
            Assert.InRange(file.Length, 1, MostBytes);
        }

        using FileStream archive = File.OpenRead(path);
        PtxArchive ptx = PtxArchive.Read(archive);
        foreach (string precision in Precisions.Names)
        {
            Train("ptx", precision, null, ptx);
        }
    }

    // On a GPU that computes nothing: only what is launched matters, and zeros are finite losses.
    private void Train(string name, string precision, ICudaCompiler? compiler, PtxArchive? ptx)
    {
        FakeGpu gpu = new() { Fresh = 0 };
        using CudaDevice device = new(FakeGpu.Driver, compiler, "there is no NVRTC", null, ptx: ptx);
        PretrainConfig config = TinyRun.Config with { MaxSteps = 2, WarmupSteps = 1, EvalBatches = 1, CheckpointEvery = 0, SampleTokens = 3, Precision = precision };
        PretrainRun.StartOn(device, string.Empty, config, _folder.File($"{name}-{precision}"), new RecordingObserver());
        Assert.NotEmpty(gpu.Launches);
    }

    // Notes every program and lets it do nothing.
    private sealed class Texts : ICudaCompiler
    {
        private readonly FakeCompiler _fake = new();

        public ConcurrentDictionary<string, byte> All { get; } = new();

        public string Name => _fake.Name;

        public IReadOnlyList<int> Architectures => _fake.Architectures;

        public CompilerResult Compile(string text, string file, string architecture)
        {
            All.TryAdd(text, 0);
            return _fake.Compile(text, file, architecture);
        }
    }
}
