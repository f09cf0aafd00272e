namespace Engine;

/// <summary>
/// One step of work: everything made inside is freed together by <see cref="Clear"/>. The scope is an explicit object,
/// owned by the loop that runs the steps and bound to the thread that made it; its objects are reused from step to step, so
/// a steady step allocates no managed memory.
/// </summary>
public sealed class StepScope : IDisposable
{
    private readonly List<TensorData> _slots = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private int _used;

    /// <summary>A scope on <paramref name="device"/>.</summary>
    /// <param name="device">Where the step's tensors live.</param>
    /// <param name="recording">Whether ops are recorded for backward; false for evaluation and generation.</param>
    /// <param name="seed">Seed of <see cref="Random"/>.</param>
    public StepScope(Device device, bool recording = true, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(device);
        Device = device;
        Recording = recording;
        Tape = new Tape(this);
        Random = new RandomStream(seed, stream: 0);
    }

    /// <summary>Where the step's tensors live.</summary>
    public Device Device { get; }

    /// <summary>Whether ops are recorded for backward.</summary>
    public bool Recording { get; internal set; }

    /// <summary>True while a checkpointed segment runs for the first time: not recorded, but a training pass all the same.</summary>
    internal bool Rehearsing { get; set; }

    /// <summary>True while backward runs a checkpointed segment again, when side effects have already happened.</summary>
    internal bool Replaying { get; set; }

    /// <summary>The record of this step's ops.</summary>
    public Tape Tape { get; }

    /// <summary>The random numbers of this step's ops (dropout).</summary>
    public RandomStream Random { get; }

    /// <summary>Steps begun, the present one included; error messages name it.</summary>
    public long Number { get; private set; } = 1;

    /// <summary>Tensors made in this step so far.</summary>
    public int TensorCount => _used;

    /// <summary>A step tensor with a copy of host values.</summary>
    /// <param name="values">Row-major values of type float, int, BFloat16 or Half.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="requiresGrad">Whether <see cref="Grad"/> will be asked for.</param>
    public Tensor From<T>(ReadOnlySpan<T> values, Shape shape, bool requiresGrad = false)
        where T : unmanaged
    {
        Tensor x = Empty(shape, Tensor.DTypeOf<T>());
        x.Load(values);
        x.Data.RequiresGrad = requiresGrad;
        return x;
    }

    /// <summary>A step tensor with arbitrary contents.</summary>
    public Tensor Empty(Shape shape, DType dtype = DType.Float32)
    {
        Tensor x = OpContext.Allocate(Device, this, "input", dtype, shape);
        x.Data.IsLeaf = true;
        return x;
    }

    /// <summary>
    /// A persistent tensor as a member of this step, for ops whose operands are all persistent. Gradients flow back to it.
    /// </summary>
    public Tensor Use(Tensor persistent) => UseOp.Apply(this, persistent);

    /// <summary>Computes the gradients of a scalar with respect to everything recorded that requires one.</summary>
    /// <param name="loss">The scalar.</param>
    /// <param name="scale">What all gradients are multiplied by from the start: loss scaling, see <c>LossScaler</c>.</param>
    public void Backward(Tensor loss, float scale = 1f) => Tape.Backward(loss, scale);

    /// <summary>The gradient that backward left for a leaf; undefined if none reached it.</summary>
    public static Tensor Grad(Tensor leaf) => leaf.Data.HasGrad ? leaf.Data.Grad : default;

    /// <summary>Runs a module without keeping its intermediates; backward runs it again to get them. See <see cref="CheckpointOp"/>.</summary>
    public Tensor Checkpoint(Tensor x, IForward segment) => CheckpointOp.Apply(this, x, segment);

    /// <summary>Ends the step: frees its tensors and empties the tape. The scope is ready for the next step.</summary>
    public void Clear()
    {
        CheckThread("StepScope.Clear");
        Tape.Clear();
        for (int i = 0; i < _used; i++)
        {
            _slots[i].Retire();
        }

        _used = 0;
        Number++;
    }

    /// <summary>Same as <see cref="Clear"/>.</summary>
    public void Dispose() => Clear();

    /// <summary>A fresh tensor object of this step.</summary>
    internal TensorData NewSlot()
    {
        if (_used == _slots.Count)
        {
            _slots.Add(new TensorData { Scope = this, Device = Device });
        }

        return _slots[_used++];
    }

    /// <summary>Frees the memory of the tensors made since <paramref name="mark"/>, except <paramref name="keep"/>'s.</summary>
    internal void ReleaseSince(int mark, Tensor keep)
    {
        for (int i = mark; i < _used; i++)
        {
            if (!ReferenceEquals(_slots[i], keep.Data))
            {
                _slots[i].ReleaseStorage("its checkpointed segment ended");
            }
        }
    }

    internal void CheckThread(string op)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new EngineException(
                $"{op}: this step belongs to thread {_thread}, but thread {Environment.CurrentManagedThreadId} uses it. Give each thread a StepScope of its own.");
        }
    }
}
