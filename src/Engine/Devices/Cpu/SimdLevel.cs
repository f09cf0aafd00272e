using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine;

/// <summary>The vector width that the CPU's SIMD overrides use.</summary>
public enum SimdLevel
{
    /// <summary>No overrides: every kernel runs its own C# body.</summary>
    None,

    /// <summary>128-bit vectors: SSE, NEON.</summary>
    Vector128,

    /// <summary>256-bit vectors with fused multiply-add: AVX2.</summary>
    Avx2,

    /// <summary>512-bit vectors: AVX-512.</summary>
    Avx512,
}

/// <summary>Which levels this machine has.</summary>
public static class SimdLevels
{
    /// <summary>The widest level the machine has.</summary>
    public static SimdLevel Best =>
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? SimdLevel.Avx512
        : Vector256.IsHardwareAccelerated && Fma.IsSupported ? SimdLevel.Avx2
        : Vector128.IsHardwareAccelerated ? SimdLevel.Vector128
        : SimdLevel.None;

    /// <summary>Every level the machine can run, narrowest first.</summary>
    public static IEnumerable<SimdLevel> Available => Enum.GetValues<SimdLevel>().Where(level => level <= Best);

    /// <summary>The level's usual name.</summary>
    public static string Name(this SimdLevel level) => level switch
    {
        SimdLevel.Avx512 => "AVX-512",
        SimdLevel.Avx2 => "AVX2",
        SimdLevel.Vector128 => "128-bit",
        _ => "scalar",
    };
}
