using System.Runtime.InteropServices;

namespace Engine.Benchmarks;

/// <summary>OpenBLAS, as Debian installs it, behind the same call.</summary>
internal static unsafe partial class GemmPeer
{
    private const string Library = "libopenblas.so.0";
    private static readonly string[] s_avx512 = ["SkylakeX", "Cooperlake", "SapphireRapids"];

    private const string CoreType = "OPENBLAS_CORETYPE";
    private const int RowMajor = 101;
    private const int NoTranspose = 111;
    private const int Transpose = 112;

    /// <summary>C = op(A)·op(B); A is (M,K) or, transposed, (K,M); all row-major without gaps.</summary>
    public static void Multiply(bool ta, bool tb, int M, int N, int K, float* a, float* b, float* c) =>
        Sgemm(RowMajor, ta ? Transpose : NoTranspose, tb ? Transpose : NoTranspose, M, N, K, 1f, a, ta ? M : K, b, tb ? K : N, 0f, c, N);

    [LibraryImport(Library, EntryPoint = "openblas_set_num_threads")]
    public static partial void SetThreads(int threads);

    [LibraryImport(Library, EntryPoint = "openblas_get_config")]
    private static partial nint Config();

    /// <summary>Version and kernel in use.</summary>
    public static string Describe() => Marshal.PtrToStringUTF8(Config()) ?? "OpenBLAS";

    /// <summary>
    /// Refuses a peer that is missing or below its best: OpenBLAS picks kernels by processor model and takes AVX-512 processors that are
    /// newer than itself for AVX2 ones, at half the speed, unless told otherwise before it is loaded. So it is told otherwise here, which
    /// is to be called first; what else the machine's environment may say to it, sizes of caches for one, is dropped.
    /// </summary>
    /// <exception cref="RivalUnavailableException">
    /// It is not installed, or runs other than AVX-512 kernels on a processor that has AVX-512.
    /// </exception>
    public static void RequireBestKernels()
    {
        bool wide = SimdLevels.Best == SimdLevel.Avx512;
        string config;
        try
        {
            if (OperatingSystem.IsLinux())
            {
                SetEnvironment(wide);
            }

            config = Describe();
        }
        catch (DllNotFoundException)
        {
            throw new RivalUnavailableException($"{Library} is not installed: run benchmarks/peers/install.sh.");
        }

        if (wide && !s_avx512.Any(core => config.Contains(core, StringComparison.OrdinalIgnoreCase)))
        {
            throw new RivalUnavailableException($"OpenBLAS does not use AVX-512 here ({config}): it needs a version that has kernels for it.");
        }
    }

    /// <summary>Processor time of the calling thread.</summary>
    public static double ThreadMicroseconds()
    {
        const int ThreadCpuTime = 3;
        long* time = stackalloc long[2];
        _ = ClockGetTime(ThreadCpuTime, time);
        return (time[0] * 1e6) + (time[1] * 1e-3);
    }

    // .NET's own environment is a copy that native code does not see.
    private static void SetEnvironment(bool wide)
    {
        string? type = Environment.GetEnvironmentVariable(CoreType);
        foreach (string name in Environment.GetEnvironmentVariables().Keys.OfType<string>().Where(n => n.StartsWith("OPENBLAS_", StringComparison.Ordinal)))
        {
            _ = UnsetVariable(name);
        }

        if (wide)
        {
            _ = SetVariable(CoreType, s_avx512.Contains(type) ? type! : s_avx512[0], 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnsetVariable(string name);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, long* time);

    [LibraryImport(Library, EntryPoint = "cblas_sgemm")]
    private static partial void Sgemm(
        int order, int transA, int transB, int M, int N, int K, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc);
}
