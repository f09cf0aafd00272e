using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Evaluation;

/// <summary>One trained run as a scaling law sees it.</summary>
/// <param name="Run">Its folder.</param>
/// <param name="Parameters">N, without the tables of tokens and positions (Kaplan et al. 2020, section 1.3).</param>
/// <param name="Tokens">D, tokens seen in training.</param>
/// <param name="Loss">Validation loss at the end, in nats.</param>
public readonly record struct ScalingPoint(string Run, long Parameters, long Tokens, double Loss)
{
    // Tables that grow with the vocabulary or the context, not with the model.
    private static readonly string[] s_tables = ["wte.", "wpe.", "embed_tokens.", "embed_positions.", "lm_head."];

    /// <summary>C ≈ 6·N·D operations: two for each weight forward, four backward.</summary>
    public double Flops => 6.0 * Parameters * Tokens;

    /// <summary>Reads a run's newest checkpoint.</summary>
    /// <exception cref="EngineException">There is none, or it has no validation loss.</exception>
    public static ScalingPoint Of(string run)
    {
        string checkpoint = RunFolder.LatestCheckpoint(run);
        PretrainConfig config = Checkpoint.ReadConfig(checkpoint);
        Checkpoint.State state = Checkpoint.ReadState(checkpoint);
        if (!double.IsFinite(state.ValidationLoss))
        {
            throw new EngineException($"{checkpoint}: has no validation loss; a scaling law needs runs that were evaluated at their end.");
        }

        using MetaDevice device = new();
        using Module model = ModelCatalog.Create(device, config, Checkpoint.ReadTokenizer(checkpoint).VocabSize);
        long parameters = model.Parameters.Where(p => !s_tables.Any(t => p.Name.Contains(t, StringComparison.Ordinal))).Sum(p => p.Master.Count);
        return new ScalingPoint(run, parameters, state.Step * config.TokensPerStep, state.ValidationLoss);
    }
}

/// <summary>
/// L(N) = (Nc/N)^α (Kaplan et al., "Scaling laws for neural language models", 2020, equation 1.1): a straight line of log L over log N,
/// fitted by least squares.
/// </summary>
/// <param name="Alpha">α, how fast loss falls with size; 0.076 in the paper.</param>
/// <param name="Nc">Parameters at which the law would reach a loss of 1 nat.</param>
/// <param name="RSquared">Share of the variance of log L that the line explains.</param>
public sealed record ScalingLaw(double Alpha, double Nc, double RSquared)
{
    /// <summary>Fits runs that saw the same number of tokens.</summary>
    /// <exception cref="EngineException">There are fewer than three sizes, or the runs saw different numbers of tokens.</exception>
    public static ScalingLaw Fit(IReadOnlyList<ScalingPoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        int sizes = points.Select(p => p.Parameters).Distinct().Count();
        if (sizes < 3)
        {
            throw new EngineException($"scaling law: {sizes} different sizes are given; a fit needs at least 3 runs of different sizes.");
        }

        ScalingPoint other = points.FirstOrDefault(p => p.Tokens != points[0].Tokens);
        if (other.Run is not null)
        {
            throw new EngineException(
                $"scaling law: {points[0].Run} saw {points[0].Tokens} tokens and {other.Run} {other.Tokens}; only runs of equal length can be compared.");
        }

        double[] x = [.. points.Select(p => Math.Log(p.Parameters))];
        double[] y = [.. points.Select(p => Math.Log(p.Loss))];
        (double meanX, double meanY) = (x.Average(), y.Average());
        double covariance = x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Sum();
        double slope = covariance / x.Sum(a => (a - meanX) * (a - meanX));
        double variance = y.Sum(b => (b - meanY) * (b - meanY));
        double residual = x.Zip(y, (a, b) => Math.Pow(b - meanY - (slope * (a - meanX)), 2)).Sum();
        return new ScalingLaw(-slope, Math.Exp(meanX - (meanY / slope)), variance > 0 ? 1 - (residual / variance) : 1);
    }

    /// <summary>The loss that the law gives a model of N parameters.</summary>
    public double LossAt(double parameters) => Math.Pow(Nc / parameters, Alpha);
}
