using Engine.Nn;
using Engine.Testing;

namespace Engine.Tests.Optim;

/// <summary>Parameters without a model: tests set values and gradients directly.</summary>
internal sealed class OptimModel : IDisposable
{
    private readonly Fixture? _file;

    private OptimModel(Device device, Fixture? file, IEnumerable<(string Name, float[] Values, Shape Shape)> parameters)
    {
        _file = file;
        Device = device;
        Parameters = [.. parameters.Select(p => new Parameter(p.Name, Tensor.From<float>(device, p.Values, p.Shape)))];
    }

    public Device Device { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Steps for which the file has gradients.</summary>
    public int Steps => Parameters.Count == 0 ? 0 : _file!.Shape("grads." + Parameters[0].Name)[0];

    /// <summary>The parameters of the fixture, <c>start.NAME</c>.</summary>
    public static OptimModel From(Fixture file, Device device) => new(
        device,
        file,
        file.Names.Where(n => n.StartsWith("start.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(n => (n["start.".Length..], file.Floats(n), file.Shape(n))));

    /// <summary>Random parameters named a, b, c … of the given shapes.</summary>
    public static OptimModel Random(Device device, params Shape[] shapes)
    {
        RandomStream random = new(3, stream: 0);
        return new OptimModel(device, null, shapes.Select((shape, i) => (((char)('a' + i)).ToString(), Normal(random, shape), shape)));
    }

    /// <summary>The file's gradient of one parameter at one step.</summary>
    public float[] GradientOf(string name, int step)
    {
        float[] all = _file!.Floats("grads." + name);
        int count = all.Length / Steps;
        return all[(step * count)..((step + 1) * count)];
    }

    /// <summary>Gives every parameter the file's gradient of a step.</summary>
    public void SetGradients(int step)
    {
        foreach (Parameter p in Parameters)
        {
            SetGradient(p, GradientOf(p.Name, step));
        }
    }

    /// <summary>Gives every parameter a random gradient.</summary>
    public void RandomGradients(ulong seed)
    {
        RandomStream random = new(seed, stream: 1);
        foreach (Parameter p in Parameters)
        {
            SetGradient(p, Normal(random, p.Value.Shape));
        }
    }

    /// <summary>Overwrites the gradient, as the first backward after ZeroGrad does.</summary>
    public static void SetGradient(Parameter p, ReadOnlySpan<float> values)
    {
        TensorData d = p.Value.Data;
        if (!d.Grad.IsDefined)
        {
            d.Grad = Tensor.Empty(d.Device, d.Shape, tag: "gradients");
        }

        d.Grad.Load(values);
        d.HasGrad = true;
    }

    public void Dispose()
    {
        foreach (Parameter p in Parameters)
        {
            p.Dispose();
        }
    }

    private static float[] Normal(RandomStream random, Shape shape)
    {
        float[] values = new float[shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextNormal();
        }

        return values;
    }
}
