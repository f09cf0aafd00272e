using System.Text.Json;
using Engine.Nn;
using Engine.Optim;
using Engine.Pretraining.Models;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

/// <summary>GPT-2 against PyTorch: outputs, gradients, the training curve, the trained weights. Tolerances: the fixtures' README.</summary>
public sealed class Gpt2FixtureTests : IDisposable
{
    private readonly Fixture _file = Fixture.Open("model_gpt2");
    private readonly CpuDevice _device = new();
    private readonly Gpt2 _model;
    private readonly StepScope _step;

    public Gpt2FixtureTests()
    {
        using JsonDocument json = JsonDocument.Parse(_file.Metadata["config"]);
        JsonElement config = json.RootElement;
        int Int(string key) => config.GetProperty(key).GetInt32();
        _step = new StepScope(_device);
        _model = new Gpt2(_device, new Gpt2Config
        {
            VocabSize = Int("vocab_size"),
            NPositions = Int("n_positions"),
            NEmbd = Int("n_embd"),
            NLayer = Int("n_layer"),
            NHead = Int("n_head"),
            LayerNormEpsilon = config.GetProperty("layer_norm_epsilon").GetSingle(),
            ActivationFunction = config.GetProperty("activation").GetString()!,
        });
        foreach (Parameter parameter in _model.Parameters)
        {
            Assert.Equal(_file.Shape("param." + parameter.Name), parameter.Value.Shape);
            parameter.Value.Load<float>(_file.Floats("param." + parameter.Name));
        }
    }

    public void Dispose()
    {
        _model.Dispose();
        _device.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void Every_parameter_of_the_checkpoint_has_its_name_here() => Assert.Equal(
        _file.Names.Where(n => n.StartsWith("param.", StringComparison.Ordinal)).Select(n => n[6..]).Order(StringComparer.Ordinal),
        _model.Parameters.Select(p => p.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Hidden_states_and_logits()
    {
        Tolerance close = new(1e-4, 1e-4);
        close.AssertClose(_file.Doubles("out.hidden"), _model.Hidden(Ids(0)).ToArray(), "hidden");
        close.AssertClose(_file.Doubles("out.logits"), _model.Logits(Ids(0)).ToArray(), "logits");
        Shape last = _file.Shape("out.logits");
        float[] next = _model.NextTokenLogits(Ids(0)).ToArray();
        double[] all = _file.Doubles("out.logits");
        double[] expected = [.. Enumerable.Range(0, last[0]).SelectMany(b => all.Skip(((b * last[1]) + last[1] - 1) * last[2]).Take(last[2]))];
        close.AssertClose(expected, next, "next-token logits");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Loss_and_gradients(bool checkpointing)
    {
        _model.Checkpointing = checkpointing;
        Tensor loss = _model.Loss(Ids(0), Labels(0));
        new Tolerance(1e-5, 1e-4).AssertClose(_file.Doubles("f64.out.loss"), [loss.Item()], "loss");
        _step.Backward(loss);
        Assert.Empty(_model.Unreached);
        foreach (Parameter parameter in _model.Parameters)
        {
            double[] expected = _file.Doubles("grad." + parameter.Name);
            Tolerance close = new(1e-5 + (1e-3 * expected.Max(Math.Abs)), 0);
            close.AssertClose(expected, parameter.Grad.ToArray(), "gradient of " + parameter.Name);
        }
    }

    [Fact]
    public void Training_curve_and_trained_weights()
    {
        double[] losses = _file.Doubles("train.losses");
        double[] norms = _file.Doubles("f64.train.grad_norms");
        int steps = (int)Setting("steps");
        int batches = (int)Setting("batches");
        HashSet<string> decayed = [.. NameList("decayed")];
        HashSet<string> frozen = [.. NameList("frozen")];
        Parameter[] trained = [.. _model.Parameters.Where(p => !frozen.Contains(p.Name))];
        using AdamW optimizer = new(
            [
                new ParameterGroup(trained.Where(p => decayed.Contains(p.Name)), Setting("weight_decay")),
                new ParameterGroup(trained.Where(p => !decayed.Contains(p.Name))),
            ],
            Setting("lr"), Setting("betas", 0), Setting("betas", 1), Setting("eps"));
        using GradientClipping clipping = new(trained);
        CosineSchedule schedule = new(Setting("lr"), Setting("min_lr"), (long)Setting("warmup"), steps, WarmupForm.ToPeak);
        for (int s = 0; s < steps; s++)
        {
            Tensor loss = _model.Loss(Ids(s % batches), Labels(s % batches));
            Relative(losses[s], loss.Item(), $"loss before step {s}");
            _step.Backward(loss);
            _step.Clear();
            clipping.Measure(Setting("clip_global_norm"));
            Relative(norms[s], clipping.Norm.Item(), $"gradient norm of step {s}");
            optimizer.LearningRate = schedule.At(s);
            optimizer.Step(clipping.Scale);
            optimizer.ZeroGrad();
        }

        Relative(losses[steps], _model.Loss(Ids(0), Labels(0)).Item(), "loss after the last step");
        CompareTrainedWeights();
        Assert.Equal(_file.Ints("gen.greedy"), Greedy(_file.Shape("gen.greedy")[1]));
    }

    // Key biases have a true gradient of zero, so their trained values are rounding noise and are not compared.
    private void CompareTrainedWeights()
    {
        string[] noise = NameList("not_recorded_after_training");
        string[] order = NameList("param_order_of_norms");
        double[] norms = _file.Doubles("f64.train.param_norms");
        foreach (Parameter parameter in _model.Parameters.Where(p => !noise.Contains(p.Name)))
        {
            float[] values = parameter.Value.ToArray();
            int at = Array.IndexOf(order, parameter.Name);
            Assert.True(at >= 0, $"{parameter.Name} is not in param_order_of_norms");
            Relative(norms[at], Math.Sqrt(values.Sum(v => (double)v * v)), "norm of trained " + parameter.Name);
            if (_file.Has("final." + parameter.Name))
            {
                new Tolerance(1e-3, 1e-3).AssertClose(_file.Doubles("final." + parameter.Name), values, "trained " + parameter.Name);
            }
        }
    }

    private int[] Greedy(int length)
    {
        List<int> tokens = [.. _file.Ints("gen.greedy").Take(5)];
        while (tokens.Count < length)
        {
            float[] scores = _model.NextTokenLogits(_step.From<int>([.. tokens], [1, tokens.Count])).ToArray();
            tokens.Add(Array.IndexOf(scores, scores.Max()));
            _step.Clear();
        }

        return [.. tokens];
    }

    // 2e-3 relative, as the README asks of the training losses.
    private static void Relative(double expected, double actual, string what) =>
        Assert.True(Math.Abs(actual - expected) <= 2e-3 * Math.Abs(expected), $"{what}: {actual:R}, expected {expected:R}");

    // One number of the header's "train" object, or one place of a list in it.
    private double Setting(string key, int place = -1)
    {
        using JsonDocument json = JsonDocument.Parse(_file.Metadata["train"]);
        JsonElement value = json.RootElement.GetProperty(key);
        return (place < 0 ? value : value[place]).GetDouble();
    }

    private string[] NameList(string key) => _file.Metadata.TryGetValue(key, out string? list) ? JsonSerializer.Deserialize<string[]>(list)! : [];

    private Tensor Ids(int batch) => Batch($"batch{batch}.input_ids");

    private Tensor Labels(int batch) => Batch($"batch{batch}.labels");

    private Tensor Batch(string name) => _step.From<int>(_file.Ints(name), _file.Shape(name));
}
