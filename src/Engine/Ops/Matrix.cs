using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>A float32 matrix in device memory as the products see it; <see cref="T"/> is free.</summary>
/// <param name="Data">The memory from element (0, 0) of the first matrix on.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns.</param>
/// <param name="Layout">Strides.</param>
internal readonly record struct Matrix(View<float> Data, long Rows, long Columns, MatrixLayout Layout)
{
    /// <summary>A row-major matrix with <paramref name="leading"/> elements from row to row.</summary>
    public Matrix(View<float> data, long rows, long columns, long leading)
        : this(data, rows, columns, new MatrixLayout(leading, 1))
    {
    }

    /// <summary>The transpose, on the same memory.</summary>
    public Matrix T => new(Data, Columns, Rows, Layout.Transposed);

    /// <summary>The last two axes of a tensor with any strides; leading axes come into play through batch strides.</summary>
    public static Matrix Of(Tensor x) => new(
        x.Raw<float>(), x.Shape[^2], x.Shape[^1], new MatrixLayout(x.Data.Strides[x.Rank - 2], x.Data.Strides[x.Rank - 1]));

    /// <summary>A contiguous tensor as one matrix: all axes but the last are its rows.</summary>
    public static Matrix Flatten(Tensor x)
    {
        long columns = x.Shape[^1];
        return new Matrix(x.Flat<float>(), columns == 0 ? x.Shape.Without(^1).Count : x.Count / columns, columns, columns);
    }

    /// <summary>The same matrix as a member of a batch.</summary>
    public Matrix Batched(long outer, long inner) => this with { Layout = Layout with { Outer = outer, Inner = inner } };
}

/// <summary>Launches matrix products; what all ops that multiply matrices share. Nothing here is recorded.</summary>
internal static class MatrixProduct
{
    /// <summary>C = A·B, or C += A·B if <paramref name="accumulate"/>.</summary>
    public static void Launch(in OpContext context, in Matrix a, in Matrix b, in Matrix c, bool accumulate) =>
        Launch<Identity>(context, a, b, c, default, default, accumulate, 1, 1);

    /// <summary>C = f(A·B + bias), storing A·B + bias in <paramref name="pre"/> if that is given.</summary>
    public static void Launch(
        in OpContext context, in Matrix a, in Matrix b, in Matrix c, View<float> bias, View<float> pre, Activation activation)
    {
        switch (activation)
        {
            case Activation.GeluTanh:
                Launch<GeluTanh>(context, a, b, c, bias, pre, false, 1, 1);
                break;
            case Activation.Gelu:
                Launch<Gelu>(context, a, b, c, bias, pre, false, 1, 1);
                break;
            default:
                Launch<Identity>(context, a, b, c, bias, pre, false, 1, 1);
                break;
        }
    }

    /// <summary>A batch of outer × inner products; the matrices' layouts say where each one lies.</summary>
    public static void Launch<F>(
        in OpContext context, in Matrix a, in Matrix b, in Matrix c, View<float> bias, View<float> pre, bool accumulate, long outer, long inner)
        where F : unmanaged, IFunction
    {
        if (a.Columns != b.Rows || a.Rows != c.Rows || b.Columns != c.Columns)
        {
            throw new InvalidOperationException(
                $"{context.Op}: ({a.Rows}, {a.Columns})·({b.Rows}, {b.Columns}) does not give ({c.Rows}, {c.Columns}).");
        }

        GemmSize size = new(c.Rows, c.Columns, a.Columns, outer, inner);
        context.Launch(
            new Gemm<F>(a.Data, b.Data, c.Data, bias, pre, a.Layout, b.Layout, c.Layout, size, accumulate), size.Blocks);
    }

    /// <summary>y = Σ over the rows of x, or y += that.</summary>
    public static void SumRows(in OpContext context, Tensor x, Tensor y, bool accumulate)
    {
        // Enough rows to make a chunk worth a block, few enough that tall matrices keep all workers busy.
        const long Chunk = 128;
        Matrix m = Matrix.Flatten(x);
        View<float> sum = y.Flat<float>();
        if (m.Rows <= Chunk)
        {
            context.Launch(new ColumnSum(m.Data, sum, m.Rows, m.Columns, Chunk, accumulate), ColumnSum.Blocks(m.Rows, m.Columns, Chunk));
            return;
        }

        long chunks = ColumnSum.Chunks(m.Rows, Chunk);
        Tensor partial = context.New([(int)chunks, (int)m.Columns]);
        View<float> parts = partial.Flat<float>();
        context.Launch(new ColumnSum(m.Data, parts, m.Rows, m.Columns, Chunk, false), ColumnSum.Blocks(m.Rows, m.Columns, Chunk));
        context.Launch(new ColumnSum(parts, sum, chunks, m.Columns, chunks, accumulate), ColumnSum.Blocks(chunks, m.Columns, chunks));
        partial.Dispose();
    }
}
