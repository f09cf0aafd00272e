namespace Engine.Nn;

/// <summary>
/// A part of a model that owns parameters and other modules. Both are registered explicitly, in the constructor, under the
/// name that the checkpoint uses; nothing is found by reflection.
/// </summary>
public abstract class Module : IDisposable
{
    private readonly List<Parameter> _parameters = [];
    private readonly List<Module> _modules = [];

    /// <summary>A module on a device.</summary>
    /// <param name="device">Where the parameters live.</param>
    protected Module(Device device) => Device = device;

    /// <summary>Where the parameters live.</summary>
    public Device Device { get; }

    /// <summary>All parameters, this module's first, then its children's, in the order of registration.</summary>
    public IEnumerable<Parameter> Parameters => _parameters.Concat(_modules.SelectMany(m => m.Parameters));

    /// <summary>The number of trainable values.</summary>
    public long ParameterCount => Parameters.Sum(p => p.Master.Count);

    /// <summary>
    /// Chooses what ops read of the weights, and with it the type of the activations: with bf16 or fp16, matrices get a copy of
    /// that type beside their float32 <see cref="Parameter.Master"/>; with int8, one with a scale for each output channel
    /// (<see cref="Tensor.QuantizeInt8"/>), for inference with float32 activations: a step that records refuses it. Vectors (biases, the gains of norms) stay float32: they
    /// are a thousandth of the memory and join sums that are float32 anyway. Drops gradients, so call it before training.
    /// </summary>
    /// <param name="dtype">A floating-point type or int8; float32 undoes it.</param>
    /// <exception cref="EngineException">The type cannot hold weights, or a weight is not finite and the type is int8.</exception>
    public void StoreAs(DType dtype)
    {
        if (dtype == DType.Int32)
        {
            throw new EngineException($"StoreAs: {dtype.Name()} cannot hold weights; expected float32, bfloat16, float16 or int8.");
        }

        foreach (Parameter parameter in Parameters)
        {
            // Kernels of convolutions and other parameters of more axes have no int8 form.
            bool stored = dtype == DType.Int8 ? parameter.Master.Rank == 2 : parameter.Master.Rank >= 2;
            parameter.StoreAs(stored ? dtype : DType.Float32);
        }
    }

    /// <summary>Rounds all masters into their copies again, after they were changed other than by an optimizer.</summary>
    public void Refresh()
    {
        foreach (Parameter parameter in Parameters)
        {
            parameter.Refresh();
        }
    }

    /// <summary>Marks every gradient zero.</summary>
    public void ZeroGrad()
    {
        foreach (Parameter parameter in _parameters)
        {
            parameter.ZeroGrad();
        }

        foreach (Module module in _modules)
        {
            module.ZeroGrad();
        }
    }

    /// <summary>The names of parameters that the last backward did not reach.</summary>
    public IEnumerable<string> Unreached => Parameters.Where(p => !p.Grad.IsDefined).Select(p => p.Name);

    /// <summary>Frees the parameters and their gradients.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the parameters and their gradients.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (Parameter parameter in Parameters)
        {
            parameter.Dispose();
        }
    }

    /// <summary>Registers a parameter and fills it.</summary>
    /// <param name="name">Its name inside this module, for example <c>weight</c>.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="initializer">How its first values are drawn.</param>
    /// <param name="channelAxis">Of a matrix, the axis of its output channels: 0 for weights (out, in) and tables, 1 for (in, out).</param>
    protected Parameter Param(string name, Shape shape, Initializer initializer, int channelAxis = 0)
    {
        Tensor value = Tensor.Empty(Device, shape, tag: "parameters");
        if (Device.HoldsValues)
        {
            initializer.Fill(value);
        }

        Parameter parameter = new(name, value, channelAxis);
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Registers a child: its parameters' names get the prefix <c>name.</c>, or none if the name is empty.</summary>
    protected TModule Add<TModule>(string name, TModule module)
        where TModule : Module
    {
        _modules.Add(module);
        foreach (Parameter parameter in module.Parameters)
        {
            parameter.Name = name.Length == 0 ? parameter.Name : $"{name}.{parameter.Name}";
        }

        return module;
    }
}
