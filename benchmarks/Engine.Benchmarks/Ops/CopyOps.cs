using Engine.KernelLanguage;

namespace Engine.Benchmarks;

/// <summary>Views and copies. The loops copy where the engine only looks at the same memory in another way.</summary>
public class CopyOps : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int N = sizes.Of(2048, 7);
        int C = sizes.Of(1024, 78);
        int H = sizes.Of(16, 3);
        OpInput x = new([N, C]);
        string shape = $"{N}×{C}";
        return
        [
            new OpBench($"Use {shape}", [x], t => t[0].Scope!.Use(t[0]), m => () => Same(m)),
            new OpBench($"Reshape {shape}", [x], t => t[0].Reshape(-1), m => () => Same(m)),
            new OpBench($"Slice half of {shape}", [x], t => t[0].Slice(1, 0, C / 2), m => () => Half(m, N, C)),
            new OpBench($"Expand {N}×1 to {shape}", [new([N, 1])], t => t[0].Expand([N, C]), m => () => Stretched(m, N, C)),
            new OpBench($"Permute {N}×{H}×{C / H}", [new([N, H, C / H])], t => t[0].Permute(1, 0, 2), m => () => Permuted(m, N, H, C / H)),
            new OpBench($"Contiguous transposed {shape}", [x], t => t[0].Transpose(0, 1).Contiguous(), m => () => Transposed(m, N, C)),
            new OpBench($"Cat two of {shape}", [x, x], t => Tensor.Cat(1, t[0], t[1]), m => () => Joined(m, N, C)),
        ];
    }

    private static void Same(OpArguments m)
    {
        View<float> x = m.X(0);
        for (long i = 0; i < x.Length; i++)
        {
            m.Y[i] = x[i];
        }

        for (long i = 0; i < x.Length; i++)
        {
            m.DX[0][i] = m.DY[i];
        }
    }

    private static void Half(OpArguments m, int N, int C)
    {
        View<float> x = m.X(0);
        for (long row = 0; row < N; row++)
        {
            for (long c = 0; c < C; c++)
            {
                bool inside = c < C / 2;
                m.DX[0][(row * C) + c] = inside ? m.DY[(row * (C / 2)) + c] : 0f;
                if (inside)
                {
                    m.Y[(row * (C / 2)) + c] = x[(row * C) + c];
                }
            }
        }
    }

    private static void Stretched(OpArguments m, int N, int C)
    {
        View<float> x = m.X(0);
        for (long row = 0; row < N; row++)
        {
            float sum = 0f;
            for (long i = row * C; i < (row + 1) * C; i++)
            {
                m.Y[i] = x[row];
                sum += m.DY[i];
            }

            m.DX[0][row] = sum;
        }
    }

    private static void Permuted(OpArguments m, int N, int H, int D)
    {
        View<float> x = m.X(0);
        for (long h = 0; h < H; h++)
        {
            for (long n = 0; n < N; n++)
            {
                for (long d = 0; d < D; d++)
                {
                    m.Y[(((h * N) + n) * D) + d] = x[(((n * H) + h) * D) + d];
                    m.DX[0][(((n * H) + h) * D) + d] = m.DY[(((h * N) + n) * D) + d];
                }
            }
        }
    }

    private static void Transposed(OpArguments m, int N, int C)
    {
        Loops.Transpose(m.X(0), m.Y, N, C);
        Loops.Transpose(m.DY, m.DX[0], C, N);
    }

    private static void Joined(OpArguments m, int N, int C)
    {
        for (int part = 0; part < 2; part++)
        {
            View<float> x = m.X(part);
            for (long row = 0; row < N; row++)
            {
                for (long c = 0; c < C; c++)
                {
                    m.Y[(((row * 2) + part) * C) + c] = x[(row * C) + c];
                    m.DX[part][(row * C) + c] = m.DY[(((row * 2) + part) * C) + c];
                }
            }
        }
    }
}
