using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

public class NormOps : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int N = sizes.Of(4096, 35);
        int C = sizes.Of(768, 33);
        int B = sizes.Of(16, 3);
        int D = sizes.Of(8, 3);
        int channels = 32 * D;
        int S = sizes.Of(1024, 37);
        OpInput gain = new([channels]);
        OpInput images = new([B, channels, S]);
        string shape = $"{B}×{channels}×{S}";
        return
        [
            new OpBench($"LayerNorm {N}×{C}", [new([N, C]), new([C]), new([C])], t => t[0].LayerNorm(t[1], t[2]), m => Rows(m, N, C, true)),
            new OpBench($"RmsNorm {N}×{C}", [new([N, C]), new([C])], t => t[0].RmsNorm(t[1]), m => Rows(m, N, C, false)),
            new OpBench($"GroupNorm {shape}", [images, gain, gain], t => t[0].GroupNorm(32, t[1], t[2]), m => Groups(m, B, D, S)),
            new OpBench(
                $"BatchNorm {shape}", [images, gain, gain], t => t[0].BatchNorm(t[1], t[2], default, default, training: true), m => Batches(m, B, channels, S)),
        ];
    }

    private static Action Rows(OpArguments m, int N, int C, bool centred)
    {
        long chunks = RowNormChunks.Of(N);
        RowNormForward<float, Float32Element> forward = new(
            m.X(0), m.X(1), centred ? m.X(2) : default, m.Y, m.Scratch(N), m.Scratch(N), C, centred ? 1e-5f : 1e-6f, centred);
        RowNormBackward<float, Float32Element> backward = new(
            m.X(0), m.X(1), m.DY, forward.mean, forward.rstd, m.DX[0], m.Scratch(chunks * C), m.Scratch(chunks * C), N, C, centred);
        SumChunks gamma = new(backward.dGamma, m.DX[1], chunks, C, false);
        SumChunks beta = new(backward.dBeta, centred ? m.DX[2] : default, chunks, C, false);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
            Loops.Run(gamma);
            if (centred)
            {
                Loops.Run(beta);
            }
        };
    }

    private static Action Groups(OpArguments m, int B, int D, int S)
    {
        const int G = 32;
        View<float> mean = m.Scratch(B * G);
        View<float> rstd = m.Scratch(B * G);
        GroupNormForward forward = new(m.X(0), m.X(1), m.X(2), m.Y, mean, rstd, G, D, S, 1e-5f);
        GroupNormBackward backward = new(m.X(0), m.X(1), m.DY, mean, rstd, m.DX[0], G, D, S);
        GroupNormParameters parameters = new(m.X(0), m.DY, mean, rstd, m.DX[1], m.DX[2], B, G * D, D, S, false, false);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
            Loops.Run(parameters);
        };
    }

    private static Action Batches(OpArguments m, int B, int C, int S)
    {
        View<float> mean = m.Scratch(C);
        View<float> rstd = m.Scratch(C);
        BatchNormForward forward = new(m.X(0), m.X(1), m.X(2), default, default, m.Y, mean, rstd, B, C, S, 0.1f, 1e-5f, true, false);
        BatchNormBackward backward = new(m.X(0), m.X(1), m.DY, mean, rstd, m.DX[0], m.DX[1], m.DX[2], B, C, S, true, false, false);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
        };
    }
}
