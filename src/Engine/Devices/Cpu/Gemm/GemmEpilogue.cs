using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>What happens to a finished part of C while it is in the first-level cache: z is stored and C = f(z).</summary>
internal static unsafe class GemmEpilogue<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Applies <paramref name="activation"/> to rows of c and, if given, stores its argument in pre.</summary>
    public static void Run(Activation activation, float* c, float* pre, long step, long rows, int columns)
    {
        switch (activation)
        {
            case Activation.Gelu:
                Rows<VectorFunctions<S, V>.Gelu>(c, pre, step, rows, columns);
                break;
            case Activation.GeluTanh:
                Rows<VectorFunctions<S, V>.GeluTanh>(c, pre, step, rows, columns);
                break;
            default:
                Rows<Nothing>(c, pre, step, rows, columns);
                break;
        }
    }

    private static void Rows<F>(float* c, float* pre, long step, long rows, int columns)
        where F : struct, IVectorFunction<V>
    {
        for (long i = 0; i < rows; i++, c += step)
        {
            int j = 0;
            for (; j + S.Width <= columns; j += S.Width)
            {
                V z = S.Load(c + j);
                if (pre != null)
                {
                    S.Store(pre + j, z);
                }

                S.Store(c + j, F.Value(z, S.Zero));
            }

            if (j < columns)
            {
                V z = S.Load(c + j, columns - j);
                if (pre != null)
                {
                    S.Store(pre + j, z, columns - j);
                }

                S.Store(c + j, F.Value(z, S.Zero), columns - j);
            }

            pre = pre == null ? null : pre + step;
        }
    }

    private readonly struct Nothing : IVectorFunction<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Value(V x, V a) => x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Derivative(V saved, V a) => S.Create(1f);
    }
}
