namespace Engine;

/// <summary>
/// The record of a step's ops in the order they ran. Backward walks it from the end, hands each op its result's gradient
/// (always contiguous), and frees the op's saved state at once. Node objects stay in place and are reused by the next step's same op.
/// </summary>
public sealed class Tape
{
    private readonly List<TapeNode> _nodes = [];
    private readonly StepScope _scope;
    private readonly GradSink _sink;

    internal Tape(StepScope scope)
    {
        _scope = scope;
        _sink = new GradSink(scope);
    }

    /// <summary>Ops recorded and not yet run backward.</summary>
    public int Count { get; private set; }

    /// <summary>If set, is told the type of every op recorded or run for inference; tests use it to prove coverage.</summary>
    internal ICollection<Type>? Witness { get; set; }

    internal void Record<TOp, TArgs, TSaved>(Tensor output, in TSaved saved)
        where TOp : IDifferentiable<TArgs, TSaved>
        where TSaved : struct, ISaved
    {
        TensorData d = output.Data;
        d.RequiresGrad = true;
        d.IsLeaf = false;
        Witness?.Add(typeof(TOp));
        TapeNode<TOp, TArgs, TSaved> node;
        if (Count < _nodes.Count && _nodes[Count] is TapeNode<TOp, TArgs, TSaved> reusable)
        {
            node = reusable;
        }
        else
        {
            node = new TapeNode<TOp, TArgs, TSaved>();
            if (Count < _nodes.Count)
            {
                _nodes[Count] = node;
            }
            else
            {
                _nodes.Add(node);
            }
        }

        Count++;
        node.Hold(output, saved);
    }

    /// <summary>Gradients of a scalar; activations and their gradients are freed on the way (the loss itself and kept tensors are not), those of leaves stay.</summary>
    /// <exception cref="EngineException">The loss is not one float32 element, or nothing recorded leads to it.</exception>
    internal void Backward(Tensor loss, float scale)
    {
        if (loss.Count != 1)
        {
            Check.Fail("Backward", $"the loss has shape {loss.Shape}, expected one element; reduce it with Mean() or Sum().", loss);
        }

        if (!loss.RequiresGrad)
        {
            Check.Fail("Backward", "the loss does not depend on any tensor that requires a gradient, or its step does not record.", loss);
        }

        _scope.CheckThread("Backward");
        using ProfileSpan span = _scope.Device.Span("backward");
        loss.Keep();
        _sink.Seed(loss, scale);
        Run(from: 0);
    }

    /// <summary>Runs backward from the last node down to node <paramref name="from"/>, which are then gone.</summary>
    internal void Run(int from)
    {
        bool recording = _scope.Recording;
        _scope.Recording = false;
        try
        {
            while (Count > from)
            {
                // The node leaves the tape after its backward, which may record more nodes behind it (checkpointing).
                TapeNode node = _nodes[Count - 1];
                TensorData y = node.Output.Data;
                if (y.HasGrad)
                {
                    using ProfileSpan span = _scope.Device.Span(node.Name, SpanKind.Backward);
                    Tensor dY = y.Grad.Contiguous();
                    node.Backward(dY, _sink);
                    dY.Dispose();
                    y.Grad.Dispose();
                    y.Grad = default;
                    y.HasGrad = false;
                }

                // Every op that reads the result came later, so has run already: nobody needs it now, saved or not.
                node.Release();
                y.ReleaseUnlessHeld("its last use was in backward of", node.Name);
                Count--;
            }
        }
        finally
        {
            _scope.Recording = recording;
        }
    }

    internal GradSink Sink => _sink;

    /// <summary>Drops what was recorded and not run backward.</summary>
    internal void Clear()
    {
        while (Count > 0)
        {
            _nodes[--Count].Release();
        }
    }
}
