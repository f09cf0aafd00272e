using Engine.Nn;
using Engine.Optim;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Optim;

/// <summary>Adafactor against algorithms 4 and 5 of the paper, written down in float64.</summary>
public sealed class AdafactorTests
{
    [Theory]
    [InlineData(1.0)]
    [InlineData(0.05)]
    public void Steps_are_those_of_the_paper(double threshold)
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [7, 5], [33], [130, 70], [2, 3, 4], []);
        using Adafactor optimizer = new([new ParameterGroup(model.Parameters, weightDecay: 0.01)], clippingThreshold: threshold);
        Reference[] references = [.. model.Parameters.Select(p => new Reference(p, threshold))];
        for (int t = 1; t <= 6; t++)
        {
            model.RandomGradients((ulong)t);
            optimizer.LearningRate = 0.3 / Math.Sqrt(t);
            foreach ((Reference reference, Parameter parameter) in references.Zip(model.Parameters))
            {
                reference.Step(parameter.Grad.ToArray(), t, optimizer.LearningRate, 0.01);
            }

            optimizer.Step();
        }

        foreach ((Reference reference, Parameter parameter) in references.Zip(model.Parameters))
        {
            Tolerance.Operator.AssertClose(reference.P, parameter.Value.ToArray(), $"{parameter} after 6 steps");
        }
    }

    [Fact]
    public void A_gradient_of_zeros_and_tiny_ones_move_nothing_out_of_range()
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [3, 2]);
        float[] before = model.Parameters[0].Value.ToArray();
        using Adafactor optimizer = new([new ParameterGroup(model.Parameters)]);
        OptimModel.SetGradient(model.Parameters[0], new float[6]);
        optimizer.Step();
        Assert.Equal(before, model.Parameters[0].Value.ToArray());
        OptimModel.SetGradient(model.Parameters[0], [1e-18f, 0, 0, 0, 0, 0]);
        optimizer.Step();
        Assert.All(model.Parameters[0].Value.ToArray(), v => Assert.True(float.IsFinite(v)));
    }

    [Fact]
    public void State_of_a_matrix_is_a_row_and_a_column()
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [300, 200], [9]);
        using Adafactor optimizer = new([new ParameterGroup(model.Parameters)]);
        Assert.Equal(
            [("a.exp_avg_sq_row", 300L), ("a.exp_avg_sq_col", 200L), ("b.exp_avg_sq_row", 9L), ("b.exp_avg_sq_col", 1L)],
            optimizer.StateTensors.Select(s => (s.Name, s.Value.Count)));
    }

    // Unfactored for vectors, as algorithm 5 has it; for matrices row and column sums, as in algorithm 4.
    private sealed class Reference
    {
        private readonly double _threshold;
        private readonly int _rows;
        private readonly int _columns;
        private readonly double[] _r;
        private readonly double[] _c;
        private readonly double[] _v;

        public Reference(Parameter parameter, double threshold)
        {
            _threshold = threshold;
            P = [.. parameter.Value.ToArray().Select(x => (double)x)];
            _columns = parameter.Value.Rank < 2 ? 1 : parameter.Value.Shape[^1];
            _rows = P.Length / _columns;
            (_r, _c, _v) = (new double[_rows], new double[_columns], new double[P.Length]);
        }

        public double[] P { get; }

        public void Step(float[] g, int t, double rate, double weightDecay)
        {
            double beta = 1 - Math.Pow(t, -0.8);
            double[] squares = [.. g.Select(x => ((double)x * x) + 1e-30)];
            for (int i = 0; i < _rows; i++)
            {
                _r[i] = (beta * _r[i]) + ((1 - beta) * Enumerable.Range(0, _columns).Sum(j => squares[(i * _columns) + j]));
            }

            for (int j = 0; j < _columns; j++)
            {
                _c[j] = (beta * _c[j]) + ((1 - beta) * Enumerable.Range(0, _rows).Sum(i => squares[(i * _columns) + j]));
            }

            double[] u = new double[g.Length];
            for (int k = 0; k < g.Length; k++)
            {
                _v[k] = (beta * _v[k]) + ((1 - beta) * squares[k]);
                u[k] = g[k] / Math.Sqrt(_columns == 1 ? _v[k] : _r[k / _columns] * _c[k % _columns] / _r.Sum());
            }

            double alpha = Math.Max(1e-3, RootMeanSquare(P)) * rate / Math.Max(1, RootMeanSquare(u) / _threshold);
            for (int k = 0; k < g.Length; k++)
            {
                P[k] = ((1 - (rate * weightDecay)) * P[k]) - (alpha * u[k]);
            }
        }

        private static double RootMeanSquare(double[] x) => Math.Sqrt(x.Sum(v => v * v) / x.Length);
    }
}
