using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>
/// Every row of the function tables: gradients on a few values away from kinks, parity on sizes that leave vector tails.
/// </summary>
public sealed class FunctionCases : IOpCases
{
    // Name, function, range for finite differences, range for parity.
    private static readonly (string Name, Func<Tensor, Tensor> Run, float Low, float High, float Least, float Most)[] Rows =
    [
        ("relu", x => x.Relu(), 0.1f, 1f, -100f, 100f),
        ("relu below 0 and above", x => (x - 0.5f).Relu(), 0.6f, 1f, -100f, 100f),
        ("leaky relu", x => x.LeakyRelu(0.2f), -1f, -0.1f, -100f, 100f),
        ("relu squared", x => x.ReluSquared(), 0.1f, 1f, -10f, 10f),
        ("elu", x => x.Elu(), -2f, -0.1f, -100f, 100f),
        ("gelu", x => x.Gelu(), -2f, 2f, -100f, 100f),
        ("gelu tanh", x => x.GeluTanh(), -2f, 2f, -100f, 100f),
        ("quick gelu", x => x.QuickGelu(), -2f, 2f, -100f, 100f),
        ("silu", x => x.Silu(), -2f, 2f, -100f, 100f),
        ("mish", x => x.Mish(), -2f, 2f, -100f, 100f),
        ("hard swish", x => x.HardSwish(), -2.5f, 2.5f, -100f, 100f),
        ("sigmoid", x => x.Sigmoid(), -2f, 2f, -100f, 100f),
        ("log sigmoid", x => x.LogSigmoid(), -2f, 2f, -100f, 100f),
        ("softplus", x => x.Softplus(), -2f, 2f, -100f, 100f),
        ("tanh row", x => x.Tanh(), -2f, 2f, -100f, 100f),
        ("exp", x => x.Exp(), -1f, 1f, -100f, 5f),
        ("log", x => x.Log(), 0.5f, 2f, 0.01f, 100f),
        ("sqrt", x => x.Sqrt(), 0.5f, 2f, 0.01f, 100f),
        ("rsqrt", x => x.Rsqrt(), 0.5f, 2f, 0.1f, 100f),
        ("square", x => x.Square(), -1f, 1f, -10f, 10f),
        ("pow", x => x.Pow(2.5f), 0.5f, 2f, 0.01f, 10f),
        ("reciprocal", x => x.Reciprocal(), 0.5f, 2f, 0.1f, 100f),
        ("neg", x => x.Neg(), -1f, 1f, -100f, 100f),
        ("abs", x => x.Abs(), -1f, -0.1f, -100f, 100f),
        ("sin", x => x.Sin(), -2f, 2f, -100f, 100f),
        ("cos", x => x.Cos(), -2f, 2f, -100f, 100f),
        ("erf", x => x.Erf(), -2f, 2f, -100f, 100f),
        ("clamp", x => x.Clamp(-0.9f, 0.9f), -0.8f, 0.8f, -2f, 2f),
        ("x + a", x => x + 0.75f, -1f, 1f, -100f, 100f),
        ("a + x", x => 0.75f + x, -1f, 1f, -100f, 100f),
        ("x - a", x => x - 0.75f, -1f, 1f, -100f, 100f),
        ("a - x", x => 0.75f - x, -1f, 1f, -100f, 100f),
        ("x * a", x => x * 0.75f, -1f, 1f, -100f, 100f),
        ("a * x", x => 0.75f * x, -1f, 1f, -100f, 100f),
        ("x / a", x => x / 0.75f, -1f, 1f, -100f, 100f),
        ("a / x", x => 0.75f / x, 0.5f, 2f, 0.1f, 100f),
    ];

    public static IEnumerable<OpCase> Cases => Rows.SelectMany(r => new OpCase[]
    {
        new(r.Name, [new([7], r.Low, r.High)], (_, x) => r.Run(x[0])),
        new(r.Name + " (33, 31)", [new([33, 31], r.Least, r.Most)], (_, x) => r.Run(x[0])) { CheckGradient = false },
    }).Concat(
    [
        new("gelu of one element", [new([1])], (_, x) => x[0].GeluTanh()) { CheckGradient = false },
        new("gelu of nothing", [new([0, 3])], (_, x) => x[0].GeluTanh()) { CheckGradient = false },
        new("gelu over several blocks, strided", [new([1025, 9], -5f, 5f)], (_, x) => x[0].Transpose(0, 1).GeluTanh()) { CheckGradient = false },
        new("maximum", [new([5], 0f, 0.4f), new([2, 5], 0.6f, 1f)], (_, x) => x[0].Maximum(x[1]) + x[1].Maximum(x[0] + 1f)),
        new("minimum", [new([5], 0f, 0.4f), new([2, 5], 0.6f, 1f)], (_, x) => x[0].Minimum(x[1]) + x[1].Minimum(x[0] + 1f)),
        new("maximum large", [new([33, 31]), new([31])], (_, x) => x[0].Maximum(x[1])) { CheckGradient = false },
        new("maximum of a tie", [new([3])], (_, x) => x[0].Maximum(x[0] * 1f)),
    ]);
}
