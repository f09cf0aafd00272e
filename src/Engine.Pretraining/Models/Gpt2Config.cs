using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Models;

/// <summary>The shape of a GPT-2, keys as in Hugging Face's <c>config.json</c>; the defaults are GPT-2 124M's.</summary>
public sealed record Gpt2Config
{
    /// <summary>V, tokens in the vocabulary (vocab_size).</summary>
    public int VocabSize { get; init; } = 50257;

    /// <summary>The longest sequence T (n_positions).</summary>
    public int NPositions { get; init; } = 1024;

    /// <summary>C, the model width (n_embd).</summary>
    public int NEmbd { get; init; } = 768;

    /// <summary>L, the number of blocks (n_layer).</summary>
    public int NLayer { get; init; } = 12;

    /// <summary>H, attention heads; divides C (n_head).</summary>
    public int NHead { get; init; } = 12;

    /// <summary>ε of the layer norms (layer_norm_epsilon).</summary>
    public float LayerNormEpsilon { get; init; } = 1e-5f;

    /// <summary>The MLP's non-linearity: <c>gelu_new</c> (tanh form, GPT-2's) or <c>gelu</c> (erf form) (activation_function).</summary>
    public string ActivationFunction { get; init; } = "gelu_new";

    /// <summary>Dropout after the embedding and on both residual branches (embd_pdrop = resid_pdrop); 0.1 in the paper, 0 here.</summary>
    public float Dropout { get; init; }

    /// <summary>Whether projections and norms have biases; true in GPT-2, false in nanoGPT's character model.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>The shape that a run's configuration describes for a vocabulary.</summary>
    public static Gpt2Config From(PretrainConfig config, int vocabSize)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new Gpt2Config
        {
            VocabSize = vocabSize,
            NPositions = config.BlockSize,
            NEmbd = config.NEmbd,
            NLayer = config.NLayer,
            NHead = config.NHead,
            Dropout = (float)config.Dropout,
            Bias = config.Bias,
        };
    }

    /// <summary>Checks that the numbers make a model.</summary>
    /// <exception cref="EngineException">A size is not positive, heads do not divide the width, or the activation is unknown.</exception>
    public Gpt2Config Validated()
    {
        if (VocabSize < 1 || NPositions < 1 || NEmbd < 1 || NLayer < 1 || NHead < 1)
        {
            throw new EngineException($"GPT-2: vocab_size {VocabSize}, n_positions {NPositions}, n_embd {NEmbd}, n_layer {NLayer} and n_head {NHead} must all be at least 1.");
        }

        if (NEmbd % NHead != 0)
        {
            throw new EngineException($"GPT-2: n_head {NHead} does not divide n_embd {NEmbd}; each head needs n_embd / n_head columns.");
        }

        return ActivationFunction is "gelu_new" or "gelu"
            ? this
            : throw new EngineException($"GPT-2: activation_function '{ActivationFunction}' is unknown; expected gelu_new or gelu.");
    }
}
