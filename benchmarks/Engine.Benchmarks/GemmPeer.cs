using System.Runtime.InteropServices;

namespace Engine.Benchmarks;

/// <summary>OpenBLAS, as Debian installs it, behind the same call.</summary>
internal static unsafe partial class GemmPeer
{
    private const string Library = "libopenblas.so.0";
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

    /// <summary>Processor time of the calling thread.</summary>
    public static double ThreadMicroseconds()
    {
        const int ThreadCpuTime = 3;
        long* time = stackalloc long[2];
        _ = ClockGetTime(ThreadCpuTime, time);
        return (time[0] * 1e6) + (time[1] * 1e-3);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, long* time);

    [LibraryImport(Library, EntryPoint = "cblas_sgemm")]
    private static partial void Sgemm(
        int order, int transA, int transB, int M, int N, int K, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc);
}
