using Engine.KernelLanguage;

namespace Engine.KernelCompiler.Tests.Language;

internal interface IUnary : IDeviceFunctions
{
    static abstract float Of(float x);
}

internal readonly partial struct Halve : IUnary
{
    public static float Of(float x) => x * 0.5f;
}

internal readonly partial struct Negate : IUnary
{
    public static float Of(float x) => Arithmetic.Minus(x);
}

internal static class Arithmetic
{
    public const float Offset = 3f;

    public static float One => 1f;

    public static float Minus(float x) => -x;

    // A generic method, called with a table that is known and with one that is the kernel's own type parameter.
    public static float Twice<F>(float x)
        where F : unmanaged, IUnary => F.Of(F.Of(x));

    public static float Both<F, G>(float x)
        where F : unmanaged, IUnary
        where G : unmanaged, IUnary => Twice<F>(x) + Twice<G>(x);

    public static T First<T>(T a, T b)
        where T : unmanaged => a;

    public static float Weigh(float a, float b = 2f, float c = 4f) => a + (10f * b) + (100f * c);
}

/// <summary>y = generic helpers of x.</summary>
[Kernel]
internal readonly partial record struct GenericHelpers<F>(View<float> x, View<float> y, long n) : IKernel
    where F : unmanaged, IUnary
{
    public void Execute(in Block b)
    {
        for (long i = b.Start; i < b.End(n); i += b.Size)
        {
            float both = Arithmetic.Both<F, Halve>(x[i]) + Arithmetic.Twice<Negate>(x[i]);
            y[i] = Arithmetic.First(both, 1f) + Arithmetic.First(3, 4) + Arithmetic.Offset + Arithmetic.One + Halve.Of(x[i])
                + Arithmetic.Weigh(1f, c: x[i]) + Arithmetic.Weigh(b: 1f, a: x[i]);
        }
    }
}

/// <summary>A struct with everything a struct may have.</summary>
internal readonly record struct Complex(float Re, float Im)
{
    public static Complex I => new(0f, 1f);

    public float Norm => (Re * Re) + (Im * Im);

    public Complex Conjugate => new(Re, -Im);

    public static Complex operator +(Complex a, Complex b) => new(a.Re + b.Re, a.Im + b.Im);

    public static Complex operator *(Complex a, Complex b) => new((a.Re * b.Re) - (a.Im * b.Im), (a.Re * b.Im) + (a.Im * b.Re));

    public static Complex operator -(Complex a) => new(-a.Re, -a.Im);

    public static implicit operator Complex(float re) => new(re, 0f);

    public static explicit operator float(Complex a) => a.Re;

    public Complex Scale(float s) => new(Re * s, Im * s);
}

/// <summary>A struct argument with a struct and a truth value inside.</summary>
internal readonly record struct Settings(bool Turn, Complex By, byte Times);

[Kernel]
internal readonly partial record struct Structs(View<float> x, View<float> y, Settings settings, long n) : IKernel
{
    public void Execute(in Block b)
    {
        for (long i = b.Start; i < b.End(n); i += b.Size)
        {
            Complex z = x[i];
            if (settings.Turn)
            {
                z = (z * settings.By) + Complex.I;
            }

            for (int k = 0; k < settings.Times; k++)
            {
                z += -z.Conjugate.Scale(2f);
            }

            Complex none = default;
            y[i] = z.Norm + (float)z + none.Im;
        }
    }
}

[Kernel]
internal readonly partial record struct References(View<float> x, View<float> y, long n) : IKernel
{
    public void Execute(in Block b)
    {
        Span<float> own = stackalloc float[2];
        for (long i = b.Start; i < b.End(n); i += b.Size)
        {
            float a = x[i];
            float c = 2f;
            float low;
            own[1] = a;
            Exchange(ref a, ref c);
            Split(a, out low, out c);
            Both(ref own[1]);
            y[i] = a + (c * 4f) + own[0] + own[1] + low;
        }
    }

    private static void Exchange(ref float a, ref float b)
    {
        float t = a;
        a = b;
        b = t;
        Both(ref a);
    }

    private static void Both(ref float a) => a += 1f;

    private static void Split(float v, out float low, out float high)
    {
        low = v;
        high = v + low;
    }
}

