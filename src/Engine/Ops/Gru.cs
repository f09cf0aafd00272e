namespace Engine;

/// <content>Recurrences of primitive ops, for models that are read rather than trained; <see cref="Lstm(in LstmWeights, in LstmOptions)"/> is the fused one.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// A gated recurrent unit (Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014; the reset gate behind
    /// the product, as in PyTorch and cuDNN): this (T, B, I) → y (T, B, H), whose last step is hn. (r z) = σ(Ih·x + bᵢ + Hh·h₋₁ + bₕ),
    /// n = tanh(Ih·x + bᵢ + r·(Hh·h₋₁ + bₕ)), h = (1 − z)·n + z·h₋₁. Of primitive ops, step by step.
    /// </summary>
    /// <param name="weightIh">(3H, I), rows in the order r, z, n.</param>
    /// <param name="weightHh">(3H, H).</param>
    /// <param name="biasIh">(3H), optional.</param>
    /// <param name="biasHh">(3H), optional.</param>
    /// <param name="h0">(B, H); without it zeros.</param>
    /// <exception cref="EngineException">Shapes or dtypes do not fit.</exception>
    public Tensor Gru(Tensor weightIh, Tensor weightHh, Tensor biasIh = default, Tensor biasHh = default, Tensor h0 = default)
    {
        Tensor h = First("Gru", this, weightHh, 3, h0);
        Tensor inputs = Linear(weightIh, biasIh);
        int H = h.Shape[1];
        Tensor[] y = new Tensor[Shape[0]];
        for (int t = 0; t < y.Length; t++)
        {
            Tensor a = inputs.Slice(0, t, t + 1).Squeeze(0);
            Tensor b = h.Linear(weightHh, biasHh);
            Tensor r = (a.Slice(1, 0, H) + b.Slice(1, 0, H)).Sigmoid();
            Tensor z = (a.Slice(1, H, 2 * H) + b.Slice(1, H, 2 * H)).Sigmoid();
            Tensor n = (a.Slice(1, 2 * H, 3 * H) + (r * b.Slice(1, 2 * H, 3 * H))).Tanh();
            h = n + (z * (h - n));
            y[t] = h;
        }

        return Stack(0, y);
    }

    /// <summary>
    /// A simple recurrent network (Elman, "Finding structure in time", 1990): this (T, B, I) → y (T, B, H), whose last step is hn.
    /// h = tanh(Ih·x + Hh·h₋₁ + b). Of primitive ops, step by step.
    /// </summary>
    /// <param name="weightIh">(H, I).</param>
    /// <param name="weightHh">(H, H).</param>
    /// <param name="bias">(H), optional; PyTorch's two biases added up.</param>
    /// <param name="h0">(B, H); without it zeros.</param>
    /// <exception cref="EngineException">Shapes or dtypes do not fit.</exception>
    public Tensor Rnn(Tensor weightIh, Tensor weightHh, Tensor bias = default, Tensor h0 = default)
    {
        Tensor h = First("Rnn", this, weightHh, 1, h0);
        Tensor inputs = Linear(weightIh, bias);
        Tensor[] y = new Tensor[Shape[0]];
        for (int t = 0; t < y.Length; t++)
        {
            h = (inputs.Slice(0, t, t + 1).Squeeze(0) + h.Linear(weightHh)).Tanh();
            y[t] = h;
        }

        return Stack(0, y);
    }

    // The state before the first step, of x's step scope.
    private static Tensor First(string op, Tensor x, Tensor weightHh, int gates, Tensor h0)
    {
        Check.Rank(op, "x", x, 3);
        Check.Rank(op, "weight_hh", weightHh, 2);
        int H = weightHh.Shape[1];
        Check.Shape(op, "weight_hh", weightHh, [gates * H, H]);
        if (x.Shape[0] == 0)
        {
            Check.Fail(op, $"x {x.Shape} has no steps; expected at least one.", x);
        }

        if (h0.IsDefined)
        {
            Check.Shape(op, "h0", h0, [x.Shape[1], H]);
            return h0;
        }

        StepScope step = x.Scope ?? throw new EngineException($"{op}: x {x.Shape} must belong to a StepScope, or h0 be given.");
        return step.From<float>(new float[x.Shape[1] * H], [x.Shape[1], H]);
    }
}
