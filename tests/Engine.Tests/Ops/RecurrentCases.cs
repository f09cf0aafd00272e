using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>LSTMs with every option, and the recurrences of primitive ops.</summary>
public sealed class RecurrentCases : IOpCases
{
    public static IEnumerable<OpCase> Cases =>
    [
        new("lstm", Inputs(4, 3, 2, 3, 3), (_, x) => x[0].Lstm(new(x[1], x[2], x[3]), new(x[4], x[5]))),
        new("lstm without a bias or first states", [new([4, 3, 2]), new([12, 2]), new([12, 3])], (_, x) => x[0].Lstm(new(x[1], x[2]))),
        new("lstm backwards", Inputs(4, 3, 2, 3, 3), (_, x) => x[0].Lstm(new(x[1], x[2], x[3]), new(x[4], x[5], Reverse: true))),
        new("lstm projected", [.. Inputs(3, 5, 2, 3, 2), new([2, 3])], (_, x) => x[0].Lstm(new(x[1], x[2], x[3], x[6]), new(x[4], x[5]))),
        new("lstm of lengths", Inputs(4, 3, 2, 3, 3), (s, x) => x[0].Lstm(new(x[1], x[2], x[3]), new(x[4], x[5], s.From<int>([4, 0, 2], [3])))),
        new("lstm of lengths backwards, projected, batch first", [new([3, 4, 2]), .. Inputs(4, 3, 2, 3, 2)[1..], new([2, 3])], (s, x) => x[0].Lstm(
            new(x[1], x[2], x[3], x[6]), new(x[4], x[5], s.From<int>([4, 1, 3], [3]), Reverse: true, BatchFirst: true))),
        new("lstm with its last states", Inputs(4, 3, 2, 3, 3), (_, x) => All(x[0].Lstm(new(x[1], x[2], x[3]), new(x[4], x[5]), out Tensor hn, out Tensor cn), hn, cn)),
        new("lstm of lengths with its last states", [.. Inputs(4, 3, 2, 3, 2), new([2, 3])], (s, x) => All(
            x[0].Lstm(new(x[1], x[2], x[3], x[6]), new(x[4], x[5], s.From<int>([1, 4, 0], [3]), Reverse: true), out Tensor hn, out Tensor cn), hn, cn)),
        new("lstm of strided views", [new([2, 3, 4]), new([2, 12]), new([12, 3])], (_, x) => x[0].Permute(2, 1, 0).Lstm(new(x[1].Transpose(0, 1), x[2]))),
        new("lstm in its definition", Inputs(3, 2, 2, 3, 3), (_, x) => LstmOp.Slow(x[0], new(x[1], x[2], x[3]), new(x[4], x[5]))),
        new("lstm large", Inputs(7, 9, 33, 70, 70, 0.3f), (_, x) => x[0].Lstm(new(x[1], x[2], x[3]), new(x[4], x[5]))) { CheckGradient = false },
        new("lstm large projected", [.. Inputs(6, 6, 33, 129, 67, 0.3f), new([67, 129], -0.3f, 0.3f)], (_, x) => All(
            x[0].Lstm(new(x[1], x[2], x[3], x[6]), new(x[4], x[5], Reverse: true), out Tensor hn, out Tensor cn), hn, cn)) { CheckGradient = false },
        new("lstm of no steps", Inputs(0, 3, 2, 3, 3), (_, x) => All(x[0].Lstm(new(x[1], x[2], x[3]), new(x[4], x[5]), out Tensor hn, out Tensor cn), hn, cn)) { CheckGradient = false },
        new("gru", [new([3, 2, 2]), new([9, 2]), new([9, 3]), new([9]), new([9]), new([2, 3])], (_, x) => x[0].Gru(x[1], x[2], x[3], x[4], x[5])),
        new("gru from zeros", [new([3, 2, 2]), new([9, 2]), new([9, 3])], (_, x) => x[0].Gru(x[1], x[2])),
        new("rnn", [new([3, 2, 2]), new([3, 2]), new([3, 3]), new([3]), new([2, 3])], (_, x) => x[0].Rnn(x[1], x[2], x[3], x[4])),
    ];

    // x, weight_ih, weight_hh, bias, h0, c0.
    private static InputSpec[] Inputs(int T, int B, int I, int H, int P, float scale = 1f) =>
        [new([T, B, I]), new([4 * H, I], -scale, scale), new([4 * H, P], -scale, scale), new([4 * H]), new([B, P]), new([B, H])];

    private static Tensor All(Tensor y, Tensor hn, Tensor cn) => Tensor.Cat(0, y.Reshape(-1), hn.Reshape(-1), cn.Reshape(-1));
}
