using System.Diagnostics;
using Engine.KernelLanguage;

namespace Engine.Benchmarks;

/// <summary>
/// Our matrix product beside OpenBLAS: the result is verified first, then short repetitions alternate so that both meet
/// the same machine; medians, minima, GFLOP/s at the minimum and the ratio theirs/ours of the medians are printed. With more than
/// one thread each side first gets a pause and one call that does not count: OpenBLAS's threads spin on for some 100 ms after a call
/// and would hold the core that the other side needs. Arguments: a part of
/// a shape's name to run it alone, <c>--rounds N</c>, and <c>--cpu</c> to count the calling thread's processor time instead of
/// wall time, one thread only: on a machine that others use as well, only that compares.
/// </summary>
internal static unsafe class GemmBenchmark
{
    private const int PauseMilliseconds = 250;
    private const double WarmUpMicroseconds = 30_000;

    private static readonly Case[] Cases =
    [
        new("256^3", false, false, 256, 256, 256),
        new("512^3", false, false, 512, 512, 512),
        new("512^3 NT", false, true, 512, 512, 512),
        new("512^3 TN", true, false, 512, 512, 512),
        new("512^3 TT", true, true, 512, 512, 512),
        new("1024^3", false, false, 1024, 1024, 1024),
        new("1024^3 NT", false, true, 1024, 1024, 1024),
        new("1024^3 TN", true, false, 1024, 1024, 1024),
        new("2048^3", false, false, 2048, 2048, 2048),
        new("shakespeare qkv", false, false, 768, 384, 128),
        new("shakespeare proj", false, false, 768, 128, 128),
        new("shakespeare up", false, false, 768, 512, 128),
        new("shakespeare down", false, false, 768, 128, 512),
        new("shakespeare head", false, true, 768, 65, 128),
        new("shakespeare dX up", false, true, 768, 128, 512),
        new("shakespeare dX qkv", false, true, 768, 128, 384),
        new("shakespeare dW up", true, false, 128, 512, 768),
        new("shakespeare dW down", true, false, 512, 128, 768),
        new("shakespeare dW head", true, false, 65, 128, 768),
        .. Gpt2(256),
        .. Gpt2(1024),
        .. Rows(),
        .. Heads(),
        new("64 64 32", false, true, 64, 64, 32),
    ];

    // The products of a GPT-2 124M step: forward, gradient of the input, gradient of the weight.
    private static IEnumerable<Case> Gpt2(int tokens)
    {
        foreach ((string name, int columns, int inner) in new[] { ("qkv", 2304, 768), ("proj", 768, 768), ("up", 3072, 768), ("down", 768, 3072) })
        {
            yield return new($"gpt2 {name}", false, false, tokens, columns, inner);
            yield return new($"gpt2 dX {name}", false, true, tokens, inner, columns);
            yield return new($"gpt2 dW {name}", true, false, inner, columns, tokens);
        }

        yield return new("gpt2 head", false, true, tokens, 50304, 768);
    }

    // Few rows against the layers of GPT-2 124M: generation, and its prompts.
    private static IEnumerable<Case> Rows()
    {
        foreach (int rows in new[] { 1, 2, 4, 8, 16, 32 })
        {
            foreach ((int columns, int inner) in new[] { (2304, 768), (768, 768), (3072, 768), (768, 3072), (50304, 768) })
            {
                yield return new($"rows {rows} NN", false, false, rows, columns, inner);
                yield return new($"rows {rows} NT", false, true, rows, columns, inner);
                yield return new($"rows {rows} TN", true, false, rows, columns, inner);
            }
        }
    }

    // One head's scores, q·kᵀ, and its result, p·v.
    private static IEnumerable<Case> Heads()
    {
        foreach (int T in new[] { 64, 128, 256 })
        {
            yield return new("head scores", false, true, T, T, 64);
            yield return new("head values", false, false, T, 64, T);
        }
    }

    public static void Run(string[] args)
    {
        int rounds = Array.IndexOf(args, "--rounds") is int at and >= 0 ? int.Parse(args[at + 1]) : 40;
        string filter = args.Length > 0 && !args[0].StartsWith('-') ? args[0] : string.Empty;
        bool cpu = args.Contains("--cpu");
        GemmPeer.RequireBestKernels();
        Console.WriteLine($"peer: {GemmPeer.Describe()}");
        Console.WriteLine($"{"shape",-20} {"M",5} {"N",6} {"K",5} thr | {"ours µs: min",12} {"median",9} | {"peer µs: min",12} {"median",9} | {"GFLOP/s",8} {"peer",7} | ratio");
        foreach (int threads in cpu ? [1] : new[] { 1, 2 })
        {
            GemmPeer.SetThreads(threads);
            using CpuDevice device = new(threads);
            double[] ratios = [.. Cases.Where(c => c.Name.Contains(filter, StringComparison.Ordinal))
                .Select(c => Compare(c, device, rounds, cpu ? GemmPeer.ThreadMicroseconds : WallMicroseconds))];
            Console.WriteLine($"geometric mean of {ratios.Length} ratios, {threads} thread(s): {Math.Exp(ratios.Average(Math.Log)):F3}");
        }
    }

