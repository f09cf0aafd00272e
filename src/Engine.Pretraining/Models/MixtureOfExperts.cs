using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// A sparse feed-forward part (Jiang et al., "Mixtral of experts", 2024, section 2.1): a router scores E experts for each token, the
/// best k of them compute it, and their results are added with the softmax of the k scores as weights. Nothing is dropped: tokens are
/// grouped by expert, each expert is one product over its group, and the results go back to their tokens.
/// </summary>
public sealed class MixtureOfExperts : Module
{
    private readonly int _chosen;
    private readonly Linear _gate;
    private readonly SwiGlu[] _experts;
    private readonly long[] _load;
    private readonly long[] _evaluated;

    internal MixtureOfExperts(Device device, LlamaConfig config, Initializer normal, Initializer residual)
        : base(device)
    {
        (int C, int F, int E) = (config.HiddenSize, config.IntermediateSize, config.NumLocalExperts);
        _chosen = config.NumExpertsPerTok;
        _load = new long[E];
        _evaluated = new long[E];
        _gate = Add("gate", new Linear(device, C, E, normal, bias: false));
        _experts = [.. Enumerable.Range(0, E).Select(e => Add($"experts.{e}", new SwiGlu(device, C, F, normal, residual, "w1", "w3", "w2")))];
    }

    /// <summary>
    /// Of the last forward pass: E·Σ f_e·P_e (Fedus, Zoph, Shazeer, "Switch transformers", 2022, equation 4), where f_e is the share of the
    /// choices that fell on expert e and P_e the mean probability that the router gave it; 1 if all is even. A scalar of the step.
    /// </summary>
    public Tensor BalanceLoss { get; private set; }

    /// <summary>Choices of each expert in the last forward pass, (E).</summary>
    public IReadOnlyList<long> Load => _load;

    /// <summary>The load of the busiest expert since the last call as a multiple of an even share, over passes outside of training.</summary>
    public double TakeLargestLoad()
    {
        double largest = (double)_evaluated.Max() * _evaluated.Length / Math.Max(1, _evaluated.Sum());
        Array.Clear(_evaluated);
        return largest;
    }

    /// <summary>x (B, T, C) → (B, T, C).</summary>
    public Tensor Forward(Tensor x)
    {
        StepScope step = x.Scope!;
        (int N, int C) = ((int)(x.Count / x.Shape[^1]), x.Shape[^1]);
        Tensor rows = x.Reshape(N, C);
        Tensor scores = _gate.Forward(rows);                                             // (N, E)
        ExpertGroups groups = ExpertGroups.Of(scores.ToArray(), _load, _chosen);
        Tensor best = scores.Gather(1, step.From<int>(groups.Choices, [N, _chosen]));    // (N, k)
        Tensor weights = best.Softmax(1).Reshape(N * _chosen, 1);

        Tensor grouped = rows.IndexSelect(0, step.From<int>(groups.Tokens, [N * _chosen]));                 // (N·k, C), expert by expert
        Tensor[] results = [.. _experts.Index().Where(e => _load[e.Index] > 0).Select(e =>
            e.Item.Forward(grouped.Slice(0, groups.Starts[e.Index], groups.Starts[e.Index + 1])))];
        Tensor back = Tensor.Cat(0, results).IndexSelect(0, step.From<int>(groups.Places, [N * _chosen]));  // (N·k, C), token by token
        if (step.Recording)
        {
            float[] shares = [.. _load.Select(l => (float)l * _load.Length / (N * _chosen))];
            BalanceLoss = (scores.Softmax(1).Mean(0) * step.From<float>(shares, [_load.Length])).Sum();
        }
        else
        {
            for (int e = 0; e < _load.Length; e++)
            {
                _evaluated[e] += _load[e];
            }
        }

        return (back * weights).Reshape(N, _chosen, C).Sum(1).Reshape(x.Shape[0], x.Shape[1], C);
    }
}
