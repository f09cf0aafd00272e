using System.Collections.Concurrent;
using Engine.KernelLanguage;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Cuda;

/// <summary>
/// Every kernel is compiled and assembled by a real NVRTC, which needs no GPU. What stays untested without one is loading and
/// launching.
/// </summary>
public sealed class NvrtcTests(ITestOutputHelper output)
{
    // An A100 and an H100.
    [Theory]
    [InlineData("sm_80")]
    [InlineData("sm_90")]
    public void Every_kernel_compiles_to_machine_code(string architecture)
    {
        Nvrtc nvrtc = Installed.Nvrtc();
        string[] names = [.. KernelInstances.Representatives];
        ConcurrentBag<string> failures = [];
        long bytes = 0;
        Parallel.ForEach(names, name =>
        {
            KernelSource source = KernelInstances.Named(name).Source!;
            string text = ProgramText.Compose(Dialect.Cuda, source, source.Lanes > 0 ? source.Lanes : CudaPrograms.PreferredLanes, default);
            CompilerResult result = nvrtc.Compile(text, name, architecture);
            Interlocked.Add(ref bytes, result.Image.Length);
            if (result.Image.Length == 0 || result.Log.Length > 0)
            {
                failures.Add($"{name}: {result.Log}");
            }
        });
        output.WriteLine($"{names.Length} programs for {architecture}, {Bytes.Format(bytes)}");
        Assert.Empty(failures);
    }

    // The prelude as a whole, whatever the kernels use of it: every function, and blocks whose last warp is partial or the only one.
    [Theory]
    [InlineData("sm_80", 256)]
    [InlineData("sm_90", 256)]
    [InlineData("sm_80", 1)]
    [InlineData("sm_80", 33)]
    [InlineData("sm_80", 1024)]
    [InlineData("sm_52", 31)]
    [InlineData("compute_80", 32)]
    public void The_prelude_compiles_for_every_block_size(string architecture, int lanes)
    {
        KernelSource source = new("Everything", "Everything.cs", lanes, [], [new DeviceDeclaration("Everything", Everything)], []);
        CompilerResult result = Installed.Nvrtc().Compile(ProgramText.Compose(Dialect.Cuda, source, lanes, default), "Everything.cu", architecture);
        Assert.Equal(string.Empty, result.Log);
        Assert.NotEmpty(result.Image);
    }

    private const string Everything = """
        extern "C" __global__ void __launch_bounds__(LANES) Everything(
            float* x, i64* y, Layout l, f16* h, bf16* b, i8* i, u8* j, i16* k, u16* m, u64* w, i64 n, uint* u)
        {
            ENG_SCRATCH(s);
            float v = eng_block_sum(s, x[eng_lane()]) + eng_block_max(s, x[3]) + eng_block_sum_below(s, x[5]);
            int least = eng_min_i32(eng_block_min(s, (int)y[eng_lane()]), eng_max_i32(1, eng_abs_i32((int)n)));
            eng_barrier();
            for (i64 at = eng_start(); at < eng_end(n); at += LANES)
            {
                x[eng_layout_at(l, at)] = v + least + eng_f16_to_f32(h[at]) + eng_bf16_to_f32(b[at]) + eng_philox_uniform(1, 2, at);
                h[at] = eng_f32_to_f16(eng_max(v, eng_min(v, ENG_INFINITY)));
                b[at] = eng_f32_to_bf16(ENG_NAN);
                y[at] = eng_f32_to_i64(v) + eng_f32_to_i32(v) + eng_min_i64(n, eng_max_i64(at, eng_block()));
                w[at] = eng_f32_to_u64(v) + eng_f32_to_u32(v) + eng_philox_at(1, 2, at).Y;
                u[at] = eng_philox_word(1, 2, at) + eng_bits(v) + eng_isfinite(v) + eng_isinf(v) + eng_isnan(eng_from_bits(u[at]));
                i[at] = (i8)j[at];
                k[at] = (i16)m[at];
            }
        }
        """;
}
