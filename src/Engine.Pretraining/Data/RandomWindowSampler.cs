using Engine.KernelLanguage;

namespace Engine.Pretraining.Data;

/// <summary>
/// Windows anywhere in the tokens, uniformly and with replacement, as nanoGPT's get_batch. The offset of window w is word
/// pair w of a Philox stream, scaled to the Count − T possible starts.
/// </summary>
public sealed class RandomWindowSampler(ITokenSource tokens, int batchSize, int sequenceLength, ulong seed)
    : WindowSampler(tokens, batchSize, sequenceLength)
{
    /// <summary>The Philox stream of the seed that offsets are drawn from ("WINDOWS").</summary>
    internal const ulong Stream = 0x53_57_4F_44_4E_49_57;

    private protected override long Offset(long window)
    {
        Philox.Words words = Philox.At(seed, Stream, (ulong)window);
        return (long)Math.BigMul(((ulong)words.X << 32) | words.Y, (ulong)(Tokens.Count - SequenceLength), out _);
    }
}
