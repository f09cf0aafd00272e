namespace Engine;

/// <summary>
/// A differentiable op: a stateless struct with forward and backward. Forward computes the result and fills
/// <typeparamref name="TSaved"/> with all that backward needs, and nothing else survives forward.
/// </summary>
/// <typeparam name="TArgs">The op's arguments.</typeparam>
/// <typeparam name="TSaved">What backward needs.</typeparam>
public interface IDifferentiable<TArgs, TSaved>
    where TSaved : struct, ISaved
{
    /// <summary>The op's name in messages and profiles.</summary>
    static abstract string Name { get; }

    /// <summary>Checks shapes, allocates the result and launches kernels.</summary>
    static abstract Tensor Forward(in TArgs a, in OpContext context, out TSaved saved);

    /// <summary>Launches the kernels of the gradient and hands it to <paramref name="sink"/>.</summary>
    static abstract void Backward(in TSaved s, Tensor dY, GradSink sink);
}

/// <summary>State kept between forward and backward.</summary>
public interface ISaved
{
    /// <summary>
    /// Calls <see cref="SavedVisitor.Values"/> for every tensor whose values backward reads. Tensors held only to say where
    /// a gradient goes are not visited, and their memory may be freed earlier.
    /// </summary>
    void Visit(in SavedVisitor visitor);
}

/// <summary>Runs over the tensors of a saved record, to hold them, to check them or to let them go.</summary>
public readonly struct SavedVisitor
{
    private readonly Mode _mode;
    private readonly string _op;

    internal SavedVisitor(Mode mode, string op)
    {
        _mode = mode;
        _op = op;
    }

    internal enum Mode
    {
        Hold,
        Check,
        Release,
    }

    /// <summary>One tensor whose values backward reads; undefined tensors are ignored.</summary>
    public void Values(Tensor x)
    {
        if (!x.IsDefined)
        {
            return;
        }

        TensorData d = x.Data;
        switch (_mode)
        {
            case Mode.Hold:
                if (d.SavedUses++ == 0)
                {
                    d.SavedVersion = d.Storage!.Version;
                }

                break;
            case Mode.Check:
                if (d.Storage is null)
                {
                    throw x.Stale();
                }

                if (d.Storage.Version != d.SavedVersion)
                {
                    Engine.Check.Fail(_op, $"the saved tensor {d.Shape} was changed in place (version {d.Storage.Version}, saved at {d.SavedVersion}) before its backward.", x);
                }

                break;
            default:
                d.SavedUses--;
                d.ReleaseUnlessHeld("its last use was in backward of", _op);

                break;
        }
    }
}
