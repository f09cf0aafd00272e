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
    private readonly ExpertGroups _groups;
    private readonly long[] _evaluated;
    private readonly float[] _shares;
    private readonly Tensor[] _results;
    private float[] _scores = [];

    internal MixtureOfExperts(Device device, LlamaConfig config, Initializer normal, Initializer residual)
        : base(device)
    {
        (int C, int F, int E) = (config.HiddenSize, config.IntermediateSize, config.NumLocalExperts);
        _chosen = config.NumExpertsPerTok;
        _groups = new ExpertGroups(E, _chosen);
        _evaluated = new long[E];
        _shares = new float[E];
        _results = new Tensor[E];
        _gate = Add("gate", new Linear(device, C, E, normal, bias: false));
        _experts = [.. Enumerable.Range(0, E).Select(e => Add($"experts.{e}", new SwiGlu(device, C, F, normal, residual, "w1", "w3", "w2")))];
    }

    /// <summary>
    /// Of the last forward pass: E·Σ f_e·P_e (Fedus, Zoph, Shazeer, "Switch transformers", 2022, equation 4), where f_e is the share of the
    /// choices that fell on expert e and P_e the mean probability that the router gave it; 1 if all is even. A scalar of the step.
    /// </summary>
    public Tensor BalanceLoss { get; private set; }

    /// <summary>Choices of each expert in the last forward pass, (E).</summary>
    public IReadOnlyList<int> Load => [.. Enumerable.Range(0, _experts.Length).Select(_groups.LoadOf)];

    /// <summary>The loads of the idlest and the busiest expert since the last call as multiples of an even share, over passes outside of training.</summary>
    public (double Least, double Most) TakeLoads()
    {
        double even = Math.Max(1.0, _evaluated.Sum()) / _evaluated.Length;
        (double, double) loads = (_evaluated.Min() / even, _evaluated.Max() / even);
        Array.Clear(_evaluated);
        return loads;
    }

    /// <summary>x (B, T, C) → (B, T, C).</summary>
    public Tensor Forward(Tensor x)
    {
        StepScope step = x.Scope!;
        (int N, int C) = ((int)(x.Count / x.Shape[^1]), x.Shape[^1]);
        Tensor rows = x.Reshape(N, C);
        Tensor scores = _gate.Forward(rows);                                             // (N, E)
        Group(scores);
        Tensor best = scores.Gather(1, step.From(_groups.Choices, [N, _chosen]));        // (N, k)
        Tensor weights = best.Softmax(1).Reshape(N * _chosen, 1);

        Tensor grouped = rows.IndexSelect(0, step.From(_groups.Tokens, [N * _chosen]));  // (N·k, C), expert by expert
        int used = 0;
        for (int e = 0; e < _experts.Length; e++)
        {
            if (_groups.LoadOf(e) > 0)
            {
                _results[used++] = _experts[e].Forward(grouped.Slice(0, _groups.Starts[e], _groups.Starts[e + 1]));
            }
        }

        Tensor results = Tensor.Cat(0, _results.AsSpan(0, used));
        Tensor back = results.IndexSelect(0, step.From(_groups.Places, [N * _chosen]));  // (N·k, C), token by token
        if (step.Recording)
        {
            BalanceLoss = (scores.Softmax(1).Mean(0) * step.From<float>(_shares, [_shares.Length])).Sum();
        }

        return (back * weights).Reshape(N, _chosen, C).Sum(1).Reshape(x.Shape[0], x.Shape[1], C);
    }

    // The choice needs the scores here: it decides the shapes of the products.
    private void Group(Tensor scores)
    {
        if (_scores.Length != scores.Count)
        {
            _scores = new float[scores.Count];
        }

        scores.CopyTo<float>(_scores);
        _groups.Group(_scores);
        for (int e = 0; e < _shares.Length; e++)
        {
            int load = _groups.LoadOf(e);
            _shares[e] = (float)load * _shares.Length / _groups.Choices.Length;
            _evaluated[e] += scores.Scope!.Recording ? 0 : load;
        }
    }
}
