using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// The gated feed-forward part of Llama (Shazeer, "GLU variants improve transformer", 2020): down(silu(gate(x)) · up(x)), without
/// biases. Names differ between checkpoints, so the owner gives them.
/// </summary>
internal sealed class SwiGlu : Module
{
    private readonly Linear _gate;
    private readonly Linear _up;
    private readonly Linear _down;

    public SwiGlu(Device device, int width, int inner, Initializer normal, Initializer residual, string gate, string up, string down)
        : base(device)
    {
        _gate = Add(gate, new Linear(device, width, inner, normal, bias: false));
        _up = Add(up, new Linear(device, width, inner, normal, bias: false));
        _down = Add(down, new Linear(device, inner, width, residual, bias: false));
    }

    /// <summary>x (…, C) → (…, C), by way of (…, F).</summary>
    public Tensor Forward(Tensor x) => _down.Forward(_gate.Forward(x).Silu() * _up.Forward(x));
}
