namespace Engine.KernelCompiler;

/// <summary>The text of an expression and how tightly it binds, for parentheses.</summary>
internal readonly record struct Code(string Text, int Rank)
{
    public const int Atom = 0;
    public const int Unary = 1;
    public const int Multiply = 2;
    public const int Add = 3;
    public const int Shift = 4;
    public const int Relation = 5;
    public const int Equality = 6;
    public const int And = 7;
    public const int Xor = 8;
    public const int Or = 9;
    public const int AndAlso = 10;
    public const int OrElse = 11;
    public const int Conditional = 12;

    public static implicit operator Code(string atom) => new(atom, Atom);

    /// <summary>The text, in parentheses unless it binds at least as tightly as <paramref name="rank"/>.</summary>
    public string Within(int rank) => Rank <= rank ? Text : $"({Text})";

    /// <summary>The text as operand of a binary operator; mixed operators get parentheses even where C needs none.</summary>
    public string Operand(int rank, bool right)
    {
        bool plain = Rank <= Unary
            || (Rank == rank && !right && rank != Relation && rank != Equality)
            || (rank >= Relation && rank <= Equality && Rank <= Add)
            || (rank >= AndAlso && Rank <= Equality);
        return plain ? Text : $"({Text})";
    }
}
