using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.KernelLanguage.Tests;

public sealed class KMathTests
{
    /// <summary>A function, its float64 reference, the range to sample and the units in the last place it may err.</summary>
    private sealed record Row(Func<float, float> Function, Func<double, double> Reference, float Low, float High, double Ulps);

    private static readonly Dictionary<string, Row> Table = new()
    {
        [nameof(KMath.Exp)] = new(KMath.Exp, Math.Exp, -87, 88, 1),
        [nameof(KMath.Log)] = new(KMath.Log, Math.Log, 1e-30f, 1e30f, 1),
        [nameof(KMath.Log1p)] = new(KMath.Log1p, Log1p, -0.999f, 1e6f, 3),
        [nameof(KMath.Log1p) + " near 0"] = new(KMath.Log1p, Log1p, -1e-3f, 1e-3f, 3),
        [nameof(KMath.Expm1)] = new(KMath.Expm1, Expm1, -10, 80, 3),
        [nameof(KMath.Expm1) + " near 0"] = new(KMath.Expm1, Expm1, -1e-3f, 1e-3f, 3),
        [nameof(KMath.Sqrt)] = new(KMath.Sqrt, Math.Sqrt, 0, 1e30f, 0.5),
        [nameof(KMath.Rsqrt)] = new(KMath.Rsqrt, x => 1 / Math.Sqrt(x), 1e-30f, 1e30f, 1.5),
        [nameof(KMath.Tanh)] = new(KMath.Tanh, Math.Tanh, -10, 10, 2),
        [nameof(KMath.Sin)] = new(KMath.Sin, Math.Sin, -1000, 1000, 1),
        [nameof(KMath.Cos)] = new(KMath.Cos, Math.Cos, -1000, 1000, 1),
        [nameof(KMath.Abs)] = new(KMath.Abs, Math.Abs, -1e30f, 1e30f, 0),
        [nameof(KMath.Erf)] = new(KMath.Erf, ErfOf, -4, 4, 1),
        [nameof(KMath.Erf) + " near 0"] = new(KMath.Erf, ErfOf, -1e-2f, 1e-2f, 1),
        [nameof(KMath.Fma)] = new(x => KMath.Fma(x, x, -1f), x => (x * x) - 1.0, -1000, 1000, 0.5),
        [nameof(KMath.Pow)] = new(x => KMath.Pow(x, 1.7f), x => Math.Pow(x, 1.7f), 0, 1e6f, 1),
        [nameof(KMath.Pow) + " of negatives"] = new(x => KMath.Pow(x, 3f), x => Math.Pow(x, 3), -1e6f, 1e6f, 1),
        [nameof(KMath.Max)] = new(x => KMath.Max(x, 1f), x => Math.Max(x, 1), -2, 2, 0),
        [nameof(KMath.Min)] = new(x => KMath.Min(x, 1f), x => Math.Min(x, 1), -2, 2, 0),
    };

    public static TheoryData<string> Rows => [.. Table.Keys];

    public static TheoryData<string> Functions => [.. Intrinsics.Select(m => m.Name)];

