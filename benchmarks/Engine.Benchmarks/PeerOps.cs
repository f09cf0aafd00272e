using Engine.KernelLanguage;
using Engine.Kernels;
using Engine.Nn;
using Engine.Optim;

namespace Engine.Benchmarks;

/// <summary>A piece of work that <c>benchmarks/peers/pytorch_ops.py</c> does too, on the same numbers.</summary>
/// <param name="Shape">Its size as people write it.</param>
/// <param name="Bytes">What must at least be read and written.</param>
/// <param name="Flops">Arithmetic operations, where these and not memory are the limit; else 0.</param>
/// <param name="Prepare">Makes the inputs on a device and returns the work; it shows its results to the given action while they live.</param>
internal sealed record PeerOp(string Shape, double Bytes, double Flops, Func<CpuDevice, Action<Action<Tensor>?>> Prepare)
{
    private const int Rows = 8192;
    private const int Width = 768;
    private const int Vocabulary = 50304;

    /// <summary>By name; the same names are in the script.</summary>
    public static IReadOnlyDictionary<string, PeerOp> All { get; } = new Dictionary<string, PeerOp>
    {
        ["copy"] = new($"{Vocabulary}×{Width}", 8.0 * Vocabulary * Width, 0, Copy),
        ["attention-256"] = Attention(256),
        ["attention-512"] = Attention(512),
        ["attention-1024"] = Attention(1024),
        ["attention-2048"] = Attention(2048),
        ["attention-4096"] = Attention(4096),
        ["layer-norm"] = new($"{Rows}×{Width}", 20.0 * Rows * Width, 0, device => Op(
            device, x => x[0].LayerNorm(x[1], x[2]), [Rows, Width], [Rows, Width], [Width], [Width])),
        ["gelu"] = new($"{Rows}×{4 * Width}", 80.0 * Rows * Width, 0, device => Op(
            device, x => x[0].GeluTanh(), [Rows, 4 * Width], [Rows, 4 * Width])),
        ["softmax"] = new($"{Rows}×1024", 20.0 * Rows * 1024, 0, device => Op(device, x => x[0].Softmax(-1), [Rows, 1024], [Rows, 1024])),
        ["cross-entropy"] = new($"512×{Vocabulary}", 12.0 * 512 * Vocabulary, 0, CrossEntropy),
        ["adamw"] = new($"{Vocabulary}×{Width}", 28.0 * Vocabulary * Width, 0, Adam),
    };

    /// <summary>
    /// Element i of stream s, in [−1, 1): a hash of i + 1000003·s by two multiplications, of which 24 bits are kept, exact in
    /// float32, so that both sides start from the same bits.
    /// </summary>
    public static float Number(long i, int stream)
    {
        uint h = (uint)(i + (1_000_003L * stream)) * 2_654_435_761u;
        h = (h ^ (h >> 15)) * 739_982_445u;
        return ((h ^ (h >> 12)) >> 8) / 8_388_608f - 1f;
    }

    private static Tensor Numbers(CpuDevice device, int stream, Shape shape)
    {
        // Straight into the CPU's memory: garbage of the managed heap would blur what a run adds.
        Tensor x = Tensor.Empty(device, shape);
        View<float> values = x.Flat<float>();
        for (long i = 0; i < values.Length; i++)
        {
            values[i] = Number(i, stream);
        }

        return x;
    }

    // Forward and backward; results are y and the gradient of each input.
    private static Action<Action<Tensor>?> Op(CpuDevice device, Func<Tensor[], Tensor> forward, Shape result, params Shape[] inputs)
    {
        DifferentiatedOp op = new(device, [.. inputs.Select((shape, i) => Numbers(device, i, shape))], forward);
        Tensor dY = result.Rank == 0 ? Tensor.From<float>(device, [1f], []) : Numbers(device, inputs.Length, result);
        return witness => op.Run(dY, witness);
    }

    // Causal: of the 4·T²·D operations of a head forward and 10·T²·D backward, half.
    private static PeerOp Attention(int T)
    {
        const int H = 12;
        const int D = 64;
        Shape shape = [1, H, T, D];
        return new($"B 1, H {H}, T {T}, D {D}", 4.0 * 9 * H * T * D, 7.0 * H * T * T * D, device => Op(
            device, x => x[0].ScaledDotProductAttention(x[1], x[2], new AttentionOptions(Causal: true)), shape, shape, shape, shape));
    }

    private static Action<Action<Tensor>?> CrossEntropy(CpuDevice device)
    {
        int[] classes = [.. Enumerable.Range(0, 512).Select(i => i * 7919 % Vocabulary)];
        Tensor targets = Tensor.From<int>(device, classes, [512]);
        return Op(device, x => x[0].CrossEntropy(targets), [], [512, Vocabulary]);
    }

    private static Action<Action<Tensor>?> Adam(CpuDevice device)
    {
        Parameter p = new("p", Numbers(device, 0, [Vocabulary, Width]));
        p.Value.Data.Grad = Numbers(device, 1, [Vocabulary, Width]);
        p.Value.Data.HasGrad = true;
        AdamW optimizer = new([new ParameterGroup([p], 0.1)], 1e-3, 0.9, 0.95);
        return witness =>
        {
            optimizer.Step();
            witness?.Invoke(p.Value);
        };
    }

    private static Action<Action<Tensor>?> Copy(CpuDevice device)
    {
        Tensor x = Numbers(device, 0, [Vocabulary, Width]);
        Tensor y = Tensor.Zeros(device, [Vocabulary, Width]);
        return witness =>
        {
            device.Launch(new CopyStrided<int>(x.Flat<int>(), y.Flat<int>(), default, default, x.Count), Block.Cover(x.Count));
            witness?.Invoke(y);
        };
    }
}
