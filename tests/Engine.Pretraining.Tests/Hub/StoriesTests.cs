using System.Text.Json;
using Engine.Nn;
using Engine.Pretraining.Generation;
using Engine.Pretraining.Hub;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Hub;

/// <summary>stories260K, a trained Llama, from both of its forms against PyTorch: tokens, logits, greedy text, loss and gradients of fine-tuning.</summary>
public sealed class StoriesTests : IDisposable
{
    private readonly Fixture _file = Fixture.OpenReal("real_stories260k");
    private readonly CpuDevice _device = new();

    public static TheoryData<string> Forms => [Fixture.WeightsFolder("stories260K"), Path.Combine(Fixture.WeightsFolder("stories260K"), "stories260K.bin")];

    public void Dispose()
    {
        _device.Dispose();
        _file.Dispose();
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Logits_and_loss(string form)
    {
        using PretrainedModel loaded = Model.Load(form, _device);
        Llama model = Assert.IsType<Llama>(loaded.Network);
        using StepScope step = new(_device, recording: false);
        for (int prompt = 0; _file.Has($"prompt{prompt}.greedy_ids"); prompt++)
        {
            int[] ids = _file.Ints($"prompt{prompt}.greedy_ids");
            float[] logits = model.Logits(step.From<int>(ids.AsSpan(0, ids.Length - 1), [1, ids.Length - 1])).ToArray();
            float[][] every = [.. logits.Chunk(model.VocabSize).Where((_, at) => at % 4 == 0)];
            new Tolerance(1e-4, 1e-4).AssertClose(_file.Doubles($"prompt{prompt}.logits"), [.. every.SelectMany(row => row)], "logits");
            float loss = model.Loss(step.From<int>(ids.AsSpan(0, ids.Length - 1), [1, ids.Length - 1]), step.From<int>(ids.AsSpan(1), [1, ids.Length - 1])).Item();
            new Tolerance(1e-5, 1e-4).AssertClose(_file.Doubles($"prompt{prompt}.f64.loss"), [loss], "loss");
            step.Clear();
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Greedy_text(string form)
    {
        using TrainedModel model = TrainedModel.LoadPretrained(_device, form);
        for (int prompt = 0; _file.Has($"prompt{prompt}.greedy_ids"); prompt++)
        {
            int[] begin = _file.Ints($"prompt{prompt}.prompt_ids");
            int[] all = _file.Ints($"prompt{prompt}.greedy_ids");
            string text = _file.Metadata[$"prompt{prompt}.text"];
            Assert.Equal(begin[1..], model.Tokenizer.Encode(text));
            SamplingOptions greedy = new() { Tokens = all.Length - begin.Length, Temperature = 0 };
            Assert.Equal(all[begin.Length..], TextGenerator.Generate(model.Model, begin, greedy, TestContext.Current.CancellationToken));
            string expected = _file.Metadata[$"prompt{prompt}.greedy_text"];
            string continuation = string.Concat(model.Continue(text, greedy, stop: TestContext.Current.CancellationToken));
            Assert.Equal(expected, (text + continuation).TrimStart(' '));
        }
    }

    [Fact]
    public void Fine_tuning()
    {
        using PretrainedModel loaded = Model.Load(Fixture.WeightsFolder("stories260K"), _device);
        using StepScope step = new(_device);
        Llama model = (Llama)loaded.Network;
        int[] ids = _file.Ints("finetune.ids");
        Tensor loss = model.Loss(step.From<int>(ids.AsSpan(0, ids.Length - 1), [1, ids.Length - 1]), step.From<int>(ids.AsSpan(1), [1, ids.Length - 1]));
        new Tolerance(1e-5, 1e-4).AssertClose(_file.Doubles("finetune.f64.loss"), [loss.Item()], "loss");
        step.Backward(loss);
        Dictionary<string, Parameter> parameters = model.Parameters.ToDictionary(p => p.Name);
        string[] order = JsonSerializer.Deserialize<string[]>(_file.Metadata["param_order_of_norms"])!;
        float[] norms = [.. order.Select(name => (float)Math.Sqrt(parameters[name].Grad.ToArray().Sum(v => (double)v * v)))];
        new Tolerance(1e-5, 1e-3).AssertClose(_file.Doubles("finetune.f64.grad_norms"), norms, "norms of gradients");
        const string Full = "finetune.grad.";
        string[] full = [.. _file.Names.Where(name => name.StartsWith(Full, StringComparison.Ordinal))];
        Assert.NotEmpty(full);
        foreach (string name in full)
        {
            double[] expected = _file.Doubles(name);
            new Tolerance(1e-5 + (1e-3 * expected.Max(Math.Abs)), 0).AssertClose(expected, parameters[name[Full.Length..]].Grad.ToArray(), name);
        }
    }

    [Fact]
    public void Tokens()
    {
        ITokenizer tokenizer = TokenizerFile.Load(Path.Combine(Fixture.WeightsFolder("stories260K"), "tokenizer.bin"));
        ITokenizer copy = TokenizerFile.Parse(TokenizerFile.ToJson(tokenizer), "copy");
        int cases = 0;
        for (; _file.Has($"tokenize{cases}.ids"); cases++)
        {
            string text = _file.Metadata[$"tokenize{cases}.text"];
            int[] expected = _file.Ints($"tokenize{cases}.ids");
            int[] actual = [tokenizer.SpecialTokens.Bos!.Value, .. tokenizer.Encode(text)];
            Assert.Equal(expected, actual);
            Assert.Equal(text, tokenizer.Decode(actual.AsSpan(1)));
            Assert.Equal(actual[1..], copy.Encode(text));
        }

        Assert.True(cases > 0);
    }
}
