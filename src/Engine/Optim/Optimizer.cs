using Engine.KernelLanguage;
using Engine.Nn;

namespace Engine.Optim;

/// <summary>
/// Changes parameters by their gradients. The loop sets <see cref="LearningRate"/> (from a <see cref="Schedule"/>), runs
/// backward once or more, calls <see cref="Step"/>, then <see cref="ZeroGrad"/>. Parameters are updated in place, in float32
/// (<see cref="Parameter.Master"/>), each by one kernel that reads and writes everything once; 16-bit copies are then rounded anew.
/// State is kept by parameter name. A steady step allocates nothing.
/// </summary>
/// <remarks>
/// Gradient accumulation: backward adds, so run it for k micro-batches, and set <see cref="GradScale"/> to 1/k (where each
/// loss is a mean), or divide each loss by k and leave it at 1.
/// </remarks>
public abstract class Optimizer : IDisposable
{
    private readonly List<Entry> _entries = [];
    private readonly string _name;
    private readonly StateSlot[] _slots;
    private bool _hasState;
    private long _stepCount;
    private double _learningRate;
    private double _gradScale = 1;

    private protected Optimizer(string name, IEnumerable<ParameterGroup> groups, double learningRate, params ReadOnlySpan<StateSlot> slots)
    {
        _name = name;
        _slots = slots.ToArray();
        Groups = [.. groups];
        LearningRate = learningRate;
        HashSet<string> names = [];
        foreach (ParameterGroup group in Groups)
        {
            foreach (Parameter parameter in group.Parameters)
            {
                if (!names.Add(parameter.Name))
                {
                    throw new EngineException($"{name}: the parameter {parameter.Name} is given twice; state is kept by name, and each is updated once.");
                }

                Check.DType(name, parameter.Name, parameter.Master, DType.Float32);
                _entries.Add(new Entry(parameter, group, new Tensor[_slots.Length]));
            }
        }

        Device = SameDevice.Of(name, [.. _entries.Select(e => e.Parameter)]);
    }

    /// <summary>Where the parameters and the state are.</summary>
    public Device Device { get; }

    /// <summary>The groups, in the order in which they are updated.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>The learning rate of the next step, before the groups' factors; at least 0.</summary>
    /// <exception cref="EngineException">It is negative or not finite.</exception>
    public double LearningRate
    {
        get => _learningRate;
        set => _learningRate = Setting.AtLeastZero(_name, "the learning rate", value);
    }

    /// <summary>Factor on every gradient, above 0: 1/k after k micro-batches, 1/S under loss scaling by S.</summary>
    /// <exception cref="EngineException">It is not above 0 or not finite.</exception>
    public double GradScale
    {
        get => _gradScale;
        set => _gradScale = Setting.Positive(_name, "GradScale", value);
    }

    /// <summary>Steps done; part of a checkpoint, as Adam's bias corrections depend on it.</summary>
    /// <exception cref="EngineException">It is negative.</exception>
    public long StepCount
    {
        get => _stepCount;
        set => _stepCount = Setting.Steps(_name, "StepCount", value, 0);
    }

    /// <summary>
    /// The state by name: parameter name, dot, PyTorch's name of the quantity (<c>h.0.attn.c_attn.weight.exp_avg</c>). The tensors
    /// are the optimizer's own: write a checkpoint from them, read one into them, do not dispose them.
    /// </summary>
    public IEnumerable<(string Name, Tensor Value)> StateTensors
    {
        get
        {
            EnsureState();
            return _entries.SelectMany(e => _slots.Select((slot, i) => ($"{e.Parameter.Name}.{slot.Name}", e.State[i])));
        }
    }

    /// <summary>
    /// Names of the parameters that the last <see cref="Step"/> skipped because no gradient had reached them. They did not
    /// decay either, as in PyTorch; outside of fine-tuning and mixtures of experts a name here is a mistake in the model.
    /// </summary>
    public IEnumerable<string> Unreached => _entries.Where(e => e.Skipped).Select(e => e.Parameter.Name);

    /// <summary>Updates every parameter that has a gradient.</summary>
    /// <param name="clip">
    /// One number on the parameters' device by which every gradient is multiplied besides <see cref="GradScale"/>, usually
    /// <see cref="GradientClipping.Scale"/>; undefined for none.
    /// </param>
    /// <exception cref="EngineException"><paramref name="clip"/> is not one float32 number on the parameters' device.</exception>
    public void Step(Tensor clip = default)
    {
        using ProfileSpan span = Device.Span("optimizer");
        EnsureState();
        View<float> factor = Factor(clip);
        _stepCount++;
        Prepare(_stepCount);
        foreach (Entry entry in _entries)
        {
            Parameter parameter = entry.Parameter;
            Tensor grad = parameter.Grad;
            entry.Skipped = !grad.IsDefined;
            if (entry.Skipped)
            {
                continue;
            }

            Tensor value = parameter.Master;
            value.Data.Storage!.Version++;
            Update(new ParameterUpdate(
                value.Device,
                value.Flat<float>(),
                grad.Flat<float>(),
                entry.State,
                factor,
                (float)_gradScale,
                _learningRate * entry.Group.LearningRateScale,
                entry.Group.WeightDecay,
                value.Count));
            parameter.Refresh();
        }
    }

    /// <summary>Marks every gradient zero; the next backward overwrites it.</summary>
    public void ZeroGrad()
    {
        foreach (Entry entry in _entries)
        {
            entry.Parameter.ZeroGrad();
        }
    }

    /// <summary>Frees the state.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the state.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (Entry entry in _entries)
        {
            foreach (Tensor state in entry.State)
            {
                state.Dispose();
            }
        }
    }

    /// <summary>The shape of a quantity kept for a parameter: the parameter's own unless a rule keeps less.</summary>
    private protected virtual Shape StateShape(int slot, Shape parameter) => parameter;

    /// <summary>Computes what depends on the step only.</summary>
    /// <param name="step">The number of this step, from 1.</param>
    private protected virtual void Prepare(long step)
    {
        // Most rules depend on the gradient alone.
    }

    /// <summary>Launches the kernels of one parameter's update.</summary>
    private protected abstract void Update(in ParameterUpdate u);

    private View<float> Factor(Tensor clip)
    {
        if (!clip.IsDefined)
        {
            return default;
        }

        Check.DType(_name, "clip", clip, DType.Float32);
        if (clip.Count != 1 || clip.Device != Device)
        {
            Check.Fail(_name, $"clip {clip.Shape} has {clip.Count} elements on {clip.Device.Name}, expected 1 on {Device.Name}.", clip);
        }

        return clip.Flat<float>();
    }

    // At first use and not in the constructor, so that a refused setting leaves no memory behind.
    private void EnsureState()
    {
        if (_hasState)
        {
            return;
        }

        foreach (Entry entry in _entries)
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                entry.State[i] = Tensor.Empty(Device, StateShape(i, entry.Parameter.Value.Shape), tag: "optimizer state");
                entry.State[i].FillInPlace(_slots[i].Start);
            }
        }

        _hasState = true;
    }

    private sealed class Entry(Parameter parameter, ParameterGroup group, Tensor[] state)
    {
        public Parameter Parameter { get; } = parameter;

        public ParameterGroup Group { get; } = group;

        public Tensor[] State { get; } = state;

        public bool Skipped { get; set; }
    }
}
