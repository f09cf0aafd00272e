using Engine.Testing;
using Xunit;

namespace Engine.Tests.Cuda;

/// <summary>From kernel to image: the cache on disk, targets, and what is said where there is no compiler.</summary>
public sealed class CudaCompilerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("engine-cuda-").FullName;
    private readonly FakeCompiler _compiler = new();

    public CudaCompilerTests() => _ = new FakeGpu();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_second_process_finds_the_program_on_disk()
    {
        Launch(_compiler);
        Launch(_compiler);
        Assert.Single(_compiler.Compiled);
        Assert.StartsWith("Scale ", Assert.Single(new ProgramCache(_folder).List()).Label!, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_architecture_is_another_program()
    {
        Launch(_compiler);
        Launch(new FakeCompiler { Architectures = [70] });
        Assert.Equal(2, new ProgramCache(_folder).List().Count);
    }

    [Fact]
    public void A_damaged_file_is_compiled_again()
    {
        Launch(_compiler);
        string file = Assert.Single(Directory.GetFiles(_folder));
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        Launch(_compiler);
        Launch(_compiler);
        Assert.Equal(2, _compiler.Compiled.Count);
    }

    [Fact]
    public void An_image_that_the_driver_refuses_is_compiled_again()
    {
        FakeCompiler wrong = new() { Image = [1, 2, 3, 0] };
        Assert.Throws<EngineException>(() => Launch(wrong));
        Launch(_compiler);
        Launch(_compiler);
        Assert.Single(_compiler.Compiled);
    }

    [Fact]
    public void A_text_that_does_not_compile_shows_kernel_line_and_log()
    {
        FakeCompiler failing = new() { Error = "Scale.cs(12): error: identifier \"z\" is undefined\n1 error detected." };
        Assert.Equal(
            "Scale (Scale.cs:12): does not compile for CUDA sm_80 with NVRTC 0.0. The compiler's log:\n" +
            "Scale.cs(12): error: identifier \"z\" is undefined\n1 error detected.",
            Assert.Throws<EngineException>(() => Launch(failing)).Message);
    }

    [Fact]
    public void Without_a_compiler_the_launch_says_why()
    {
        using CudaDevice device = new(FakeGpu.Driver, null, "NVRTC is not installed", null);
        using Tensor x = Tensor.Empty(device, [10]);
        Assert.Equal(
            "Scale (TestKernels.cs) cannot be compiled for CUDA: NVRTC is not installed, and it is not among the 0 programs that the package has as PTX. " +
            "Install NVRTC (part of the CUDA toolkit), or use the device opencl, which needs the driver only.",
            Assert.Throws<EngineException>(() => CudaDeviceTests.Launch(device, x, x)).Message);
    }

    [Fact]
    public void A_device_without_a_compiler_is_listed_with_the_reason()
    {
        DeviceEntry entry = Assert.Single(CudaHardware.List(FakeGpu.Driver, null, "NVRTC is not installed"));
        Assert.Equal("cuda:0: Fake GPU, compute capability 8.0, 1.0 GiB, not usable: nothing to compile kernels with: NVRTC is not installed", entry.ToString());
        Assert.Equal(
            "cuda:0: Fake GPU, compute capability 8.0, 1.0 GiB, NVRTC 0.0 for sm_80",
            Assert.Single(CudaHardware.List(FakeGpu.Driver, _compiler, string.Empty)).ToString());
    }

    [Theory]
    [InlineData(80, "sm_80")]
    [InlineData(86, "compute_80")]
    [InlineData(120, "compute_90")]
    [InlineData(75, "sm_75")]
    public void The_target_is_the_devices_architecture_or_the_nearest_below(int capability, string target) =>
        Assert.Equal(target, CudaTarget.For(new FakeCompiler { Architectures = [75, 80, 90] }, capability, "cuda:0"));

    [Fact]
    public void A_compiler_that_is_too_new_is_refused() => Assert.Equal(
        "cuda:0 has compute capability 6.1, but NVRTC 0.0 compiles for 7.5 and above. Install an older CUDA toolkit, or name its library in ENGINE_NVRTC.",
        Assert.Throws<EngineException>(() => CudaTarget.For(new FakeCompiler { Architectures = [75] }, 61, "cuda:0")).Message);

    [Fact]
    public void The_real_compiler_cites_the_CSharp_line()
    {
        CompilerResult result = Installed.Nvrtc().Compile("#line 41 \"Kernel.cs\"\n__global__ void K(float* x) { x[0] = missing; }", "K.cu", "sm_80");
        Assert.Empty(result.Image);
        Assert.Contains("Kernel.cs(41): error: identifier \"missing\" is undefined", result.Log, StringComparison.Ordinal);
    }

    private void Launch(ICudaCompiler compiler)
    {
        using CudaDevice device = new(FakeGpu.Driver, compiler, string.Empty, new ProgramCache(_folder));
        using Tensor x = Tensor.Empty(device, [10]);
        CudaDeviceTests.Launch(device, x, x);
    }
}