    private static MethodInfo[] Intrinsics =>
        typeof(KMath).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly);

    [Theory]
    [MemberData(nameof(Rows))]
    public void Function_agrees_with_float64(string name)
    {
        Row row = Table[name];
        const int Samples = 20_000;
        for (uint i = 0; i <= Samples; i++)
        {
            // Evenly spread and, for half of them, crowded towards the middle of the range, where most curvature is.
            double u = i < Samples ? Philox.Uniform(3, 0, i) : 1.0;
            double t = (2 * u) - 1;
            double half = ((double)row.High - row.Low) / 2;
            float x = (float)(row.Low + half + (half * (i % 2 == 0 ? t : t * t * t)));
            AssertWithin(row, x, name);
        }

        AssertWithin(row, row.Low, name);
        AssertWithin(row, row.High, name);
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Function_has_a_row_here_and_a_spelling_on_every_device(string name)
    {
        MethodInfo method = typeof(KMath).GetMethod(name)!;
        IntrinsicAttribute? intrinsic = method.GetCustomAttribute<IntrinsicAttribute>();
        Assert.NotNull(intrinsic);
        Assert.Matches("^[a-z_][a-z0-9_]*$", intrinsic.Cuda);
        Assert.Matches("^[a-z_][a-z0-9_]*$", intrinsic.OpenCl);
        Assert.NotNull(method.GetMethodBody());
        Assert.Contains(Table.Keys, key => key.Split(' ')[0] == name);
    }

    [Fact]
    public void Spellings_are_distinct_and_intrinsics_are_declared_in_few_places()
    {
        Assert.Distinct(Intrinsics.Select(m => m.GetCustomAttribute<IntrinsicAttribute>()!.Cuda));
        Assert.Distinct(Intrinsics.Select(m => m.GetCustomAttribute<IntrinsicAttribute>()!.OpenCl));
        Assert.Empty(typeof(KMath).Assembly.GetTypes().Where(t => t != typeof(KMath) && t != typeof(Block) && t != typeof(Layout) && t != typeof(Philox) && t != typeof(Fragment) && t != typeof(AsyncCopy))
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(m => m.GetCustomAttribute<IntrinsicAttribute>() is not null).Select(m => m.Name));
    }

    [Theory]
    [InlineData(nameof(KMath.Exp), float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(nameof(KMath.Exp), float.NegativeInfinity, 0f)]
    [InlineData(nameof(KMath.Exp), 89f, float.PositiveInfinity)]
    [InlineData(nameof(KMath.Exp), -104f, 0f)]
    [InlineData(nameof(KMath.Log), 0f, float.NegativeInfinity)]
    [InlineData(nameof(KMath.Log), -1f, float.NaN)]
    [InlineData(nameof(KMath.Log), float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(nameof(KMath.Log1p), -1f, float.NegativeInfinity)]
    [InlineData(nameof(KMath.Log1p), -2f, float.NaN)]
    [InlineData(nameof(KMath.Log1p), float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(nameof(KMath.Log1p), 1e-20f, 1e-20f)]
    [InlineData(nameof(KMath.Expm1), float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(nameof(KMath.Expm1), float.NegativeInfinity, -1f)]
    [InlineData(nameof(KMath.Expm1), -30f, -1f)]
    [InlineData(nameof(KMath.Expm1), 1e-20f, 1e-20f)]
    [InlineData(nameof(KMath.Sqrt), -1f, float.NaN)]
    [InlineData(nameof(KMath.Sqrt), float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(nameof(KMath.Rsqrt), 0f, float.PositiveInfinity)]
    [InlineData(nameof(KMath.Rsqrt), float.PositiveInfinity, 0f)]
    [InlineData(nameof(KMath.Tanh), float.PositiveInfinity, 1f)]
    [InlineData(nameof(KMath.Tanh), float.NegativeInfinity, -1f)]
    [InlineData(nameof(KMath.Sin), float.PositiveInfinity, float.NaN)]
    [InlineData(nameof(KMath.Cos), float.PositiveInfinity, float.NaN)]
    [InlineData(nameof(KMath.Abs), float.NegativeInfinity, float.PositiveInfinity)]
    [InlineData(nameof(KMath.Erf), float.PositiveInfinity, 1f)]
    [InlineData(nameof(KMath.Erf), float.NegativeInfinity, -1f)]
    [InlineData(nameof(KMath.Erf), 0f, 0f)]
    [InlineData(nameof(KMath.Max), float.NegativeInfinity, 1f)]
    [InlineData(nameof(KMath.Min), float.PositiveInfinity, 1f)]
    public void Ends_of_the_range_are_as_in_IEEE_754(string name, float x, float expected) =>
        Assert.Equal(expected, Table[name].Function(x));

    [Fact]
    public void NaN_goes_through_every_function() =>
        Assert.All(Table.Values, row => Assert.True(float.IsNaN(row.Function(float.NaN))));

    [Fact]
    public void Max_and_Min_propagate_NaN_from_either_side_and_order_zeros()
    {
        Assert.True(float.IsNaN(KMath.Max(1f, float.NaN)) && float.IsNaN(KMath.Max(float.NaN, 1f)));
        Assert.True(float.IsNaN(KMath.Min(1f, float.NaN)) && float.IsNaN(KMath.Min(float.NaN, 1f)));
        Prop.ForAll<float, float>((a, b) =>
            float.IsNaN(a) || float.IsNaN(b)
            || (KMath.Max(a, b) == (a > b ? a : b) && KMath.Min(a, b) == (a < b ? a : b)))
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Fma_rounds_once()
    {
        // (1 + 2⁻¹²)² − (1 + 2⁻¹¹) = 2⁻²⁴ exactly; rounding the square first loses it.
        const float E = 1f / 4096f;
        Assert.Equal(E * E, KMath.Fma(1f + E, 1f + E, -(1f + (2f * E))));
    }

    private static void AssertWithin(Row row, float x, string name)
    {
        double expected = row.Reference(x);
        float actual = row.Function(x);
        double ulp = Math.Abs((double)MathF.BitIncrement(Math.Abs((float)expected)) - Math.Abs((float)expected));

        // Half a unit is the rounding of the result itself: the reference's own error (2⁻⁵³) may tip it at a tie.
        double slack = row.Ulps == 0 ? 0 : 1e-6;
        Assert.True(
            Math.Abs(actual - expected) <= (row.Ulps + slack) * ulp,
            $"{name}({x:R}) = {actual:R}, expected {expected:R}: {Math.Abs(actual - expected) / ulp:F2} ulp, allowed {row.Ulps}");
    }

    // log(1 + x) by the inverse hyperbolic tangent's series near 0, where 1 + x itself loses digits in float64.
    private static double Log1p(double x)
    {
        if (Math.Abs(x) > 0.1)
        {
            return Math.Log(1 + x);
        }

        double t = x / (2 + x);
        double power = t;
        double sum = 0;
        for (int n = 1; n < 40; n += 2)
        {
            sum += power / n;
            power *= t * t;
        }

        return 2 * sum;
    }

    // eˣ − 1 by its own series near 0.
    private static double Expm1(double x)
    {
        if (Math.Abs(x) > 0.5)
        {
            return Math.Exp(x) - 1;
        }

        double term = x;
        double sum = 0;
        for (int n = 2; n < 30; n++)
        {
            sum += term;
            term *= x / n;
        }

        return sum;
    }

    // The alternating Maclaurin series of erf with 28 decimal digits: at |x| = 4 its largest term is about 10⁶, so that 20
    // digits are left after cancellation. A different formula from the one under test.
    private static double ErfOf(double x)
    {
        const decimal TwoOverRootPi = 1.1283791670955125738961589031m;
        decimal z = (decimal)x;
        if (z == 0)
        {
            return x * (double)TwoOverRootPi;
        }

        decimal power = z;
        decimal sum = z;
        for (int n = 1; n < 200 && power != 0; n++)
        {
            power *= -z * z / n;
            sum += power / ((2 * n) + 1);
        }

        return (double)(TwoOverRootPi * sum);
    }
}
