using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>What happens to finished sums z while they are in the first-level cache: z is stored and C = f(z), in C's type.</summary>
internal static unsafe class GemmEpilogue<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>c = f(z) and, if given, pre = z for some rows; z may be c itself.</summary>
    public static void Run<TC>(Activation activation, float* z, long stepZ, TC* c, TC* pre, long step, long rows, int columns)
        where TC : unmanaged
    {
        switch (activation)
        {
            case Activation.Gelu:
                Rows<VectorFunctions<S, V>.Gelu, TC>(z, stepZ, c, pre, step, rows, columns);
                break;
            case Activation.GeluTanh:
                Rows<VectorFunctions<S, V>.GeluTanh, TC>(z, stepZ, c, pre, step, rows, columns);
                break;
            default:
                Rows<Nothing, TC>(z, stepZ, c, pre, step, rows, columns);
                break;
        }
    }

    private static void Rows<F, TC>(float* z, long stepZ, TC* c, TC* pre, long step, long rows, int columns)
        where F : struct, IVectorFunction<V>
        where TC : unmanaged
    {
        for (long i = 0; i < rows; i++, z += stepZ, c += step)
        {
            int j = 0;
            for (; j + S.Width <= columns; j += S.Width)
            {
                V x = S.Load(z + j);
                if (pre != null)
                {
                    Stored<S, V>.Store(pre + j, x);
                }

                Stored<S, V>.Store(c + j, F.Value(x, S.Zero));
            }

            if (j < columns)
            {
                V x = S.Load(z + j, columns - j);
                if (pre != null)
                {
                    Stored<S, V>.Store(pre + j, x, columns - j);
                }

                Stored<S, V>.Store(c + j, F.Value(x, S.Zero), columns - j);
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
