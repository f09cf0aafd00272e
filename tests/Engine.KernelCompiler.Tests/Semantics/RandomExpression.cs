using System.Numerics;

namespace Engine.KernelCompiler.Tests;

/// <summary>
/// Draws C# expressions over the integer types from the variables of <see cref="Prologue"/>: legal, without signed overflow
/// or division by zero, and as tangled as their depth allows.
/// </summary>
internal sealed class RandomExpression(int seed)
{
    /// <summary>Declares the variables that the expressions use, from the words a and b.</summary>
    public const string Prologue =
        """
        int i = (int)a; uint u = b; long l = ((long)a << 32) | b; ulong w = ((ulong)b << 32) | a;
        byte y8 = (byte)a; sbyte s8 = (sbyte)b; short s16 = (short)a; ushort y16 = (ushort)b; bool p = (a & 4) != 0; bool q = a < b;
        """;

    private static readonly Number[] s_numbers =
    [
        new("sbyte", 8, true), new("byte", 8, false), new("short", 16, true), new("ushort", 16, false),
        new("int", 32, true), new("uint", 32, false), new("long", 64, true), new("ulong", 64, false),
    ];

    private static readonly (string Name, string Type)[] s_variables =
        [("i", "int"), ("u", "uint"), ("l", "long"), ("w", "ulong"), ("y8", "byte"), ("s8", "sbyte"), ("s16", "short"), ("y16", "ushort")];

    private readonly Random _random = new(seed);

    /// <summary>The next expression, as a long.</summary>
    public string Next() => $"(long)({Draw(4).Text})";

    private static Number Of(string name) => s_numbers.Single(n => n.Name == name);

    private Node Draw(int depth)
    {
        if (depth == 0)
        {
            (string name, string type) = s_variables[_random.Next(s_variables.Length)];
            return new Node(name, Of(type), Of(type).Largest);
        }

        return _random.Next(10) switch
        {
            0 => Unary(Draw(depth - 1)),
            1 => Cast(Draw(depth - 1), s_numbers[_random.Next(s_numbers.Length)]),
            2 => Shift(Draw(depth - 1), depth),
            3 => Choice(depth),
            4 => Switch(depth),
            5 => Quotient(Draw(depth - 1), depth),
            6 => Cast(new Node($"(float)({Draw(depth - 1).Text})", Of("int"), Of("int").Largest), s_numbers[_random.Next(s_numbers.Length)]),
            _ => Binary(Draw(depth - 1), Draw(depth - 1)),
        };
    }

    private Node Unary(Node x)
    {
        if (x.Type.Name == "ulong" || _random.Next(2) == 0)
        {
            Number complement = Promoted(x.Type, Of("int"), forShift: true);
            return new Node($"~{Tight(x)}", complement, complement.Largest);
        }

        Number type = x.Type.Name == "uint" ? Of("long") : Promoted(x.Type, Of("int"), forShift: true);
        Node small = Bounded(x, type.Largest - 1);
        return new Node($"-{Tight(small)}", type, small.Bound);
    }

    private static Node Cast(Node x, Number type) => new($"({type.Name}){Tight(x)}", type, type.Largest);

    private Node Shift(Node x, int depth)
    {
        Number type = Promoted(x.Type, Of("int"), forShift: true);
        string sign = _random.Next(3) switch { 0 => "<<", 1 => ">>", _ => ">>>" };
        string count = _random.Next(2) == 0 ? $"{_random.Next(80)}" : $"(int)({Draw(depth - 1).Text})";
        return new Node($"{Tight(x)} {sign} {count}", type, type.Largest);
    }

    private Node Choice(int depth)
    {
        (Node x, Node y, Number type) = Alike(Draw(depth - 1), Draw(depth - 1));
        return new Node($"{Condition(depth - 1)} ? {x.Text} : {y.Text}", type, type.Largest);
    }

    private Node Switch(int depth)
    {
        (Node x, Node y, Number type) = Alike(Draw(depth - 1), Draw(depth - 1));
        string pattern = _random.Next(3) switch { 0 => "1 or 3", 1 => "> 1", _ => "not 2" };
        return new Node($"({Tight(Draw(depth - 1))} & 3) switch {{ {pattern} => {x.Text}, _ => {y.Text} }}", type, type.Largest);
    }

