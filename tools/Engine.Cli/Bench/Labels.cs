namespace Engine.Cli.Bench;

/// <summary>A rectangle of a drawing, y down.</summary>
internal readonly record struct Box(double Left, double Top, double Width, double Height)
{
    public double Right => Left + Width;

    public double Bottom => Top + Height;

    /// <summary>The area that two boxes share.</summary>
    public double Overlap(in Box other) =>
        Math.Max(0, Math.Min(Right, other.Right) - Math.Max(Left, other.Left)) * Math.Max(0, Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top));

    /// <summary>The square around a point.</summary>
    public static Box Around(double x, double y, double radius) => new(x - radius, y - radius, 2 * radius, 2 * radius);
}

/// <summary>
/// Finds places for the labels of points, one after the other: of the places around its point, near ones first, each takes one
/// that covers nothing, or else the one that covers least. A label far from its point has a line to it, which covers too.
/// </summary>
/// <param name="area">Where labels may lie.</param>
internal sealed class Labels(Box area)
{
    // To the right first, where one looks for a label, then left, above, below and between.
    private static readonly double[] s_angles = [0, 180, 270, 90, 315, 225, 45, 135, 340, 200, 20, 160];
    private static readonly double[] s_distances = [9, 16, 26, 38, 52, 68, 86, 106, 130];
    private const double Near = 14;
    private readonly List<Box> _taken = [];

    /// <summary>Keeps labels away from a box.</summary>
    public void Avoid(in Box box) => _taken.Add(box);

    /// <summary>The place of a label of a size at a point, and where its line ends; that is the point itself where none is needed.</summary>
    public (Box Place, double LineX, double LineY) Place(double x, double y, double width, double height)
    {
        Box best = default;
        double least = double.PositiveInfinity;
        foreach (double distance in s_distances)
        {
            foreach (double angle in s_angles)
            {
                Box box = At(x, y, width, height, distance, angle);
                double covered = _taken.Sum(taken => box.Overlap(taken) + Leader(x, y, box).Sum(part => part.Overlap(taken)));
                if (covered < least)
                {
                    (best, least) = (box, covered);
                }
            }

            if (least == 0)
            {
                break;
            }
        }

        _taken.AddRange(Leader(x, y, best));
        _taken.Add(best);
        (double endX, double endY) = End(x, y, best);
        return (best, endX, endY);
    }

    private static (double X, double Y) End(double x, double y, in Box box)
    {
        (double endX, double endY) = (Math.Clamp(x, box.Left, box.Right), Math.Clamp(y, box.Top, box.Bottom));
        return Math.Abs(endX - x) + Math.Abs(endY - y) > Near ? (endX, endY) : (x, y);
    }

    // The line as small boxes, from outside the point's own mark to just before the label.
    private static IEnumerable<Box> Leader(double x, double y, Box box)
    {
        (double endX, double endY) = End(x, y, box);
        double length = Math.Sqrt(((endX - x) * (endX - x)) + ((endY - y) * (endY - y)));
        for (double at = 9; at < length - 3; at += 3)
        {
            yield return Box.Around(x + ((endX - x) * at / length), y + ((endY - y) * at / length), 1);
        }
    }

    private Box At(double x, double y, double width, double height, double distance, double angle)
    {
        (double sin, double cos) = Math.SinCos(angle * Math.PI / 180);
        double left = x + (cos * ((width / 2) + distance)) - (width / 2);
        double top = y + (sin * ((height / 2) + distance)) - (height / 2);
        return new Box(
            Math.Clamp(left, area.Left, Math.Max(area.Left, area.Right - width)), Math.Clamp(top, area.Top, Math.Max(area.Top, area.Bottom - height)), width, height);
    }
}
