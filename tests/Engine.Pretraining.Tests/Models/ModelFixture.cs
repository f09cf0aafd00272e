using System.Text.Json;
using Engine.Nn;
using Engine.Optim;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

/// <summary>
/// A model against PyTorch: the start parameters, gradients and training curve of a <c>model_*.safetensors</c> file, at the
/// tolerances of the fixtures' README. A test class says how the file's config becomes a model and how a batch becomes a loss.
/// </summary>
internal sealed class ModelFixture : IDisposable
{
    private readonly JsonDocument _config;
    private readonly JsonDocument _train;

    public ModelFixture(string name)
    {
        File = Fixture.Open(name);
        _config = JsonDocument.Parse(File.Metadata["config"]);
        _train = JsonDocument.Parse(File.Metadata["train"]);
        Step = new StepScope(Device);
    }

    public Fixture File { get; }

    public CpuDevice Device { get; } = new();

    /// <summary>Where the test's tensors live; recording.</summary>
    public StepScope Step { get; }

    public JsonElement Config => _config.RootElement;

    public int Int(string key) => Config.GetProperty(key).GetInt32();

    public float Float(string key) => Config.GetProperty(key).GetSingle();

    /// <summary>An int32 tensor of the file, for example <c>batch0.input_ids</c>.</summary>
    public Tensor Ints(string name) => Step.From<int>(File.Ints(name), File.Shape(name));

    /// <summary>Names and shapes equal the file's; gives the model the file's start parameters.</summary>
    public TModel Load<TModel>(TModel model)
        where TModel : Module
    {
        Assert.Equal(
            File.Names.Where(n => n.StartsWith("param.", StringComparison.Ordinal)).Select(n => n[6..]).Order(StringComparer.Ordinal),
            model.Parameters.Select(p => p.Name).Order(StringComparer.Ordinal));
        foreach (Parameter parameter in model.Parameters)
        {
            Assert.Equal(File.Shape("param." + parameter.Name), parameter.Value.Shape);
            parameter.Value.Load<float>(File.Floats("param." + parameter.Name));
        }

        return model;
    }

    /// <summary>Compares a result on batch 0 with <c>out.NAME</c>.</summary>
    public void AssertOutput(string name, Tensor actual) => new Tolerance(1e-4, 1e-4).AssertClose(File.Doubles("out." + name), actual.ToArray(), name);

    /// <summary>Loss of batch 0 and the gradient of every parameter.</summary>
    public void AssertGradients(Module model, Func<int, Tensor> lossOfBatch)
    {
        Tensor loss = lossOfBatch(0);
        new Tolerance(1e-5, 1e-4).AssertClose(File.Doubles("f64.out.loss"), [loss.Item()], "loss");
        Step.Backward(loss);
        Assert.Empty(model.Unreached);
        foreach (Parameter parameter in model.Parameters)
        {
            double[] expected = File.Doubles("grad." + parameter.Name);
            Tolerance close = new(1e-5 + (1e-3 * expected.Max(Math.Abs)), 0);
            close.AssertClose(expected, parameter.Grad.ToArray(), "gradient of " + parameter.Name);
        }
    }

    /// <summary>Trains as the file's header says and compares losses, gradient norms and trained weights.</summary>
    /// <param name="model">The model.</param>
    /// <param name="lossOfBatch">The loss of one of the file's batches.</param>
    /// <param name="stableSteps">
    /// After so many steps, of the gradients and weights only the norms of trained weights are held to the tolerance of the losses, which is
    /// all the README has one for: where a ReLU's input is nearly zero, rounding decides about the rest. Single weights must then still be
    /// within 2e-2, a third of the way that these learning rates go.
    /// </param>
    public void AssertTraining(Module model, Func<int, Tensor> lossOfBatch, int stableSteps = int.MaxValue)
    {
        double[] losses = File.Doubles("train.losses");
        double[] norms = File.Doubles("f64.train.grad_norms");
        int steps = (int)Setting("steps");
        int batches = (int)Setting("batches");
        HashSet<string> decayed = [.. NameList("decayed")];
        HashSet<string> frozen = [.. NameList("frozen")];
        Parameter[] trained = [.. model.Parameters.Where(p => !frozen.Contains(p.Name))];
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
            Tensor loss = lossOfBatch(s % batches);
            Relative(losses[s], loss.Item(), $"loss before step {s}");
            Step.Backward(loss);
            Step.Clear();
            clipping.Measure(Setting("clip_global_norm"));
            if (s < stableSteps)
            {
                Relative(norms[s], clipping.Norm.Item(), $"gradient norm of step {s}");
            }

            optimizer.LearningRate = schedule.At(s);
            optimizer.Step(clipping.Scale);
            optimizer.ZeroGrad();
        }

        Relative(losses[steps], lossOfBatch(0).Item(), "loss after the last step");
        CompareTrainedWeights(model, steps <= stableSteps ? new Tolerance(1e-3, 1e-3) : new Tolerance(2e-2, 0));
    }

    public void Dispose()
    {
        Device.Dispose();
        File.Dispose();
        _config.Dispose();
        _train.Dispose();
    }

    // Key biases have a true gradient of zero, so their trained values are rounding noise and are not compared.
    private void CompareTrainedWeights(Module model, Tolerance tolerance)
    {
        string[] noise = NameList("not_recorded_after_training");
        string[] order = NameList("param_order_of_norms");
        double[] norms = File.Doubles("f64.train.param_norms");
        foreach (Parameter parameter in model.Parameters.Where(p => !noise.Contains(p.Name)))
        {
            float[] values = parameter.Value.ToArray();
            int at = Array.IndexOf(order, parameter.Name);
            Assert.True(at >= 0, $"{parameter.Name} is not in param_order_of_norms");
            Relative(norms[at], Math.Sqrt(values.Sum(v => (double)v * v)), "norm of trained " + parameter.Name);
            if (File.Has("final." + parameter.Name))
            {
                tolerance.AssertClose(File.Doubles("final." + parameter.Name), values, "trained " + parameter.Name);
            }
        }
    }

    // 2e-3 relative, as the README asks of the training losses.
    private static void Relative(double expected, double actual, string what) =>
        Assert.True(Math.Abs(actual - expected) <= 2e-3 * Math.Abs(expected), $"{what}: {actual:R}, expected {expected:R}");

    // One number of the header's "train" object, or one place of a list in it.
    private double Setting(string key, int place = -1)
    {
        JsonElement value = _train.RootElement.GetProperty(key);
        return (place < 0 ? value : value[place]).GetDouble();
    }

    private string[] NameList(string key) => File.Metadata.TryGetValue(key, out string? list) ? JsonSerializer.Deserialize<string[]>(list)! : [];
}
