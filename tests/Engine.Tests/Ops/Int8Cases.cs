using Engine.Testing;

namespace Engine.Tests.Ops;

/// <summary>Linear layers and tables with int8 weights: for inference, so no input takes a gradient.</summary>
public sealed class Int8Cases : IOpCases
{
    public static IEnumerable<OpCase> Cases =>
    [
        new("int8 linear", [Of(2, 3, 4), Of(5, 4), Of(5)], (_, x) => x[0].Linear(x[1].QuantizeInt8(), x[2])),
        new("int8 linear of a vector", [Of(130), Of(7, 130)], (_, x) => x[0].Linear(x[1].QuantizeInt8())),
        new("int8 linear gelu", [Of(3, 33), Of(5, 33), Of(5)], (_, x) => x[0].Linear(x[1].QuantizeInt8(), x[2], Activation.Gelu)),
        new("int8 conv1d gelu tanh", [Of(1, 257), Of(257, 1025), Of(1025)], (_, x) => x[0].Conv1D(x[1].QuantizeInt8(1), x[2], Activation.GeluTanh)),
        new("int8 conv1d of a strided view", [Of(65, 9), Of(65, 131)], (_, x) => x[0].Transpose(0, 1).Conv1D(x[1].QuantizeInt8(1))),
        new("int8 linear of many rows", [Of(5, 9, 65), Of(35, 65), Of(35)], (_, x) => x[0].Linear(x[1].QuantizeInt8(), x[2], Activation.GeluTanh)),
        new("int8 conv1d of many rows", [Of(33, 31), Of(31, 70)], (_, x) => x[0].Conv1D(x[1].QuantizeInt8(1))),
        new("int8 linear of most rows at once", [Of(32, 769), Of(300, 769)], (_, x) => x[0].Linear(x[1].QuantizeInt8())),
        new("int8 linear of nothing", [Of(0, 4), Of(5, 4)], (_, x) => x[0].Linear(x[1].QuantizeInt8())),
        new("int8 embedding", [Of(7, 33), InputSpec.Ints([2, 5], 7)], (_, x) => x[0].QuantizeInt8().Embedding(x[1])),
        new("int8 embedding of strided indices", [Of(40, 16), InputSpec.Ints([6, 7], 40)], (_, x) => x[0].QuantizeInt8().Embedding(x[1].Transpose(0, 1))),
        new("int8 table as float32", [Of(70, 65)], (_, x) => x[0].QuantizeInt8().To(DType.Float32)),
        new("int8 columns as float32", [Of(70, 65)], (_, x) => x[0].QuantizeInt8(1).To(DType.Float32)),
    ];

    private static InputSpec Of(params int[] shape) => new(Shape.Create(shape), Grad: false);
}
