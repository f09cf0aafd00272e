namespace Engine;

/// <summary>A function that a linear layer applies to its result while it is still in registers.</summary>
public enum Activation
{
    /// <summary>y = z.</summary>
    None,

    /// <summary>GELU in GPT-2's tanh form (Hugging Face: gelu_new).</summary>
    GeluTanh,

    /// <summary>GELU with the error function (PyTorch's default).</summary>
    Gelu,
}
