namespace Engine;

/// <summary>Runs an op forward and, where a gradient is wanted, puts it on the tape of its operands' step.</summary>
public static class Recorder
{
    /// <summary>Applies a differentiable op.</summary>
    /// <param name="args">The op's arguments.</param>
    /// <param name="operands">Its tensor operands: they decide device, step and whether a gradient is wanted.</param>
    public static Tensor Apply<TOp, TArgs, TSaved>(in TArgs args, params ReadOnlySpan<Tensor> operands)
        where TOp : IDifferentiable<TArgs, TSaved>
        where TSaved : struct, ISaved
    {
        OpContext context = OpContext.For(TOp.Name, operands);
        using ProfileSpan span = context.Device.Span(TOp.Name, SpanKind.Forward);
        Tensor y = TOp.Forward(args, context, out TSaved saved);
        if (WantsGrad(context, operands))
        {
            context.Scope!.Tape.Record<TOp, TArgs, TSaved>(y, saved);
        }

        return y;
    }

    /// <summary>Applies an op for inference only; throws, in forward, when a gradient is wanted.</summary>
    /// <param name="args">The op's arguments.</param>
    /// <param name="operands">Its tensor operands: they decide device and step.</param>
    /// <exception cref="EngineException">An operand requires a gradient in a step that records.</exception>
    public static Tensor Infer<TOp, TArgs>(in TArgs args, params ReadOnlySpan<Tensor> operands)
        where TOp : IInference<TArgs>
    {
        OpContext context = NotDifferentiable(TOp.Name, operands);
        using ProfileSpan span = context.Device.Span(TOp.Name, SpanKind.Forward);
        context.Scope?.Tape.Witness?.Add(typeof(TOp));
        return TOp.Forward(args, context);
    }

    /// <summary>
    /// Runs an op that has no derivative and whose result carries none by its nature: integer results, or values that are
    /// constant almost everywhere.
    /// </summary>
    internal static OpContext Constant(string op, params ReadOnlySpan<Tensor> operands) => OpContext.For(op, operands);

    /// <summary>
    /// The context of an op that should have a derivative but has none: throws, in forward, when a gradient is wanted.
    /// </summary>
    internal static OpContext NotDifferentiable(string op, params ReadOnlySpan<Tensor> operands)
    {
        OpContext context = OpContext.For(op, operands);
        return !WantsGrad(context, operands)
            ? context
            : throw new EngineException($"{op}: this op has no backward, but an operand requires a gradient. Call Detach() on it, or run in a scope that does not record.");
    }

    private static bool WantsGrad(in OpContext context, ReadOnlySpan<Tensor> operands)
    {
        bool any = false;
        foreach (Tensor x in operands)
        {
            any |= x.IsDefined && x.Data.RequiresGrad;
        }

        if (any && context.Scope is null)
        {
            throw new EngineException($"{context.Op}: all operands are persistent and one requires a gradient, so no step can record it. Enter it into a step with StepScope.Use(tensor).");
        }

        return any && context.Scope!.Recording;
    }
}
