using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>The kernels over flat ranges in plain loops, as they would be written first.</summary>
internal static partial class Loops
{
    private const float GeluScale = 0.797884561f;

    public static void Run(Map<GeluTanh, float, Float32Element> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            float x = k.x[i];
            k.y[i] = 0.5f * x * (1f + MathF.Tanh(GeluScale * (x + (0.044715f * x * x * x))));
        }
    }

    public static void Run(Map<Exp, float, Float32Element> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = MathF.Exp(k.x[i]);
        }
    }

    public static void Run(Map<Tanh, float, Float32Element> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = MathF.Tanh(k.x[i]);
        }
    }

    public static void Run(Map<Sigmoid, float, Float32Element> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = 1f / (1f + MathF.Exp(-k.x[i]));
        }
    }

    public static void Run(MapBackward<GeluTanh, float, Float32Element> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            float x = k.saved[i];
            float t = MathF.Tanh(GeluScale * (x + (0.044715f * x * x * x)));
            float du = GeluScale * (1f + (3f * 0.044715f * x * x));
            k.dX[i] = k.dY[i] * ((0.5f * (1f + t)) + (0.5f * x * (1f - (t * t)) * du));
        }
    }

    public static void Run(Combine<Sum, float, Float32Element> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = k.u[i] + k.v[i];
        }
    }

    public static void Run(Combine<Product, float, Float32Element> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = k.u[i] * k.v[i];
        }
    }

    public static void Run(CombineBackward<Product, float, Float32Element> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.dU[i] = k.dY[i] * k.v[i];
            k.dV[i] = k.dY[i] * k.u[i];
        }
    }

    public static void Run(Accumulate<float, Float32Element, float, Float32Element> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] += k.x[i];
        }
    }

    public static void Run(Compare<float, Less> k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = k.u[i] < k.v[i] ? 1 : 0;
        }
    }

    public static void Run(MaskedFill k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = k.mask[i] != 0 ? k.value : k.x[i];
        }
    }

    public static void Run(Select k)
    {
        for (long i = 0; i < k.n; i++)
        {
            k.y[i] = k.mask[i] != 0 ? k.u[i] : k.v[i];
        }
    }

    public static void Run(MultiplyAdds k)
    {
        for (long i = 0; i < k.n; i++)
        {
            float v = k.x[i];
            for (int round = 0; round < k.rounds; round++)
            {
                v = (k.a * v) + k.c;
            }

            k.y[i] = v;
        }
    }
}
