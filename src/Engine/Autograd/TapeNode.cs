namespace Engine;

/// <summary>One recorded op: its result and what its backward needs.</summary>
internal abstract class TapeNode
{
    public Tensor Output;

    public abstract string Name { get; }

    public abstract Type Op { get; }

    public abstract void Backward(Tensor dY, GradSink sink);

    public abstract void Release();
}

/// <inheritdoc/>
internal sealed class TapeNode<TOp, TArgs, TSaved> : TapeNode
    where TOp : IDifferentiable<TArgs, TSaved>
    where TSaved : struct, ISaved
{
    private TSaved _saved;

    public override string Name => TOp.Name;

    public override Type Op => typeof(TOp);

    public void Hold(Tensor output, in TSaved saved)
    {
        Output = output;
        _saved = saved;
        _saved.Visit(new SavedVisitor(SavedVisitor.Mode.Hold, TOp.Name));
    }

    public override void Backward(Tensor dY, GradSink sink)
    {
        _saved.Visit(new SavedVisitor(SavedVisitor.Mode.Check, TOp.Name));
        TOp.Backward(_saved, dY, sink);
    }

    public override void Release()
    {
        _saved.Visit(new SavedVisitor(SavedVisitor.Mode.Release, TOp.Name));
        _saved = default;
        Output = default;
    }
}
