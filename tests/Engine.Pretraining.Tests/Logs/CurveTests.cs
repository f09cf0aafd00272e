using System.Xml.Linq;
using Engine.Pretraining.Logs;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Logs;

public sealed class CurveTests
{
    [Fact]
    public void A_curve_stays_bounded_and_keeps_range_mean_and_order() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonEmptyArray<NormalFloat>>(), ArbMap.Default.ArbFor<PositiveInt>(), ArbMap.Default.ArbFor<PositiveInt>(), (pattern, repeats, stride) =>
        {
            double[] values = [.. Enumerable.Range(0, repeats.Get * 50).Select(i => pattern.Get[i % pattern.Get.Length].Get / 1e9)];
            Curve curve = new();
            for (int i = 0; i < values.Length; i++)
            {
                curve.Add((long)i * stride.Get, values[i]);
            }

            IReadOnlyList<CurvePoint> points = curve.Points;
            Assert.InRange(points.Count, 1, Curve.MaxPoints);
            Assert.True(values.Length <= Curve.MaxPoints ? points.Count == values.Length : points.Count > Curve.MaxPoints / 4);
            Assert.Equal(values.Length, curve.Count);
            Assert.Equal((values.Min(), values.Max(), values[^1]), (curve.Min, curve.Max, curve.Last));
            Assert.Equal((values.Min(), values.Max()), (points.Min(p => p.Min), points.Max(p => p.Max)));
            Assert.Equal(points.Select(p => p.Step).Order(), points.Select(p => p.Step));
            return points.All(p => p.Min <= p.Mean + Math.Abs(p.Mean * 1e-9) && p.Mean <= p.Max + Math.Abs(p.Mean * 1e-9));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_not_finite_or_goes_back_is_left_out()
    {
        Curve curve = new();
        curve.Add(5, 1);
        curve.Add(6, double.NaN);
        curve.Add(4, 7);
        curve.Add(-1, 7);
        curve.Add(long.MaxValue, 3);
        Assert.Equal([new CurvePoint(5, 1, 1, 1), new CurvePoint(long.MaxValue, 3, 3, 3)], curve.Points);
        Assert.True(double.IsNaN(new Curve().Last));
    }

    [Fact]
    public void Axes_hold_their_values_and_have_a_few_labels() => Prop.ForAll(
        ArbMap.Default.ArbFor<NormalFloat>(), ArbMap.Default.ArbFor<NormalFloat>(), ArbMap.Default.ArbFor<bool>(), (a, b, tight) =>
        {
            (double min, double max) = (Math.Min(a.Get, b.Get), Math.Max(a.Get, b.Get));
            LinearAxis axis = LinearAxis.Around(min, max, 300, 20, 5, tight);
            double[] labels = [.. axis.Labels()];
            Assert.InRange(labels.Length, tight ? 1 : 2, 8);
            Assert.All(labels, l => Assert.InRange(axis.At(l), 19.99, 300.01));
            return axis.At(min) is <= 300.01 and >= 19.99 && axis.At(max) is <= 300.01 and >= 19.99;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, "0")]
    [InlineData(2.5, "2.5")]
    [InlineData(-0.004, "-0.004")]
    [InlineData(2e-4, "2e-4")]
    [InlineData(5000, "5000")]
    [InlineData(15000, "15k")]
    [InlineData(4.4e7, "44M")]
    [InlineData(2e9, "2G")]
    [InlineData(3e20, "3e20")]
    public void Labels_are_short(double value, string text) => Assert.Equal(text, LinearAxis.Spell(value));

    [Fact]
    public void A_drawing_is_xml_with_a_title_a_description_and_a_curve_for_each_series()
    {
        Curve falling = new(), single = new();
        for (int i = 0; i < 5000; i++)
        {
            falling.Add(i, 5000.0 / (i + 1));
        }

        single.Add(7, 2);
        string svg = SvgDrawing.Write(writer => Assert.True(CurveChart.Draw(writer, "loss <&> \u0001", [new("<b>", falling), new("one", single), new("none", new Curve())], alone: true)));
        XElement root = XDocument.Parse(svg).Root!;
        Assert.Equal("loss <&> ?", root.Element(root.Name.Namespace + "title")!.Value);
        Assert.Contains("<b>: from", root.Element(root.Name.Namespace + "desc")!.Value);
        Assert.Equal(2, root.Elements(root.Name.Namespace + "polyline").Count());
        Assert.Single(root.Elements(root.Name.Namespace + "polygon"));
        Assert.InRange(svg.Length, 1000, 60_000);
        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_drawn_without_points_and_too_many_curves_are_refused()
    {
        Curve point = new();
        point.Add(1, 1);
        EngineException e = Assert.Throws<EngineException>(() => SvgDrawing.Write(w => CurveChart.Draw(w, "loss", Enumerable.Repeat(new ChartSeries("a", point), 9))));
        Assert.Equal("loss: 9 curves are too many for one drawing; at most 8 can be told from each other.", e.Message);
        using System.Xml.XmlWriter writer = System.Xml.XmlWriter.Create(TextWriter.Null);
        Assert.False(CurveChart.Draw(writer, "loss", [new ChartSeries("a", new Curve())]));
    }
}