/// <summary>Spans of both kinds through one helper; the block's values in reverse.</summary>
[Kernel(Lanes = 64)]
internal readonly partial record struct Spans(View<float> x, View<float> y, long n) : IKernel
{
    private const int Width = 64;

    public void Execute(in Block b)
    {
        Span<float> tile = b.Shared(stackalloc float[Width]);
        Span<float> own = stackalloc float[4];
        long first = b.Index * Width;
        for (int i = b.Lane; i < Width; i += b.Size)
        {
            tile[i] = first + i < n ? x[first + i] : 0f;
        }

        b.Barrier();
        Ramp(own);
        Span<float> upper = tile.Slice(Width / 2);
        for (int i = b.Lane; i < Width && first + i < n; i += b.Size)
        {
            y[first + i] = tile[Width - 1 - i] + Add(own, 4) + Add(tile, 3) + Add(upper.Slice(1, 2), 2) + Add(own.Slice(2), 1);
        }
    }

    private static float Add(ReadOnlySpan<float> values, int count)
    {
        float s = 0f;
        for (int i = 0; i < count; i++)
        {
            s += values[i];
        }

        return s;
    }

    private static void Ramp(Span<float> values)
    {
        for (int i = 0; i < 4; i++)
        {
            values[i] = i;
        }
    }
}

internal enum Mode : byte
{
    Sum,
    Largest = 255,
}

[Kernel]
internal readonly partial record struct Specialized(
    View<float> x, [Unaliased] View<float> y, [Specialize] int width, [Specialize] bool twice, [Specialize] Mode mode, long n) : IKernel
{
    public void Execute(in Block b)
    {
        Span<float> powers = stackalloc float[width * 2];
        for (long i = b.Start; i < b.End(n); i += b.Size)
        {
            powers[0] = 1f;
            for (int k = 1; k < Block.Unroll(width); k++)
            {
                powers[k] = powers[k - 1] * x[i];
            }

            float s = 0f;
            for (int k = 0; k < Block.Unroll(width * 2); k++)
            {
                s = mode == Mode.Sum ? s + powers[k] : KMath.Max(s, powers[k]);
            }

            y[i] = twice ? 2f * s : s;
        }
    }
}

/// <summary>Lengths, an argument that is not given, and a kernel inside another type.</summary>
internal static partial class Outer
{
    public partial struct Inner
    {
        [Kernel]
        public readonly partial record struct Lengths(View<float> x, View<float> half, View<float> y, View<float> none) : IKernel
        {
            public void Execute(in Block b)
            {
                for (long i = b.Start; i < b.End(y.Length); i += b.Size)
                {
                    View<float> rest = x.From(i);
                    float v = none.Exists ? none[0] : rest[0];
                    y[i] = v + (i < half.Length ? half.Row(0, half.Length)[i] : x.Length);
                }
            }
        }
    }
}

/// <summary>Lanes, collectives and what every lane agrees on.</summary>
[Kernel]
internal readonly partial record struct Collectives(View<float> x, View<float> y, long n) : IKernel
{
    public void Execute(in Block b)
    {
        float s = 0f;
        float m = float.NegativeInfinity;
        int least = int.MaxValue;
        for (long i = b.Start; i < b.End(n); i += b.Size)
        {
            s += x[i];
            m = KMath.Max(m, x[i]);
            least = Math.Min(least, (int)x[i]);
        }

        float copy;
        float total = Total(b, s, out copy);
        float largest = b.Max(m);
        int smallest = b.Min(least);
        if (total > 0f)
        {
            largest += b.Sum(0f);
        }

        for (long i = b.Start; i < b.End(n); i += b.Size)
        {
            y[i] = total + largest + smallest + copy;
        }
    }

    private static float Total(in Block b, float v, out float copy)
    {
        float total = b.Sum(v);
        copy = total;
        return total;
    }
}

/// <summary>Names that mean something else in C.</summary>
[Kernel]
internal readonly partial record struct Names(View<float> kernel, View<float> kernel_base, long kernel_offset, float half, int s_) : IKernel
{
    public void Execute(in Block b)
    {
        for (long global = b.Start; global < b.End(kernel_offset); global += b.Size)
        {
            float @int = kernel[global];
            float größe = @int * half;
            float exp = größe + s_;
            kernel_base[global] = exp;
        }
    }
}
