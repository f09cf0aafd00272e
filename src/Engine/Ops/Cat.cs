using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>
/// Up to eight tensors side by side along one axis; the gradient of each is its window of dY, passed on without a copy.
/// Nothing is saved.
/// </summary>
internal readonly struct CatOp : IDifferentiable<CatOp.Args, CatOp.Saved>
{
    public readonly record struct Args(Tensors Parts, int Count, int Axis);

    public readonly record struct Saved(Tensors Parts, int Count, int Axis) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            // Values are not read; the parts only say where the gradients go.
        }
    }

    public static string Name => "Cat";

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        saved = new Saved(a.Parts, a.Count, a.Axis);
        int size = 0;
        for (int i = 0; i < a.Count; i++)
        {
            size += a.Parts[i].Shape[a.Axis];
        }

        Tensor y = context.New(a.Parts[0].Shape.With(a.Axis, size), a.Parts[0].DType);
        int start = 0;
        for (int i = 0; i < a.Count; i++)
        {
            Tensor window = Window(y, a.Parts[i], a.Axis, ref start);
            StridedCopy.Launch(context.Device, a.Parts[i], window);
            window.Dispose();
        }

        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        int start = 0;
        for (int i = 0; i < s.Count; i++)
        {
            sink.Give(s.Parts[i], Window(dY, s.Parts[i], s.Axis, ref start));
        }
    }

    /// <summary>Any number of tensors: eight at a time, and the results again. With <paramref name="stack"/> along a new axis.</summary>
    public static Tensor Join(int axis, ReadOnlySpan<Tensor> tensors, bool stack)
    {
        Tensors parts = default;
        int count = Math.Min(tensors.Length, Tensors.Max);
        for (int i = 0; i < count; i++)
        {
            int from = (int)((long)i * tensors.Length / count);
            int to = (int)((i + 1L) * tensors.Length / count);
            ReadOnlySpan<Tensor> share = tensors[from..to];
            parts[i] = share.Length > 1 ? Join(axis, share, stack) : stack ? share[0].Unsqueeze(axis) : share[0];
        }

        return Recorder.Apply<CatOp, Args, Saved>(new(parts, count, axis), ((ReadOnlySpan<Tensor>)parts)[..count]);
    }

    private static Tensor Window(Tensor y, Tensor part, int axis, ref int start)
    {
        long offset = start * y.Data.Strides[axis];
        start += part.Shape[axis];
        return OpContext.View(y, part.Shape, y.Data.Strides, offset, Name);
    }

    /// <summary>Eight handles in place, so that keeping a list of tensors allocates nothing.</summary>
    [InlineArray(Max)]
    [SuppressMessage("Style", "IDE0044", Justification = "The element of an inline array.")]
    internal struct Tensors
    {
        public const int Max = 8;

        private Tensor _element;
    }
}

/// <content>Joining tensors.</content>
public readonly partial struct Tensor
{
    /// <summary>Tensors of one dtype side by side along an axis they have; all other axes must agree.</summary>
    /// <exception cref="EngineException">No tensor is given, there is no such axis, or shapes or dtypes do not fit.</exception>
    public static Tensor Cat(int axis, params ReadOnlySpan<Tensor> tensors)
    {
        const string Op = "Cat";
        Tensor first = First(Op, tensors);
        int at = Check.Axis(Op, first, axis);
        for (int i = 1; i < tensors.Length; i++)
        {
            Tensor x = tensors[i];
            CheckDType(Op, first, x, i);
            if (x.Rank != first.Rank || x.Shape.With(at, first.Shape[at]) != first.Shape)
            {
                Check.Fail(Op, $"tensor {i} has shape {x.Shape}, which differs from {first.Shape} in more than axis {at}.", x);
            }
        }

        return tensors.Length == 1 ? first : CatOp.Join(at, tensors, stack: false);
    }

    /// <summary>Tensors of one shape and dtype along a new axis (at the end for axis = rank or −1).</summary>
    /// <exception cref="EngineException">No tensor is given, there is no such place, or shapes or dtypes differ.</exception>
    public static Tensor Stack(int axis, params ReadOnlySpan<Tensor> tensors)
    {
        const string Op = "Stack";
        Tensor first = First(Op, tensors);
        for (int i = 1; i < tensors.Length; i++)
        {
            CheckDType(Op, first, tensors[i], i);
            if (tensors[i].Shape != first.Shape)
            {
                Check.Fail(Op, $"tensor {i} has shape {tensors[i].Shape}, but tensor 0 has {first.Shape}.", tensors[i]);
            }
        }

        return tensors.Length == 1 ? first.Unsqueeze(axis) : CatOp.Join(axis < 0 ? axis + first.Rank + 1 : axis, tensors, stack: true);
    }

    private static Tensor First(string op, ReadOnlySpan<Tensor> tensors) =>
        tensors.Length > 0 ? tensors[0] : throw new EngineException($"{op}: no tensor is given; expected at least one.");

    private static void CheckDType(string op, Tensor first, Tensor x, int i)
    {
        if (x.DType != first.DType)
        {
            Check.Fail(op, $"tensor {i} is {x.DType.Name()}, but tensor 0 is {first.DType.Name()}.", x);
        }
    }
}
