using Engine.KernelLanguage;

namespace Engine.Benchmarks;

/// <summary>What the plain loops of an op work on: inputs, the result, its gradient, the inputs' gradients.</summary>
public sealed class OpArguments
{
    private readonly IReadOnlyList<Tensor> _inputs;
    private readonly BenchArguments _memory;

    internal OpArguments(IReadOnlyList<Tensor> inputs, Tensor dY, BenchArguments memory)
    {
        _inputs = inputs;
        _memory = memory;
        DY = dY.Flat<float>();
        Y = memory.Out(dY.Count);
        DX = [.. inputs.Select(x => OpInput.TakesGradient(x, inputs) ? memory.Out(x.Count) : default)];
    }

    /// <summary>The result.</summary>
    public View<float> Y { get; }

    /// <summary>The given gradient of the result.</summary>
    public View<float> DY { get; }

    /// <summary>The gradients of the inputs; a view that does not exist where none is asked for.</summary>
    public IReadOnlyList<View<float>> DX { get; }

    /// <summary>A float32 input.</summary>
    public View<float> X(int i) => _inputs[i].Flat<float>();

    /// <summary>An integer input.</summary>
    public View<int> Indices(int i) => _inputs[i].Flat<int>();

    /// <summary>The numbers of an int8 input.</summary>
    public View<sbyte> Int8(int i) => Int8Matrix.Rows(_inputs[i]);

    /// <summary>The scales of an int8 input.</summary>
    public View<float> Scales(int i) => Int8Matrix.Scales(_inputs[i]);

    /// <summary>Memory for what forward keeps.</summary>
    public View<float> Scratch(long n) => _memory.Scratch(n);

    /// <summary>Integers that forward keeps.</summary>
    public View<int> ScratchInts(long n) => _memory.ScratchInts(n);
}
