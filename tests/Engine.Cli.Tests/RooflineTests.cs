using System.Globalization;
using System.Xml.Linq;
using Engine.Cli.Bench;
using Engine.KernelLanguage;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Cli.Tests;

public sealed class RooflineTests
{
    private const double Width = 960;
    private const double Height = 600;
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Any_figures_make_a_drawing_whose_parts_lie_inside() => Prop.ForAll(
        ArbMap.Default.ArbFor<(string Title, string Kernel, PositiveInt Points)>(),
        ArbMap.Default.ArbFor<(int Seed, byte Spread)>(),
        (text, numbers) =>
        {
            Random random = new(numbers.Seed);
            Peaks peaks = new(Any(random, numbers.Spread) * 1e9, Any(random, numbers.Spread) * 1e9);
            Measurement[] measured =
            [
                .. Enumerable.Range(0, text.Points.Get % 60).Select(_ => new Measurement(
                    text.Kernel ?? "k", Any(random, numbers.Spread), new KernelCost(Odd(random, numbers.Spread), Odd(random, numbers.Spread)))),
            ];
            XElement drawing = XElement.Parse(Roofline.Draw(text.Title ?? "t", peaks, measured));
            Assert.Equal($"0 0 {Width} {Height}", drawing.Attribute("viewBox")!.Value);
            foreach (XElement element in drawing.Descendants())
            {
                AssertInside(element);
            }

            int drawn = measured.Count(m => m.Intensity is > 1e-12 and < 1e24 && m.FlopsPerSecond is > 1e-12 and < 1e24);
            Assert.Equal(drawn, drawing.Descendants(s_svg + "circle").Concat(drawing.Descendants(s_svg + "rect")).Count(e => e.Element(s_svg + "title") is not null));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Kernels_lie_where_their_figures_are()
    {
        // 100 GFLOP/s and 10 GB/s: the ridge is at 10 operations a byte.
        Peaks peaks = new(100e9, 10e9);
        Measurement half = new("Half", 1, new KernelCost(1e9, 2e9));
        Measurement full = new("Full", 1, new KernelCost(100e9, 1e9));
        XElement drawing = XElement.Parse(Roofline.Draw("a device", peaks, [half, full, new Measurement("Copy", 1, new KernelCost(0, 9e9))]));
        Assert.Equal(["Half 20 %", "Full 100 %"], Texts(drawing).Where(t => t.EndsWith('%') && char.IsUpper(t[0]) && t.Split(' ').Length == 3));
        Assert.Contains("No arithmetic, of the memory peak: Copy 90 %", Texts(drawing));
        Assert.Contains("memory 10 GB/s", Texts(drawing));
        Assert.Contains("float32 100 GFLOP/s", Texts(drawing));

        double[][] roof = [.. drawing.Descendants(s_svg + "polyline").Single().Attribute("points")!.Value.Split(' ').Select(p => p.Split(',').Select(Parse).ToArray())];
        XElement circle = drawing.Descendants(s_svg + "circle").Single(e => e.Element(s_svg + "title") is not null);
        XElement square = drawing.Descendants(s_svg + "rect").Single(e => e.Element(s_svg + "title") is not null);
        (double x, double y) = (Parse(circle.Attribute("cx")!.Value), Parse(circle.Attribute("cy")!.Value));

        // Pixels of a power of ten: the two kernels tell those across, and on the slope a power across is a power up.
        double across = (Parse(square.Attribute("x")!.Value) + (Parse(square.Attribute("width")!.Value) / 2) - x) / Math.Log10(100 / 0.5);
        double slope = (roof[0][1] - roof[1][1]) / (roof[1][0] - roof[0][0]);
        double above = roof[0][1] - ((x - roof[0][0]) * slope);
        Assert.Equal(Math.Log10(5), (y - above) / (slope * across), 2);
        Assert.Equal(Math.Log10(10 / 0.5), (roof[1][0] - x) / across, 2);
        Assert.Equal(roof[1][1], Parse(square.Attribute("y")!.Value) + (Parse(square.Attribute("height")!.Value) / 2), 1);
    }

    [Fact]
    public void Labels_cover_neither_each_other_nor_points_while_there_is_room() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>(),
        seed =>
        {
            Random random = new(seed);
            Box area = new(0, 0, 860, 450);
            Labels labels = new(area);
            (double X, double Y)[] points = [.. Enumerable.Range(0, 6).Select(_ => (random.NextDouble() * 860, random.NextDouble() * 450))];
            Box[] marks = [.. points.Select(p => Box.Around(p.X, p.Y, 5))];
            foreach (Box mark in marks)
            {
                labels.Avoid(mark);
            }

            List<Box> placed = [];
            foreach ((double x, double y) in points)
            {
                Box box = labels.Place(x, y, 150, 15).Place;
                Assert.True(box.Left >= 0 && box.Top >= 0 && box.Right <= 860 && box.Bottom <= 450);
                Assert.All(placed.Concat(marks), other => Assert.Equal(0, box.Overlap(other)));
                placed.Add(box);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_axis_holds_its_values_and_labels_some_of_them() => Prop.ForAll(
        ArbMap.Default.ArbFor<(int Seed, byte Spread, PositiveInt Count)>(),
        given =>
        {
            Random random = new(given.Seed);
            double[] values = [.. Enumerable.Range(0, 1 + (given.Count.Get % 9)).Select(_ => Any(random, given.Spread))];
            LogAxis axis = LogAxis.Around(values, 50, 850);
            Assert.All(values, value => Assert.InRange(axis.At(value), 50, 850));
            Assert.All(axis.Labels().Concat(axis.FineLines()), value => Assert.InRange(axis.At(value), 49.999, 850.001));
            Assert.InRange(axis.Labels().Count(), 1, 12);
            Assert.Equal(axis.Labels().Order(), axis.Labels());
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0.001, "0.001")]
    [InlineData(0.5, "0.5")]
    [InlineData(100000, "100000")]
    [InlineData(1000000, "1e6")]
    [InlineData(0.0001, "1e-4")]
    public void Ticks_are_spelled_short(double value, string expected) => Assert.Equal(expected, LogAxis.Spell(value));

    // Positive, over as many powers of ten as the spread says.
    private static double Any(Random random, int spread) => Math.Pow(10, (random.NextDouble() - 0.5) * spread % 20);

    // Now and then what no measurement should be.
    private static double Odd(Random random, int spread) => random.Next(12) switch
    {
        0 => 0,
        1 => double.NaN,
        2 => double.PositiveInfinity,
        3 => 1e300,
        _ => Any(random, spread) * 1e9,
    };

    private static IEnumerable<string> Texts(XElement drawing) => drawing.Descendants(s_svg + "text").Select(e => e.Value);

    private static double Parse(string number) => double.Parse(number, CultureInfo.InvariantCulture);

    private static void AssertInside(XElement element)
    {
        foreach (XAttribute attribute in element.Attributes())
        {
            double limit = attribute.Name.LocalName switch
            {
                "x" or "cx" or "x1" or "x2" or "width" => Width,
                "y" or "cy" or "y1" or "y2" or "height" => Height,
                _ => double.NaN,
            };
            if (!double.IsNaN(limit))
            {
                Assert.InRange(Parse(attribute.Value), 0, limit);
            }
        }

        foreach (string point in element.Attribute("points")?.Value.Split(' ') ?? [])
        {
            double[] place = [.. point.Split(',').Select(Parse)];
            Assert.InRange(place[0], 0, Width);
            Assert.InRange(place[1], 0, Height);
        }
    }
}
