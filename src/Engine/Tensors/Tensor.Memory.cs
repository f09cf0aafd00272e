using Engine.KernelLanguage;

namespace Engine;

/// <content>Making persistent tensors and moving values between host and device.</content>
public readonly partial struct Tensor
{
    /// <summary>A persistent tensor with arbitrary contents.</summary>
    public static Tensor Empty(Device device, Shape shape, DType dtype = DType.Float32, string tag = "persistent") =>
        OpContext.Allocate(device, null, tag, dtype, shape);

    /// <summary>A persistent tensor of zeros.</summary>
    public static Tensor Zeros(Device device, Shape shape, DType dtype = DType.Float32, string tag = "persistent")
    {
        Tensor x = Empty(device, shape, dtype, tag);
        x.ZeroInPlace();
        return x;
    }

    /// <summary>A persistent tensor with a copy of <paramref name="values"/>.</summary>
    /// <exception cref="EngineException">The number of values is not that of the shape.</exception>
    public static Tensor From<T>(Device device, ReadOnlySpan<T> values, Shape shape, string tag = "persistent")
        where T : unmanaged
    {
        Tensor x = Empty(device, shape, DTypeOf<T>(), tag);
        x.Load(values);
        return x;
    }

    /// <summary>Overwrites all elements, which must be contiguous, with host values of the same type. Bumps the version.</summary>
    /// <exception cref="EngineException">Type, number of values or layout do not fit.</exception>
    public unsafe void Load<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        CheckHost<T>("Load", values.Length);
        Data.Storage!.Version++;
        fixed (T* source = values)
        {
            Device.CopyFromHost(source, Address, values.Length * (long)sizeof(T));
        }
    }

    /// <summary>Copies all elements, which must be contiguous, to the host; waits for them.</summary>
    /// <exception cref="EngineException">Type, number of values or layout do not fit.</exception>
    public unsafe void CopyTo<T>(Span<T> values)
        where T : unmanaged
    {
        CheckHost<T>("CopyTo", values.Length);
        fixed (T* target = values)
        {
            Device.CopyToHost(Address, target, values.Length * (long)sizeof(T));
        }
    }

    /// <summary>All elements in row-major order, converted to float32 if stored in 16 bits.</summary>
    public float[] ToArray()
    {
        // Reading is no op: it leaves nothing on a tape.
        Tensor plain = Detach();
        Tensor x = plain.To(DType.Float32);
        Tensor c = x.Contiguous();
        float[] values = new float[Count];
        c.CopyTo<float>(values);
        c.Dispose();
        x.Dispose();
        plain.Dispose();
        return values;
    }

    /// <summary>The value of a tensor of one element. Waits for the device.</summary>
    /// <exception cref="EngineException">The tensor does not have exactly one float32 element.</exception>
    public float Item()
    {
        if (Count != 1)
        {
            Check.Fail("Item", $"x {Shape} has {Count} elements, expected 1.", this);
        }

        float value = 0f;
        CopyTo(new Span<float>(ref value));
        return value;
    }

    /// <summary>A persistent copy, which the caller must dispose. It carries no gradient history.</summary>
    public Tensor ToPersistent()
    {
        Tensor copy = Empty(Device, Shape, DType);
        StridedCopy.Launch(Device, this, copy);
        return copy;
    }

    /// <summary>
    /// A persistent copy on another device (or the same one), which the caller must dispose. It carries no gradient history. Goes
    /// through the host and waits for the values.
    /// </summary>
    public unsafe Tensor To(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Int8Matrix.Refuse("To", this);
        Tensor copy = Empty(device, Shape, DType);
        Tensor from = Contiguous();
        long bytes = Count * DType.Size();
        byte[] buffer = new byte[Math.Min(bytes, 1 << 20)];
        fixed (byte* b = buffer)
        {
            for (long at = 0; at < bytes; at += buffer.Length)
            {
                long part = Math.Min(buffer.Length, bytes - at);
                Device.CopyToHost(from.Address + (nint)at, b, part);
                device.CopyFromHost(b, copy.Address + (nint)at, part);
            }
        }

        if (!from.Equals(this))
        {
            from.Dispose();
        }

        return copy;
    }

    /// <summary>Sets every element to zero. Bumps the version.</summary>
    public void ZeroInPlace() => FillInPlace(0f);

    /// <summary>The element type that stores a C# type.</summary>
    internal static DType DTypeOf<T>() =>
        typeof(T) == typeof(float) ? DType.Float32
        : typeof(T) == typeof(int) ? DType.Int32
        : typeof(T) == typeof(BFloat16) ? DType.BFloat16
        : typeof(T) == typeof(Half) ? DType.Float16
        : throw new EngineException($"Tensor: {typeof(T).Name} is no element type; use float, int, BFloat16 or Half.");

    /// <summary>Where element 0 lies on the device.</summary>
    internal nint Address => (Data.Storage ?? throw Stale()).Address + (nint)(Data.Offset * DType.Size());

    private void CheckHost<T>(string op, long length)
        where T : unmanaged
    {
        if (DTypeOf<T>() != DType)
        {
            Check.Fail(op, $"x {Shape} holds {DType.Name()}, but the host values are {typeof(T).Name}.", this);
        }

        if (length != Count)
        {
            Check.Fail(op, $"x {Shape} has {Count} elements, but {length} host values are given.", this);
        }

        if (!IsContiguous)
        {
            Check.Fail(op, $"x {Shape} is a strided view; call Contiguous() first.", this);
        }
    }
}
