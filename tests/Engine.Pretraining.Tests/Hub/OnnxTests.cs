using System.Runtime.InteropServices;
using System.Text;
using Engine.Nn;
using Engine.Pretraining.Hub;
using Engine.Pretraining.Models;
using Xunit;

namespace Engine.Pretraining.Tests.Hub;

/// <summary>
/// ONNX files read back field by field: every value is defined before it is used, every weight is there bit for bit. That onnxruntime computes
/// the same as the models is checked outside of the tests (see the fixtures' README).
/// </summary>
public sealed class OnnxTests : IDisposable
{
    private static readonly EncoderConfig s_encoder = new()
    {
        VocabSize = 23, HiddenSize = 16, EmbeddingSize = 16, NumHiddenLayers = 2, NumAttentionHeads = 2, IntermediateSize = 24, MaxPositionEmbeddings = 12,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly CpuDevice _device = new(threads: 1);

    public static TheoryData<string> Models => ["gpt2", "gpt2-bare", "llama", "mistral", "bert", "roberta", "distilbert"];

    public void Dispose()
    {
        _device.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_graph_is_whole_and_holds_the_weights(string name)
    {
        using Module model = Create(name);
        string path = _folder.File("model.onnx");
        Model.Export(path, model, null, "onnx");
        List<(int Field, byte[] Bytes)> file = Fields(File.ReadAllBytes(path));
        Assert.Equal(20, Fields(file.Single(f => f.Field == 8).Bytes).Where(f => f.Field == 2).Select(f => (int)f.Bytes[0]).Single());
        List<(int Field, byte[] Bytes)> graph = Fields(file.Single(f => f.Field == 7).Bytes);
        Dictionary<string, byte[]> tensors = graph.Where(f => f.Field == 5).Select(f => Fields(f.Bytes)).ToDictionary(t => Text(t, 8), t => t.Single(f => f.Field == 9).Bytes);
        HashSet<string> known = [.. tensors.Keys, .. graph.Where(f => f.Field == 11).Select(f => Text(Fields(f.Bytes), 1))];
        HashSet<string> used = [];
        foreach ((_, byte[] node) in graph.Where(f => f.Field == 1))
        {
            List<(int Field, byte[] Bytes)> fields = Fields(node);
            foreach (string input in fields.Where(f => f.Field == 1).Select(f => Encoding.UTF8.GetString(f.Bytes)))
            {
                Assert.True(known.Contains(input), $"{Text(fields, 4)} reads {input} before it is there");
                _ = used.Add(input);
            }

            Assert.True(known.Add(Text(fields, 2)), $"{Text(fields, 2)} is made twice");
        }

        Assert.Contains(Text(Fields(graph.Single(f => f.Field == 12).Bytes), 1), known);
        string[] heads = ["cls.", "bert.pooler", "lm_head.dense", "lm_head.layer_norm", "lm_head.bias", "vocab_"];
        foreach (Parameter parameter in model.Parameters.Where(p => name == "llama" || !heads.Any(h => p.Name.StartsWith(h, StringComparison.Ordinal))))
        {
            Assert.Contains(parameter.Name, used);
            Assert.Equal(MemoryMarshal.AsBytes<float>(parameter.Master.ToArray()).ToArray(), tensors[parameter.Name]);
        }
    }

    [Fact]
    public void What_has_no_graph_is_refused()
    {
        using Albert albert = new(_device, s_encoder);
        string path = _folder.File("x.onnx");
        Assert.Contains("this is a Albert", Assert.Throws<EngineException>(() => Model.Export(path, albert, null, "onnx")).Message, StringComparison.Ordinal);
        Assert.Contains("type Q8_0 cannot be written as onnx", Assert.Throws<EngineException>(() => Model.Export(path, albert, null, "onnx", "Q8_0")).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    private Module Create(string name) => name switch
    {
        "gpt2" or "gpt2-bare" => new Gpt2(_device, new Gpt2Config { VocabSize = 23, NPositions = 12, NEmbd = 16, NLayer = 2, NHead = 2, Bias = name == "gpt2" }, 1),
        "llama" or "mistral" => new Llama(_device, new LlamaConfig
        {
            VocabSize = 23, MaxPositionEmbeddings = 16, HiddenSize = 16, NumHiddenLayers = 2, NumAttentionHeads = 4, NumKeyValueHeads = 2, IntermediateSize = 24,
            SlidingWindow = name == "llama" ? 0 : 3, TieWordEmbeddings = name == "mistral",
        }, 1),
        "bert" => new Bert(_device, s_encoder, 1),
        "roberta" => new Roberta(_device, s_encoder with { TypeVocabSize = 1 }, 1),
        _ => new DistilBert(_device, s_encoder, 1),
    };

    private static string Text(List<(int Field, byte[] Bytes)> message, int field) => Encoding.UTF8.GetString(message.First(f => f.Field == field).Bytes);

    // The fields of a message in order; numbers as their 8 bytes.
    private static List<(int Field, byte[] Bytes)> Fields(byte[] message)
    {
        List<(int Field, byte[] Bytes)> fields = [];
        int at = 0;
        while (at < message.Length)
        {
            ulong tag = Varint();
            int length = (tag & 7) switch { 0 => -1, 2 => (int)Varint(), 5 => 4, _ => throw new InvalidOperationException($"wire type {tag & 7}") };
            fields.Add(((int)(tag >> 3), length < 0 ? BitConverter.GetBytes(Varint()) : message[at..(at + length)]));
            at += Math.Max(0, length);
        }

        return fields;

        ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = message[at++];
                value |= (ulong)(next & 127) << shift;
                if (next < 128)
                {
                    return value;
                }
            }
        }
    }
}
