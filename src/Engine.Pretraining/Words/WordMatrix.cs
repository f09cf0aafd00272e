using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Engine.Pretraining.Words;

/// <summary>
/// One vector a row in memory that does not move, each row padded with zeros to whole vectors of the machine: word-vector training
/// is dot products and sums of single rows in an order that each step depends on, which no tensor op covers.
/// </summary>
internal sealed unsafe class WordMatrix
{
    /// <summary>Floats that rows are padded to.</summary>
    private const int Lanes = 16;

    private readonly float[] _values;
    private readonly float* _first;

    /// <summary>A matrix of zeros.</summary>
    /// <exception cref="EngineException">It has more than 2³¹ numbers.</exception>
    public WordMatrix(int rows, int columns)
    {
        (Rows, Columns, Stride) = (rows, columns, (columns + Lanes - 1) / Lanes * Lanes);
        if ((long)rows * Stride > Array.MaxLength - Lanes)
        {
            throw new EngineException($"{rows} words of {columns} numbers do not fit into one table; raise min_frequency or take shorter vectors.");
        }

        _values = GC.AllocateArray<float>((rows * Stride) + Lanes, pinned: true);
        nint start = Marshal.UnsafeAddrOfPinnedArrayElement(_values, 0);
        _first = (float*)((start + 63) & ~63);
    }

    /// <summary>Vectors.</summary>
    public int Rows { get; }

    /// <summary>Numbers of a vector.</summary>
    public int Columns { get; }

    /// <summary>Numbers from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>The first number of a row.</summary>
    public float* Row(int i) => _first + ((long)i * Stride);

    /// <summary>A row without its padding.</summary>
    public Span<float> this[int i] => new(Row(i), Columns);

    /// <summary>All rows one behind the other, without padding.</summary>
    public float[] ToArray()
    {
        float[] values = new float[Rows * Columns];
        for (int i = 0; i < Rows; i++)
        {
            this[i].CopyTo(values.AsSpan(i * Columns));
        }

        return values;
    }

    /// <summary>Sets all rows to what <see cref="ToArray"/> gave.</summary>
    public void Load(float[] values)
    {
        for (int i = 0; i < Rows; i++)
        {
            values.AsSpan(i * Columns, Columns).CopyTo(this[i]);
        }
    }

    /// <summary>The dot product of two rows of <paramref name="n"/> numbers, a multiple of 16.</summary>
    public static float Dot(float* x, float* y, int n)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> sum = Vector512<float>.Zero;
            Vector512<float> other = Vector512<float>.Zero;
            int i = 0;
            for (; i + (2 * Lanes) <= n; i += 2 * Lanes)
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(y + i), sum);
                other = Vector512.FusedMultiplyAdd(Vector512.Load(x + i + Lanes), Vector512.Load(y + i + Lanes), other);
            }

            return Vector512.Sum(i < n ? Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(y + i), sum) + other : sum + other);
        }

        Vector256<float> a = Vector256<float>.Zero;
        Vector256<float> b = Vector256<float>.Zero;
        for (int i = 0; i < n; i += Lanes)
        {
            a = Vector256.FusedMultiplyAdd(Vector256.Load(x + i), Vector256.Load(y + i), a);
            b = Vector256.FusedMultiplyAdd(Vector256.Load(x + i + 8), Vector256.Load(y + i + 8), b);
        }

        return Vector256.Sum(a + b);
    }

    /// <summary>y += g·x.</summary>
    public static void Add(float g, float* x, float* y, int n)
    {
        for (int i = 0; i < n; i += Lanes)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Vector512.FusedMultiplyAdd(Vector512.Create(g), Vector512.Load(x + i), Vector512.Load(y + i)).Store(y + i);
            }
            else
            {
                Vector256.FusedMultiplyAdd(Vector256.Create(g), Vector256.Load(x + i), Vector256.Load(y + i)).Store(y + i);
                Vector256.FusedMultiplyAdd(Vector256.Create(g), Vector256.Load(x + i + 8), Vector256.Load(y + i + 8)).Store(y + i + 8);
            }
        }
    }

    /// <summary>e += g·y and then y += g·x, in one pass: a step of an output vector y and what it says to the input x.</summary>
    public static void Step(float g, float* x, float* y, float* e, int n)
    {
        for (int i = 0; i < n; i += Lanes)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Vector512<float> old = Vector512.Load(y + i);
                Vector512.FusedMultiplyAdd(Vector512.Create(g), old, Vector512.Load(e + i)).Store(e + i);
                Vector512.FusedMultiplyAdd(Vector512.Create(g), Vector512.Load(x + i), old).Store(y + i);
            }
            else
            {
                Half(g, x + i, y + i, e + i);
                Half(g, x + i + 8, y + i + 8, e + i + 8);
            }
        }
    }

    private static void Half(float g, float* x, float* y, float* e)
    {
        Vector256<float> old = Vector256.Load(y);
        Vector256.FusedMultiplyAdd(Vector256.Create(g), old, Vector256.Load(e)).Store(e);
        Vector256.FusedMultiplyAdd(Vector256.Create(g), Vector256.Load(x), old).Store(y);
    }
}
