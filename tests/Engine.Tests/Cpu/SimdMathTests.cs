using System.Runtime.Intrinsics;
using Engine.KernelLanguage;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Cpu;

/// <summary>The vector functions against the scalar ones, over all of float32 and at every width.</summary>
public sealed class SimdMathTests
{
    private static readonly float[] Special =
    [
        0f, -0f, float.Epsilon, -float.Epsilon, 1e-40f, -1e-40f, 1.17549435e-38f, float.MaxValue, float.MinValue,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN, 88.72283f, 88.72284f, 89f, -87.33654f, -87.33655f, -104f,
        0.3f, 0.30000001f, 0.92f, 0.92000004f, 4f, 4.1f, 1f, -1f, 100f, -100f,
    ];

    // Any bit pattern, half of them in the range where the functions are not constant.
    private static readonly Arbitrary<float> Floats = Gen.OneOf(
        Gen.Choose(int.MinValue, int.MaxValue).Select(BitConverter.Int32BitsToSingle),
        Gen.Choose(-110_000_000, 110_000_000).Select(i => i * 1e-6f),
        Gen.Elements(Special)).ToArbitrary();

    [Fact]
    public void Exp_is_within_2_units_in_the_last_place() => Holds(
        x => Math.Exp(x), 2, least: 1.1754944e-38, SimdMath<Simd128, Vector128<float>>.Exp, SimdMath<Simd256, Vector256<float>>.Exp, SimdMath<Simd512, Vector512<float>>.Exp);

    // Its callers give it nothing above 88.
    [Fact]
    public void Exp_of_small_arguments_is_within_2_units_in_the_last_place() => Holds(
        x => Math.Exp(Math.Min(x, 88f)), 2, least: 1.1754944e-38, x => SimdMath<Simd128, Vector128<float>>.ExpBelow88(Vector128.Min(x, Vector128.Create(88f))),
        x => SimdMath<Simd256, Vector256<float>>.ExpBelow88(Vector256.Min(x, Vector256.Create(88f))), x => SimdMath<Simd512, Vector512<float>>.ExpBelow88(Vector512.Min(x, Vector512.Create(88f))));

    [Fact]
    public void Exp2_up_to_127_is_within_3_units_in_the_last_place() => Holds(
        x => Math.Pow(2, Math.Min(x, 127f)), 3, least: 1.1754944e-38, x => SimdMath<Simd128, Vector128<float>>.Exp2(Vector128.Min(x, Vector128.Create(127f))),
        x => SimdMath<Simd256, Vector256<float>>.Exp2(Vector256.Min(x, Vector256.Create(127f))), x => SimdMath<Simd512, Vector512<float>>.Exp2(Vector512.Min(x, Vector512.Create(127f))));

    [Theory]
    [InlineData(127f)]
    [InlineData(127.000008f)]
    [InlineData(127.764084f)]
    [InlineData(127.999992f)]
    [InlineData(128f)]
    [InlineData(1e30f)]
    [InlineData(float.PositiveInfinity)]
    public void Exp2_from_127_on_is_the_power_of_2_or_infinite(float t)
    {
        float[] results =
        [
            SimdMath<Simd128, Vector128<float>>.Exp2(Vector128.Create(t))[0],
            SimdMath<Simd256, Vector256<float>>.Exp2(Vector256.Create(t))[5],
            SimdMath<Simd512, Vector512<float>>.Exp2(Vector512.Create(t))[11],
        ];
        Assert.All(results, y => Assert.True(float.IsPositiveInfinity(y) || Math.Abs((y / Math.Pow(2, t)) - 1) < 4e-7, $"2^{t:R} is not {y:R}."));
    }

    [Fact]
    public void Phi_is_within_1_unit_in_the_last_place_of_1() => Holds(
        Normal, 0, least: 0, SimdMath<Simd128, Vector128<float>>.Phi, SimdMath<Simd256, Vector256<float>>.Phi, SimdMath<Simd512, Vector512<float>>.Phi, absolute: 1.2e-7);

    [Fact]
    public void Tanh_is_within_4_units_in_the_last_place() => Holds(
        x => Math.Tanh(x), 4, least: 0, SimdMath<Simd128, Vector128<float>>.Tanh, SimdMath<Simd256, Vector256<float>>.Tanh, SimdMath<Simd512, Vector512<float>>.Tanh);

    [Fact]
    public void Erf_is_within_3_units_in_the_last_place() => Holds(
        x => KMath.Erf(x), 3, least: 0, SimdMath<Simd128, Vector128<float>>.Erf, SimdMath<Simd256, Vector256<float>>.Erf, SimdMath<Simd512, Vector512<float>>.Erf);

    // ½ + φ(x)·(x + x³/3 + x⁵/15 + …), whose terms are positive for x > 0; beyond 6 the rest is far below the last place of 1.
    private static double Normal(float x)
    {
        if (float.IsNaN(x) || Math.Abs(x) > 6)
        {
            return float.IsNaN(x) ? double.NaN : x > 0 ? 1 : 0;
        }

        double term = x;
        double sum = x;
        for (int n = 3; Math.Abs(term) > 1e-18; n += 2)
        {
            term *= (double)x * x / n;
            sum += term;
        }

        return 0.5 + (Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI) * sum);
    }

    // Results below `least` may be flushed to zero; `absolute` comes on top.
    private static void Holds(
        Func<float, double> exact,
        int units,
        double least,
        Func<Vector128<float>, Vector128<float>> narrow,
        Func<Vector256<float>, Vector256<float>> middle,
        Func<Vector512<float>, Vector512<float>> wide,
        double absolute = 0)
    {
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(20_000), Prop.ForAll(Floats, x =>
        {
            double e = exact(x);
            return Near(e, narrow(Vector128.Create(x))[0]) && Near(e, middle(Vector256.Create(x))[5]) && Near(e, wide(Vector512.Create(x))[11]);
        }));

        bool Near(double e, float y)
        {
            if (double.IsNaN(e) || double.IsInfinity((float)e))
            {
                return y.Equals((float)e);
            }

            float rounded = (float)e;
            double unit = Math.Max(MathF.BitIncrement(MathF.Abs(rounded)) - (double)MathF.Abs(rounded), float.Epsilon);
            return Math.Abs(y - e) <= (units * unit) + (Math.Abs(e) < least ? least : 0) + absolute && (rounded != 0f || float.IsNegative(y) == double.IsNegative(e));
        }
    }
}
