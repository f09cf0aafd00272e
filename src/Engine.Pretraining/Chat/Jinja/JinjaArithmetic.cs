using System.Text;

namespace Engine.Pretraining.Chat.Jinja;

/// <summary>The operators of two values, as Python's.</summary>
internal static class JinjaArithmetic
{
    /// <summary>a op b.</summary>
    public static object? Binary(JinjaContext c, Place place, string op, object? a, object? b)
    {
        switch (op, a, b)
        {
            case ("~", _, _):
                return Joined(c, place, JinjaValues.Text(c, place, a), JinjaValues.Text(c, place, b));
            case ("+", string s, string t):
                return Joined(c, place, s, t);
            case ("+", List<object?> l, List<object?> m):
                c.ChargeElements(place, l.Count + m.Count);
                return new List<object?>([.. l, .. m]);
            case ("*", string or List<object?>, long n):
                return Repeated(c, place, a, n);
            case ("*", long n, string or List<object?>):
                return Repeated(c, place, b, n);
        }

        if (JinjaValues.Number(a) is not { } x || JinjaValues.Number(b) is not { } y)
        {
            throw c.Fail(place, $"{JinjaValues.Kind(a)} {op} {JinjaValues.Kind(b)} has no value");
        }

        if (op is "/" or "//" or "%" && y == 0)
        {
            throw c.Fail(place, "a division by 0");
        }

        try
        {
            return a is double || b is double || op == "/" || (op == "**" && y < 0) ? Float(op, x, y) : (object)Whole(op, ToLong(a), ToLong(b));
        }
        catch (OverflowException)
        {
            throw c.Fail(place, "a number grows beyond 64 bits");
        }
    }

    private static long ToLong(object? value) => value is bool b ? b ? 1 : 0 : (long)value!;

    private static double Float(string op, double x, double y) => op switch
    {
        "+" => x + y,
        "-" => x - y,
        "*" => x * y,
        "/" => x / y,
        "//" => Math.Floor(x / y),
        "%" => x - (y * Math.Floor(x / y)),
        _ => Math.Pow(x, y),
    };

    private static long Whole(string op, long x, long y) => checked(op switch
    {
        "+" => x + y,
        "-" => x - y,
        "*" => x * y,
        "//" => (x / y) - (x % y != 0 && x < 0 != y < 0 ? 1 : 0),
        "%" => y == -1 ? 0 : (x % y) + (x % y != 0 && x < 0 != y < 0 ? y : 0),
        _ => Power(x, y),
    });

    private static long Power(long x, long y)
    {
        if (x is 0 or 1 or -1)
        {
            return y == 0 ? 1 : x == -1 && y % 2 == 0 ? 1 : x;
        }

        long power = 1;
        for (long i = 0; i < y; i++)
        {
            power = checked(power * x);
        }

        return power;
    }

    private static string Joined(JinjaContext c, Place place, string a, string b)
    {
        c.Charge(place, (long)a.Length + b.Length);
        return a + b;
    }

    private static object Repeated(JinjaContext c, Place place, object what, long times)
    {
        times = Math.Max(0, times);
        long length = what is string s ? s.Length : ((List<object?>)what).Count;
        if (length == 0)
        {
            return what;
        }

        c.Charge(place, times > long.MaxValue / length ? long.MaxValue : times * length);
        return what is string text
            ? new StringBuilder().Insert(0, text, (int)times).ToString()
            : Enumerable.Repeat((List<object?>)what, (int)times).SelectMany(l => l).ToList();
    }
}
