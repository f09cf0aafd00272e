using Engine.Nn;
using Engine.Optim;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Optim;

/// <summary>
/// Trajectories of the fixture <c>optim</c>: gradients are given, parameters are compared after every step the file has.
/// </summary>
public sealed class OptimFixtureTests
{
    private const string File = "optim";

    private static readonly Dictionary<string, Func<FixtureCase, IReadOnlyList<ParameterGroup>, Optimizer>> s_optimizers = new()
    {
        ["sgd"] = NewSgd,
        ["sgd_momentum"] = NewSgd,
        ["sgd_nesterov"] = NewSgd,
        ["adam"] = (c, g) => new Adam(g, c.Number("lr"), c.Numbers("betas")[0], c.Numbers("betas")[1], c.Number("eps")),
        ["adam_l2"] = (c, g) => new Adam(g, c.Number("lr"), c.Numbers("betas")[0], c.Numbers("betas")[1], c.Number("eps")),
        ["adamw"] = NewAdamW,
        ["adamw_amsgrad"] = NewAdamW,
        ["adamw_groups"] = NewAdamW,
        ["adamw_cosine_clip"] = NewAdamW,
        ["rmsprop"] = (c, g) => new RmsProp(g, c.Number("lr"), c.Number("alpha"), c.Number("eps")),
        ["adagrad"] = (c, g) => new Adagrad(g, c.Number("lr"), c.Number("initial_accumulator"), c.Number("eps")),
        ["lion"] = (c, g) => new Lion(g, c.Number("lr"), c.Numbers("betas")[0], c.Numbers("betas")[1]),
        ["lamb"] = (c, g) => new Lamb(g, c.Number("lr"), c.Numbers("betas")[0], c.Numbers("betas")[1], c.Number("eps")),
    };

    public static TheoryData<string> Cases => Fixture.CasesOf(File);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_PyTorch(string name)
    {
        Fixture file = Fixture.Open(File);
        switch (name)
        {
            case "schedules":
                Schedules(file.Case(name));
                break;
            case "clip":
                Clip(file, file.Case(name));
                break;
            case "ema":
                Average(file, file.Case(name));
                break;
            default:
                Trajectory(file, file.Case(name));
                break;
        }
    }

    private static void Trajectory(Fixture file, FixtureCase c)
    {
        Assert.True(s_optimizers.ContainsKey(c.Name), $"{File}: no runner for case '{c.Name}'");
        using CpuDevice device = new();
        using OptimModel model = OptimModel.From(file, device);
        using Optimizer optimizer = s_optimizers[c.Name](c, [.. model.Parameters.Select(p => new ParameterGroup([p], Decay(c, p.Name)))]);
        using GradientClipping clipping = new(model.Parameters);
        long steps = model.Steps;
        Schedule schedule = c.HasSetting("min_lr")
            ? new CosineSchedule(c.Number("lr"), c.Number("min_lr"), (long)c.Number("warmup"), steps, WarmupForm.ToPeak)
            : new ConstantSchedule(c.Number("lr"));
        int compared = 0;
        for (int step = 0; step < steps; step++)
        {
            optimizer.ZeroGrad();
            model.SetGradients(step);
            optimizer.LearningRate = schedule.At(step);
            if (c.HasSetting("max_norm"))
            {
                clipping.Measure(c.Number("max_norm"));
                Tolerance.Operator.AssertClose(c.Doubles("grad_norm").AsSpan(step, 1), [clipping.Norm.Item()], $"{c.Name} norm of step {step}");
                Tolerance.Operator.AssertClose(c.Doubles("lr").AsSpan(step, 1), [(float)optimizer.LearningRate], $"{c.Name} rate of step {step}");
                optimizer.Step(clipping.Scale);
            }
            else
            {
                optimizer.Step();
            }

            foreach (Parameter p in model.Parameters)
            {
                foreach (string key in new[] { $"p{step + 1}.{p.Name}", $"f64.p{step + 1}.{p.Name}" }.Where(c.Has))
                {
                    Tolerance.Operator.AssertClose(c.Doubles(key), p.Value.ToArray(), $"{c.Name} {key}");
                    compared++;
                }
            }
        }

        Assert.Equal(c.Names.Count(n => n.StartsWith('p') || n.StartsWith("f64.p", StringComparison.Ordinal)), compared);
        Assert.Empty(optimizer.Unreached);
    }

