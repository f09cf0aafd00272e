using System.Text;
using System.Text.Json;
using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Tests.Tokenizers;

/// <summary>Bytes with padding, end and some sentinels behind them: the smallest vocabulary that a text-to-text objective accepts.</summary>
internal sealed class MarkedBytes(int sentinels = 20) : ITokenizer
{
    public const int Pad = 256;
    public const int Eos = 257;

    public string Kind => "byte";

    public int VocabSize => 258 + sentinels;

    public SpecialTokens SpecialTokens { get; } = new() { Pad = Pad, Eos = Eos, Sentinels = [.. Enumerable.Range(258, sentinels)] };

    public int[] Encode(ReadOnlySpan<char> text) => [.. Encoding.UTF8.GetBytes(text.ToString()).Select(b => (int)b)];

    public string Decode(ReadOnlySpan<int> tokens)
    {
        StringBuilder text = new();
        foreach (int token in tokens)
        {
            text.Append(token < 256 ? ((char)token).ToString() : $"<{token - 258}>");
        }

        return text.ToString();
    }

    public void WriteProperties(Utf8JsonWriter writer) => writer.WriteNumber("sentinels", sentinels);
}
