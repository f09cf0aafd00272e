using Engine.KernelLanguage;

namespace Engine.Benchmarks;

/// <summary>An op at one shape, forward and backward, through the public API of tensors.</summary>
/// <param name="name">The op and its shape.</param>
/// <param name="inputs">How to make its inputs.</param>
/// <param name="forward">The op.</param>
/// <param name="naive">Makes the same work in plain loops: the result and the gradients of all float32 inputs.</param>
public sealed class OpBench(string name, OpInput[] inputs, Func<Tensor[], Tensor> forward, Func<OpArguments, Action> naive) : BenchCase(name)
{
    /// <inheritdoc/>
    public override bool Has(Contestant contestant) => contestant switch
    {
        Contestant.SimdAllThreads => Contestants.HasThreads,
        Contestant.Rival => false,
        _ => true,
    };

    /// <inheritdoc/>
    public override BenchRun Prepare(Contestant contestant)
    {
        CpuDevice device = Contestants.Open(contestant);
        Tensor[] tensors = [.. inputs.Select((input, i) => input.Make(device, i))];
        DifferentiatedOp op = new(device, tensors, forward);
        Tensor dY = new OpInput(op.ResultShape()).Make(device, inputs.Length);
        BenchArguments memory = new(device);
        Cost = double.IsNaN(Cost.Bytes) ? CostOf(device, tensors, dY) : Cost;
        return contestant == Contestant.Naive
            ? Loop(naive(new OpArguments(tensors, dY, memory)), memory, [.. tensors, dY, memory, device])
            : Op(op, dY, [op, .. tensors, dY, memory, device]);
    }

    /// <summary>The types of the ops that the case records.</summary>
    public IReadOnlyCollection<Type> Recorded()
    {
        using CpuDevice device = Contestants.Open(Contestant.Body);
        Tensor[] tensors = [.. inputs.Select((input, i) => input.Make(device, i))];
        using DifferentiatedOp op = new(device, tensors, forward);
        IReadOnlyCollection<Type> ops = op.Recorded();
        Array.ForEach(tensors, x => x.Dispose());
        return ops;
    }

    private static BenchRun Loop(Action run, BenchArguments memory, IDisposable[] owned) => new(
        run,
        () =>
        {
            run();
            return memory.Results();
        },
        owned);

    private static BenchRun Op(DifferentiatedOp op, Tensor dY, IDisposable[] owned) => new(
        () => op.Run(dY),
        () =>
        {
            List<float[]> results = [];
            op.Run(dY, x => results.Add(x.ToArray()));
            return results;
        },
        owned);

    // What the op's kernels say that a run costs; in a step of its own, which draws the first random numbers.
    private KernelCost CostOf(CpuDevice device, Tensor[] tensors, Tensor dY)
    {
        using DifferentiatedOp op = new(device, tensors, forward);
        device.BeginProfile();
        op.Run(dY);
        return device.EndProfile().Launches.Aggregate(default(KernelCost), (sum, launch) => sum + launch.Cost);
    }
}
