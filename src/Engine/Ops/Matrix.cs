using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>A matrix in a tensor's memory as the products see it; <see cref="T"/> is free.</summary>
/// <param name="Memory">The tensor.</param>
/// <param name="Offset">Its element that is element (0, 0) of the first matrix.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns.</param>
/// <param name="Layout">Strides.</param>
internal readonly record struct Matrix(Tensor Memory, long Offset, long Rows, long Columns, MatrixLayout Layout)
{
    /// <summary>A row-major matrix without gaps, from element <paramref name="offset"/> of a contiguous tensor on.</summary>
    public Matrix(Tensor memory, long offset, long rows, long columns)
        : this(memory, offset, rows, columns, new MatrixLayout(columns, 1))
    {
    }

    /// <summary>The element type.</summary>
    public DType DType => Memory.DType;

    /// <summary>The transpose, on the same memory.</summary>
    public Matrix T => new(Memory, Offset, Columns, Rows, Layout.Transposed);

    /// <summary>The last two axes of a tensor with any strides; leading axes come into play through batch strides.</summary>
    public static Matrix Of(Tensor x) =>
        new(x, 0, x.Shape[^2], x.Shape[^1], new MatrixLayout(x.Data.Strides[x.Rank - 2], x.Data.Strides[x.Rank - 1]));

    /// <summary>A contiguous tensor as one matrix: all axes but the last are its rows.</summary>
    public static Matrix Flatten(Tensor x)
    {
        long columns = x.Shape[^1];
        return new Matrix(x, 0, columns == 0 ? x.Shape.Without(^1).Count : x.Count / columns, columns);
    }

    /// <summary>The memory from element (0, 0) of the first matrix on, for kernels.</summary>
    public View<TElement> Data<TElement>()
        where TElement : unmanaged => Memory.Raw<TElement>().From(Offset);

    /// <summary>The same matrix as a member of a batch.</summary>
    public Matrix Batched(long outer, long inner) => this with { Layout = Layout with { Outer = outer, Inner = inner } };
}

/// <summary>
/// Launches matrix products; what all ops that multiply matrices share. A and B have one dtype, C the same or float32. Nothing
/// here is recorded.
/// </summary>
internal static class MatrixProduct
{
    /// <summary>C = A·B, or C += A·B if <paramref name="accumulate"/>.</summary>
    public static void Launch(in OpContext context, in Matrix a, in Matrix b, in Matrix c, bool accumulate) =>
        Launch<Identity>(context, a, b, c, default, default, accumulate, 1, 1);