    private Node Quotient(Node x, int depth)
    {
        Node divisor = new($"(({Tight(Draw(depth - 1))} & 15) + 1)", Of("int"), 16);
        Node signed = x.Type.Name == "ulong" ? Cast(x, Of("uint")) : x;
        Node small = Cast(divisor, Of("byte"));
        Number type = Promoted(signed.Type, small.Type);
        return new Node($"{Tight(signed)} {(_random.Next(2) == 0 ? "/" : "%")} {Tight(small)}", type, type.Largest);
    }

    private Node Binary(Node x, Node y)
    {
        // C# has no operator for an unsigned 64-bit and a signed operand.
        if (x.Type.Name == "ulong" != (y.Type.Name == "ulong"))
        {
            (x, y) = (Cast(x, Of("ulong")), Cast(y, Of("ulong")));
        }

        Number type = Promoted(x.Type, y.Type);
        string sign = _random.Next(6) switch { 0 => "+", 1 => "-", 2 => "*", 3 => "&", 4 => "|", _ => "^" };
        if (sign is "&" or "|" or "^" || !type.Signed)
        {
            return new Node($"{Tight(x)} {sign} {Tight(y)}", type, type.Largest);
        }

        Node u = Bounded(x, sign == "*" ? 30_000 : type.Largest / 2);
        Node v = Bounded(y, sign == "*" ? 30_000 : type.Largest / 2);
        return new Node($"{Tight(u)} {sign} {Tight(v)}", type, sign == "*" ? u.Bound * v.Bound : u.Bound + v.Bound);
    }

    private string Condition(int depth)
    {
        switch (_random.Next(6))
        {
            case 0:
                return _random.Next(2) == 0 ? "p" : "!q";
            case 1:
                return $"({Condition(0)} {(_random.Next(2) == 0 ? "&&" : "||")} {Comparison(depth)})";
            case 2:
                return $"({Condition(0)} {"&|^"[_random.Next(3)]} {Comparison(depth)})";
            default:
                return Comparison(depth);
        }
    }

    private string Comparison(int depth)
    {
        Node x = Draw(Math.Max(0, depth - 1));
        Node y = Draw(Math.Max(0, depth - 1));
        if (x.Type.Name == "ulong" != (y.Type.Name == "ulong"))
        {
            (x, y) = (Cast(x, Of("long")), Cast(y, Of("long")));
        }

        string sign = new[] { "<", "<=", ">", ">=", "==", "!=" }[_random.Next(6)];
        return $"({Tight(x)} {sign} {Tight(y)})";
    }

    // Two results that C# can bring to one type, which is not always the one that C would choose.
    private static (Node X, Node Y, Number Type) Alike(Node x, Node y)
    {
        if (x.Type == y.Type)
        {
            return (x, y, x.Type);
        }

        bool Widens(Number from, Number to) => to.Bits > from.Bits && (to.Signed || !from.Signed);
        return Widens(x.Type, y.Type) ? (x, y, y.Type)
            : Widens(y.Type, x.Type) ? (x, y, x.Type)
            : (Cast(x, y.Type), y, y.Type);
    }

    private static Node Bounded(Node x, BigInteger bound) =>
        x.Bound <= bound ? x : new Node($"({Tight(x)} % 1000)", x.Type.Bits < 32 ? Of("int") : x.Type, 1000);

    private static Number Promoted(Number x, Number y, bool forShift = false)
    {
        Number[] both = forShift ? [x] : [x, y];
        return both.Any(t => t.Name == "ulong") ? Of("ulong")
            : both.Any(t => t.Name == "long") ? Of("long")
            : !both.Any(t => t.Name == "uint") ? Of("int")
            : both.Any(t => t.Signed) ? Of("long")
            : Of("uint");
    }

    private static string Tight(Node x) => x.Text.All(char.IsLetterOrDigit) ? x.Text : $"({x.Text})";

    private sealed record Number(string Name, int Bits, bool Signed)
    {
        public BigInteger Largest => (BigInteger.One << (Signed ? Bits - 1 : Bits)) - 1;
    }

    private sealed record Node(string Text, Number Type, BigInteger Bound);
}