    private static double Time(int threads, int repeat, Func<double> clock, Action product)
    {
        if (threads > 1)
        {
            Thread.Sleep(PauseMilliseconds);
            for (double from = clock(); clock() - from < WarmUpMicroseconds;)
            {
                product();
            }
        }

        double start = clock();
        for (int i = 0; i < repeat; i++)
        {
            product();
        }

        return (clock() - start) / repeat;
    }

    private static double Compare(Case c, CpuDevice device, int rounds, Func<double> clock)
    {
        using Tensor a = Operand(device, c.TransposeA ? [c.K, c.M] : [c.M, c.K], 1);
        using Tensor b = Operand(device, c.TransposeB ? [c.N, c.K] : [c.K, c.N], 2);
        using Tensor ours = Tensor.Zeros(device, [c.M, c.N]);
        using Tensor theirs = Tensor.Zeros(device, [c.M, c.N]);
        OpContext context = OpContext.For("benchmark", [a]);
        Matrix ma = c.TransposeA ? Matrix.Of(a).T : Matrix.Of(a);
        Matrix mb = c.TransposeB ? Matrix.Of(b).T : Matrix.Of(b);
        Matrix mc = Matrix.Of(ours);
        View<float> va = a.Flat<float>();
        View<float> vb = b.Flat<float>();
        View<float> vc = theirs.Flat<float>();
        MatrixProduct.Launch(context, ma, mb, mc, false);
        GemmPeer.Multiply(c.TransposeA, c.TransposeB, c.M, c.N, c.K, va.Pointer, vb.Pointer, vc.Pointer);
        Verify(c, ours.ToArray(), theirs.ToArray());

        // Repetitions of about 2 ms: long against the clock, short against the scheduler's slice.
        double flops = 2.0 * c.M * c.N * c.K;
        int repeat = (int)Math.Clamp(2e-3 / (flops / 1e11), 1, 1000);
        double[] mine = new double[rounds];
        double[] peer = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            mine[round] = Time(device.Threads, repeat, clock, () => MatrixProduct.Launch(context, ma, mb, mc, false));
            peer[round] = Time(
                device.Threads, repeat, clock,
                () => GemmPeer.Multiply(c.TransposeA, c.TransposeB, c.M, c.N, c.K, va.Pointer, vb.Pointer, vc.Pointer));
        }

        Array.Sort(mine);
        Array.Sort(peer);
        Console.WriteLine(
            $"{c.Name,-20} {c.M,5} {c.N,6} {c.K,5} {device.Threads,3} | {mine[0],12:F1} {mine[rounds / 2],9:F1} | {peer[0],12:F1} {peer[rounds / 2],9:F1} | " +
            $"{flops / mine[0] / 1e3,8:F1} {flops / peer[0] / 1e3,7:F1} | {peer[rounds / 2] / mine[rounds / 2]:F2}");
        return peer[rounds / 2] / mine[rounds / 2];
    }

    private static double WallMicroseconds() => Stopwatch.GetTimestamp() * (1e6 / Stopwatch.Frequency);

    private static Tensor Operand(Device device, Shape shape, ulong seed)
    {
        RandomStream random = new(seed, stream: 0);
        float[] values = new float[shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (2f * random.NextUniform()) - 1f;
        }

        return Tensor.From<float>(device, values, shape);
    }

    private static void Verify(Case c, float[] ours, float[] theirs)
    {
        // Rounding errors of a sum of K products of numbers up to 1 grow like √K.
        double bound = 1e-6 * Math.Sqrt(c.K) + 1e-6;
        for (int i = 0; i < ours.Length; i++)
        {
            if (!(Math.Abs(ours[i] - theirs[i]) <= bound * (1 + Math.Abs(theirs[i]))))
            {
                throw new InvalidOperationException($"{c.Name}: element {i} is {ours[i]:R}, OpenBLAS says {theirs[i]:R}.");
            }
        }
    }

    private sealed record Case(string Name, bool TransposeA, bool TransposeB, int M, int N, int K);
}