    /// <summary>C = f(A·B + bias), storing A·B + bias in <paramref name="pre"/> if that is given.</summary>
    public static void Launch(
        in OpContext context, in Matrix a, in Matrix b, in Matrix c, Tensor bias, Tensor pre, Activation activation)
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
        in OpContext context, in Matrix a, in Matrix b, in Matrix c, Tensor bias, Tensor pre, bool accumulate, long outer, long inner)
        where F : unmanaged, IFunction
    {
        if (a.Columns != b.Rows || a.Rows != c.Rows || b.Columns != c.Columns || a.DType != b.DType || (c.DType != a.DType && c.DType != DType.Float32))
        {
            throw new InvalidOperationException(
                $"{context.Op}: ({a.Rows}, {a.Columns})·({b.Rows}, {b.Columns}) does not give ({c.Rows}, {c.Columns}), or {a.DType.Name()}·{b.DType.Name()} {c.DType.Name()}.");
        }

        GemmSize size = new(c.Rows, c.Columns, a.Columns, outer, inner);
        new Product<F>(context, a, b, c, bias, pre, size, accumulate).Launch();
    }

    /// <summary>y = Σ over the rows of x, or y += that; y is float32.</summary>
    public static void SumRows(in OpContext context, Tensor x, Tensor y, bool accumulate)
    {
        // Enough rows to make a chunk worth a block, few enough that tall matrices keep all workers busy.
        const long Chunk = 128;
        Elements.Run(x.DType, new SumRowsWork(context, x, y, accumulate, Chunk));
    }

    // float32 by a kernel that adds in the order of k, 16 bits by one that tensor cores can run.
    private readonly struct Product<F>(
        OpContext context, Matrix a, Matrix b, Matrix c, Tensor bias, Tensor pre, GemmSize size, bool accumulate)
        where F : unmanaged, IFunction
    {
        public void Launch()
        {
            switch (a.DType)
            {
                case DType.BFloat16:
                    Launch<BFloat16, BFloat16Element>();
                    break;
                case DType.Float16:
                    Launch<Half, Float16Element>();
                    break;
                default:
                    context.Launch(
                        new Gemm<F>(
                            a.Data<float>(), b.Data<float>(), c.Data<float>(), Optional.Flat<float>(bias), Optional.Flat<float>(pre),
                            a.Layout, b.Layout, c.Layout, size, accumulate),
                        size.Blocks);
                    break;
            }
        }

        private void Launch<T, E>()
            where T : unmanaged
            where E : unmanaged, ITensorElement<T>
        {
            if (c.DType == DType.Float32)
            {
                Launch<T, E, float, Float32Element>();
            }
            else
            {
                Launch<T, E, T, E>();
            }
        }

        private void Launch<T, E, TC, EC>()
            where T : unmanaged
            where E : unmanaged, ITensorElement<T>
            where TC : unmanaged
            where EC : unmanaged, IElement<TC>
        {
            View<T> left = a.Data<T>();
            View<T> right = b.Data<T>();
            View<float> biases = Optional.Flat<float>(bias);
            View<TC> before = Optional.Flat<TC>(pre);
            if (context.Device.AsyncTensorUnits is var units and > 0 && FillsWideTiles(units) && Chunks(left, a.Layout, size.M) && Chunks(right, b.Layout.Transposed, size.N))
            {
                context.Launch(
                    new PipelinedGemm<F, T, E, TC, EC>(
                        left, right, c.Data<TC>(), biases, before, a.Layout, b.Layout, c.Layout, size, accumulate, a.Layout.Column == 1, b.Layout.Row == 1),
                    size.WideBlocks);
                return;
            }

            context.Launch(
                new TensorGemm<F, T, E, TC, EC>(left, right, c.Data<TC>(), biases, before, a.Layout, b.Layout, c.Layout, size, accumulate), size.Blocks);
        }

        // Small tiles do less of nothing at the edges, and keep more multiprocessors busy.
        private bool FillsWideTiles(int units) => size.WideBlocks * 4 <= size.Blocks * 3 / 2 && size.WideBlocks >= units / 2;

        // Whether the slices of a matrix (rows, K) can be copied 16 bytes at a time.
        private unsafe bool Chunks<T>(View<T> x, MatrixLayout layout, long rows)
            where T : unmanaged
        {
            (long lead, long contiguous) = layout.Column == 1 ? (layout.Row, size.K) : (layout.Column, rows);
            return (layout.Column == 1 || layout.Row == 1)
                && (lead | contiguous | layout.Outer | layout.Inner) % AsyncCopy.Chunk == 0
                && (nint)x.Pointer % (AsyncCopy.Chunk * sizeof(T)) == 0;
        }
    }

    private readonly struct SumRowsWork(OpContext context, Tensor x, Tensor y, bool accumulate, long chunk) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T>
        {
            Matrix m = Matrix.Flatten(x);
            View<float> sum = y.Flat<float>();
            if (m.Rows <= chunk)
            {
                context.Launch(
                    new ColumnSum<T, E>(m.Data<T>(), sum, m.Rows, m.Columns, chunk, accumulate),
                    ColumnChunks.Blocks(m.Rows, m.Columns, chunk));
                return;
            }

            long chunks = ColumnChunks.Of(m.Rows, chunk);
            Tensor partial = context.New([(int)chunks, (int)m.Columns]);
            View<float> parts = partial.Flat<float>();
            context.Launch(
                new ColumnSum<T, E>(m.Data<T>(), parts, m.Rows, m.Columns, chunk, false), ColumnChunks.Blocks(m.Rows, m.Columns, chunk));
            context.Launch(
                new ColumnSum<float, Float32Element>(parts, sum, chunks, m.Columns, chunks, accumulate),
                ColumnChunks.Blocks(chunks, m.Columns, chunks));
            partial.Dispose();
        }
    }
}
