namespace Engine.Nn;

/// <summary>One direction of an LSTM layer; see <see cref="Tensor.Lstm(in LstmWeights, in LstmOptions)"/>. Gates in the order i, f, g, o.</summary>
public sealed class Lstm : Module
{
    /// <summary>A layer.</summary>
    /// <param name="device">Where the parameters live.</param>
    /// <param name="inputs">Size of x's last axis, I.</param>
    /// <param name="hidden">Cells, H.</param>
    /// <param name="projection">Width of the state, P; 0 for none, which makes it H.</param>
    /// <param name="initializer">First values of the weights; the bias starts at zero.</param>
    public Lstm(Device device, int inputs, int hidden, int projection, Initializer initializer)
        : base(device)
    {
        WeightIh = Param("weight_ih", [4 * hidden, inputs], initializer);
        WeightHh = Param("weight_hh", [4 * hidden, projection > 0 ? projection : hidden], initializer);
        WeightHr = projection > 0 ? Param("weight_hr", [projection, hidden], initializer) : null;
        Bias = Param("bias", [4 * hidden], Initializer.Zeros);
    }

    /// <summary>(4H, I).</summary>
    public Parameter WeightIh { get; }

    /// <summary>(4H, P).</summary>
    public Parameter WeightHh { get; }

    /// <summary>The projection (P, H), or null.</summary>
    public Parameter? WeightHr { get; }

    /// <summary>(4H).</summary>
    public Parameter Bias { get; }

    /// <summary>x (T, B, I), or (B, T, I) → the states at the same places, (…, P).</summary>
    public Tensor Forward(Tensor x, in LstmOptions options = default) =>
        x.Lstm(new(WeightIh, WeightHh, Bias, WeightHr?.Value ?? default), options);
}