    private static void Schedules(FixtureCase c)
    {
        double peak = c.Number("base");
        long warmup = (long)c.Number("warmup");
        long total = (long)c.Number("T");

        // The width is in the fixtures' README, not in the file, unless a later file has it.
        long width = c.HasSetting("d") ? (long)c.Number("d") : 512;
        Dictionary<string, Schedule> schedules = new()
        {
            ["cosine"] = new CosineSchedule(peak, c.Number("min_lr"), warmup, total, WarmupForm.Between),
            ["linear"] = new LinearSchedule(peak, warmup, total),
            ["noam"] = new NoamSchedule(width, warmup),
            ["rsqrt"] = new InverseSquareRootSchedule(peak, warmup),
        };
        foreach (string key in c.Names)
        {
            double[] expected = c.Doubles(key);
            Schedule schedule = schedules[key[(key.LastIndexOf('.') + 1)..]];
            for (int step = 0; step < expected.Length; step++)
            {
                Assert.Equal(expected[step], schedule.At(step), 1e-12 * peak);
            }
        }
    }

    private static void Clip(Fixture file, FixtureCase c)
    {
        using CpuDevice device = new();
        using OptimModel model = OptimModel.From(file, device);
        model.SetGradients(0);
        float norm = GradientClipping.ByGlobalNorm(model.Parameters, c.Number("max_norm"));
        Tolerance.Operator.AssertClose(c.Doubles("norm"), [norm], "clip norm");
        AssertGradients(model, c, "out");

        model.SetGradients(0);
        double limit = LargestOf(c, "val");
        GradientClipping.ByValue(model.Parameters, limit);
        AssertGradients(model, c, "val");
    }

    private static void Average(Fixture file, FixtureCase c)
    {
        using CpuDevice device = new();
        using OptimModel model = OptimModel.From(file, device);
        string[] names = [.. c.Names.Select(n => n[(n.IndexOf('.', StringComparison.Ordinal) + 1)..])];
        Parameter[] followed = [.. model.Parameters.Where(p => names.Contains(p.Name))];
        using MovingAverageWeights average = new(followed, c.Number("decay"));
        for (int step = 0; step < model.Steps; step++)
        {
            foreach (Parameter p in followed)
            {
                p.Value.Load<float>(model.GradientOf(p.Name, step));
            }

            average.Update();
        }

        foreach ((string name, Tensor value) in average.StateTensors)
        {
            Tolerance.Operator.AssertClose(c.Doubles("out." + name[..^".ema".Length]), value.ToArray(), $"ema {name}");
        }

        Assert.NotEmpty(followed);
    }

    private static Sgd NewSgd(FixtureCase c, IReadOnlyList<ParameterGroup> groups) =>
        new(groups, c.Number("lr"), c.HasSetting("momentum") ? c.Number("momentum") : 0, c.Name.EndsWith("nesterov", StringComparison.Ordinal));

    private static AdamW NewAdamW(FixtureCase c, IReadOnlyList<ParameterGroup> groups) => new(
        groups, c.Number("lr"), c.Numbers("betas")[0], c.Numbers("betas")[1], c.Number("eps"), c.Name.EndsWith("amsgrad", StringComparison.Ordinal));

    // weight_decay is for all parameters, weight_decay_NAME for one.
    private static double Decay(FixtureCase c, string name) =>
        c.HasSetting("weight_decay_" + name) ? c.Number("weight_decay_" + name)
        : c.HasSetting("weight_decay") ? c.Number("weight_decay")
        : 0;

    // The file does not name the limit; its clipped values reach it.
    private static double LargestOf(FixtureCase c, string prefix) =>
        c.Names.Where(n => n.StartsWith(prefix + ".", StringComparison.Ordinal)).SelectMany(c.Doubles).Max(Math.Abs);

    private static void AssertGradients(OptimModel model, FixtureCase c, string prefix)
    {
        foreach (Parameter p in model.Parameters)
        {
            Tolerance.Operator.AssertClose(c.Doubles($"{prefix}.{p.Name}"), p.Grad.ToArray(), $"{c.Name} {prefix}.{p.Name}");
        }
    }
}
