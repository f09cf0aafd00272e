using System.Text.Json;

namespace Engine.Pretraining.Tokenizers.Normalization;

/// <summary>
/// ▁ before a text that is not empty and does not begin with it, as Metaspace puts it there. In tokenizer.json it is a part of
/// that, and no normalizer.
/// </summary>
internal sealed record PrependBlank : Normalizer
{
    /// <inheritdoc/>
    public override void Apply(AlignedText source, AlignedText target)
    {
        if (source.Length > 0 && source.Text[0] != SubwordTokenizer.Blank)
        {
            target.Put(SubwordTokenizer.BlankText, source, 0, 0);
        }

        target.Copy(source, 0, source.Length);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer) => throw new InvalidOperationException("Metaspace writes its blank itself.");
}
