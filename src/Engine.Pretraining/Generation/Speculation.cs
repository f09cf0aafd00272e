using Engine.Pretraining.Models;

namespace Engine.Pretraining.Generation;

/// <summary>A smaller model that guesses what a larger one will write, and how well it has done so.</summary>
public sealed class Speculation
{
    /// <summary>A draft model and how far it guesses.</summary>
    /// <param name="draft">The model; its vocabulary is the other's.</param>
    /// <param name="tokens">Tokens guessed before each pass of the larger model; 4 is near the best of Leviathan et al. 2023, figure 2, for a draft that is right most of the time.</param>
    /// <exception cref="EngineException"><paramref name="tokens"/> is not positive.</exception>
    public Speculation(CausalLanguageModel draft, int tokens = 4)
    {
        ArgumentNullException.ThrowIfNull(draft);
        (Draft, Tokens) = (draft, tokens >= 1 ? tokens : throw new EngineException($"generate: draft-tokens is {tokens}, expected 1 or more."));
    }

    /// <summary>The model that guesses.</summary>
    public CausalLanguageModel Draft { get; }

    /// <summary>Tokens guessed before each pass.</summary>
    public int Tokens { get; }

    /// <summary>Tokens that were guessed so far.</summary>
    public long Drafted { get; internal set; }

    /// <summary>Those of them that were taken.</summary>
    public long Accepted { get; internal set; }

    /// <summary>Passes of the larger model, each of which adds one token of its own to those taken.</summary>
    public long Passes { get; internal set; }
}
