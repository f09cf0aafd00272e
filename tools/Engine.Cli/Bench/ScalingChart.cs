using System.Globalization;
using Engine.Pretraining.Evaluation;

namespace Engine.Cli.Bench;

/// <summary>Loss over parameters, both logarithmic: the runs as points, the fitted law as a line.</summary>
internal static class ScalingChart
{
    public static string Draw(IReadOnlyList<ScalingPoint> points, ScalingLaw law)
    {
        Box plot = LogChart.Plot;
        LogAxis x = LogAxis.Around([.. points.Select(p => (double)p.Parameters)], plot.Left, plot.Right);
        LogAxis y = LogAxis.Around([.. points.Select(p => p.Loss)], plot.Bottom, plot.Top);
        string title = string.Create(CultureInfo.InvariantCulture, $"L(N) = (N / {law.Nc:0.##e0})^-{law.Alpha:0.####}, R² {law.RSquared:0.####}, {points[0].Tokens} tokens");
        return LogChart.Draw("Scaling law", title, x, y, chart =>
        {
            chart.Grid("parameters without embeddings", "loss");

            // A power law is a straight line between any two of its points on these axes.
            double[] ends = [points.Min(p => p.Parameters), points.Max(p => p.Parameters)];
            chart.Line("roof", x.At(ends[0]), y.At(law.LossAt(ends[0])), x.At(ends[1]), y.At(law.LossAt(ends[1])));
            foreach (ScalingPoint point in points)
            {
                chart.Start("circle", ("class", "memory"), ("cx", LogChart.Number(x.At(point.Parameters))), ("cy", LogChart.Number(y.At(point.Loss))), ("r", "4.5"));
                chart.Title(string.Create(CultureInfo.InvariantCulture, $"{point.Run}: {point.Parameters} parameters, loss {point.Loss:0.0000}"));
                chart.End();
            }
        });
    }
}
