using Engine.Kernels;

namespace Engine;

/// <summary>Sums over axes, and the reverse of broadcasting, shared by the ops that need them.</summary>
internal static class Reduction
{
    /// <summary>scale·Σ over one axis of a contiguous tensor, float32; the axis is removed.</summary>
    public static Tensor SumAxis(in OpContext context, Tensor x, int axis, float scale = 1f)
    {
        Tensor y = context.New(x.Shape.Without(axis));
        Elements.Run(x.DType, new SumWork(context, x, y, axis, scale));
        return y;
    }

    /// <summary>A shape as (outer, n, inner) around one axis.</summary>
    public static void Split(Shape shape, int axis, out long outer, out long n, out long inner)
    {
        outer = 1;
        inner = 1;
        for (int i = 0; i < axis; i++)
        {
            outer *= shape[i];
        }

        for (int i = axis + 1; i < shape.Rank; i++)
        {
            inner *= shape[i];
        }

        n = shape[axis];
    }

    /// <summary>
    /// Adds to the gradient of <paramref name="x"/> a contiguous gradient of the shape that x was broadcast to, summed over the
    /// axes along which it was stretched.
    /// </summary>
    public static void AddReduced(GradSink sink, Tensor x, Tensor dX)
    {
        if (!sink.Wants(x))
        {
            return;
        }

        Tensor sum = dX;
        OpContext context = sink.Context("Broadcast");
        for (int axis = dX.Rank - 1; axis >= 0; axis--)
        {
            int own = axis - (dX.Rank - x.Rank);
            if (own < 0 || (x.Shape[own] == 1 && dX.Shape[axis] != 1))
            {
                Tensor next = SumAxis(context, sum, axis);
                if (!sum.Equals(dX))
                {
                    sum.Dispose();
                }

                sum = next;
            }
        }

        if (sum.Equals(dX))
        {
            sink.Add(x, dX);
            return;
        }

        sink.Give(x, OpContext.View(sum, x.Shape, Strides.Contiguous(x.Shape), 0, "Broadcast"));
        sum.Dispose();
    }

    private readonly struct SumWork(OpContext context, Tensor x, Tensor y, int axis, float scale) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T>
        {
            Split(x.Shape, axis, out _, out long n, out long inner);
            context.Launch(new SumAxis<T, E>(x.Flat<T>(), y.Flat<float>(), n, inner, scale), y.Count);
        }
    }
}
