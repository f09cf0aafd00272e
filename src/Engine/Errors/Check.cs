using System.Diagnostics.CodeAnalysis;

namespace Engine;

/// <summary>
/// The checks of all ops in one place, so that every message has the same form: op, the operands' shapes, what was
/// expected, then dtype and device in brackets. Messages are built on the failure path only.
/// </summary>
internal static class Check
{
    /// <summary>Throws <c>op: message [dtype, device]</c>.</summary>
    [DoesNotReturn]
    public static void Fail(string op, string message, Tensor culprit) =>
        throw new EngineException($"{op}: {message} [{culprit.DType.Name()}, {culprit.Device.Name}]");

    /// <summary>The tensor's dtype is the one the kernel reads.</summary>
    public static void DType(string op, string name, Tensor x, DType expected)
    {
        if (x.DType != expected)
        {
            Fail(op, $"{name} {x.Shape} is {x.DType.Name()}, expected {expected.Name()}. Convert it with To(DType.{expected}).", x);
        }
    }

    /// <summary>The tensor has one of the types that kernels read as float32.</summary>
    public static void Float(string op, string name, Tensor x)
    {
        if (!x.DType.IsFloat())
        {
            Fail(op, $"{name} {x.Shape} is {x.DType.Name()}, expected float32, bfloat16 or float16. Convert it with To(DType).", x);
        }
    }

    /// <summary>Two operands have one dtype.</summary>
    public static void SameDType(string op, string nameA, Tensor a, string nameB, Tensor b)
    {
        if (a.DType != b.DType)
        {
            Fail(op, $"{nameA} {a.Shape} is {a.DType.Name()}, but {nameB} {b.Shape} is {b.DType.Name()}. Convert one with To(DType).", a);
        }
    }

    /// <summary>The tensor has exactly this rank.</summary>
    public static void Rank(string op, string name, Tensor x, int rank)
    {
        if (x.Rank != rank)
        {
            Fail(op, $"{name} {x.Shape} has rank {x.Rank}, expected rank {rank}.", x);
        }
    }

    /// <summary>The tensor has at least this rank.</summary>
    public static void RankAtLeast(string op, string name, Tensor x, int rank)
    {
        if (x.Rank < rank)
        {
            Fail(op, $"{name} {x.Shape} has rank {x.Rank}, expected at least rank {rank}.", x);
        }
    }

    /// <summary>The tensor has exactly this shape.</summary>
    public static void Shape(string op, string name, Tensor x, Shape expected)
    {
        if (x.Shape != expected)
        {
            Fail(op, $"{name} has shape {x.Shape}, expected {expected}.", x);
        }
    }

    /// <summary>Two operands have one shape.</summary>
    public static void SameShape(string op, string nameA, Tensor a, string nameB, Tensor b)
    {
        if (a.Shape != b.Shape)
        {
            Fail(op, $"{nameA} has shape {a.Shape}, but {nameB} has shape {b.Shape}. Expected equal shapes.", a);
        }
    }

    /// <summary>A per-channel vector fits the last axis of <paramref name="x"/>.</summary>
    public static void LastAxis(string op, Tensor x, string name, Tensor vector) => Channels(op, x, x.Rank - 1, name, vector);

    /// <summary>An optional float32 vector with one value for each channel along <paramref name="axis"/> of <paramref name="x"/>.</summary>
    public static void Channels(string op, Tensor x, int axis, string name, Tensor vector)
    {
        if (!vector.IsDefined)
        {
            return;
        }

        int C = x.Shape[axis];
        if (vector.Rank != 1 || vector.Shape[0] != C)
        {
            string which = axis == x.Rank - 1 ? "last axis" : $"axis {axis}";
            Fail(op, $"{which} of x {x.Shape} is {C}, but {name} has shape {vector.Shape}. Expected {name} ({C},).", x);
        }

        DType(op, name, vector, Engine.DType.Float32);
    }

    /// <summary>An optional operand through which the op passes no gradient does not ask for one.</summary>
    public static void NoGradient(string op, string name, Tensor x)
    {
        if (x.IsDefined && x.RequiresGrad)
        {
            Fail(op, $"{name} {x.Shape} requires a gradient, which this op does not compute. Call Detach() on it.", x);
        }
    }

    /// <summary>An axis from −rank to rank − 1, made non-negative.</summary>
    public static int Axis(string op, Tensor x, int axis)
    {
        if (axis < -x.Rank || axis >= x.Rank)
        {
            Fail(op, $"axis {axis} does not exist in x {x.Shape}; expected {-x.Rank} to {x.Rank - 1}.", x);
        }

        return axis < 0 ? axis + x.Rank : axis;
    }
}
