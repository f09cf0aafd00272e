using Engine.Pretraining.Data;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Generation;

/// <summary>Translates pairs' sources and compares with their targets.</summary>
/// <param name="model">The model.</param>
/// <param name="tokenizer">Of source and target.</param>
/// <param name="limits">Start, end and length of a translation.</param>
public sealed class Translator(EncoderDecoder model, ITokenizer tokenizer, DecodingLimits limits)
{
    /// <summary>BLEU of greedy translations of the first <paramref name="count"/> pairs of a sampler, 0 to 100.</summary>
    public double Bleu(PairSampler pairs, int count)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        int B = pairs.BatchSize;
        int[] inputIds = new int[B * pairs.SourceLength];
        int[] mask = new int[inputIds.Length];
        int[] labels = new int[B * pairs.TargetLength];
        List<string> written = [];
        List<string> references = [];
        for (int batch = 0; written.Count < count; batch++)
        {
            (int S, _) = pairs.Fill(batch, inputIds, mask, labels);
            int[][] targets = SequenceDecoder.Greedy(model, inputIds.AsSpan(0, B * S), mask.AsSpan(0, B * S), B, limits);
            for (int row = 0; row < B && written.Count < count; row++)
            {
                written.Add(tokenizer.Decode(targets[row]));
                references.Add(Text(pairs.Pair(batch, row).Target));
            }
        }

        return Generation.Bleu.Corpus(written, references);
    }

    /// <summary>A pair with what the model makes of its source, by beam search.</summary>
    public string Describe(TokenPair pair)
    {
        (int[] tokens, double score) = SequenceDecoder.Beam(model, pair.Source, limits);
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"source:    {Text(pair.Source)}\nreference: {Text(pair.Target)}\nwritten:   {tokenizer.Decode(tokens)} ({score:F2})");
    }

    private string Text(int[] ended) => tokenizer.Decode(ended.AsSpan(0, ended.Length - 1));
}
