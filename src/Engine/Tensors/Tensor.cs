using System.Runtime.CompilerServices;
using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// A handle to an n-dimensional array on a device. Copying the handle does not copy the data. A tensor is either
/// <i>persistent</i> (its owner disposes it) or belongs to a <see cref="StepScope"/>, which frees it when the step ends;
/// the result of an op lives where its operands live. Using a tensor after its end throws.
/// </summary>
public readonly partial struct Tensor : IDisposable, IEquatable<Tensor>
{
    private readonly TensorData? _data;
    private readonly int _generation;

    internal Tensor(TensorData data)
    {
        _data = data;
        _generation = data.Generation;
    }

    /// <summary>False for <c>default</c>, which stands for an optional tensor that is not given.</summary>
    public bool IsDefined => _data is not null;

    /// <summary>True until the tensor is disposed, freed by backward, or its step ends.</summary>
    public bool IsAlive => _data is { } d && d.Generation == _generation && d.Storage is not null;

    /// <summary>The sizes of the axes.</summary>
    public Shape Shape => Data.Shape;

    /// <summary>The number of axes.</summary>
    public int Rank => Data.Shape.Rank;

    /// <summary>The number of elements.</summary>
    public long Count => Data.Shape.Count;

    /// <summary>The element type.</summary>
    public DType DType => Data.DType;

    /// <summary>Where the data is.</summary>
    public Device Device => Data.Device;

    /// <summary>True when backward computes a gradient for this tensor or passes one through it.</summary>
    public bool RequiresGrad => Data.RequiresGrad;

    /// <summary>True when the elements lie in row-major order without gaps.</summary>
    public bool IsContiguous => Data.Strides.AreContiguous(Data.Shape);

    /// <summary>The step the tensor belongs to; null for a persistent tensor.</summary>
    public StepScope? Scope => Data.Scope;

    internal TensorData Data
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _data is { } d && d.Generation == _generation ? d : throw Stale();
    }

    /// <summary>
    /// Gives the memory back now. A step tensor would be freed at the end of its step anyway; a persistent one must be
    /// disposed by its owner. Disposing twice is harmless.
    /// </summary>
    public void Dispose()
    {
        if (_data is not { } d || d.Generation != _generation)
        {
            return;
        }

        if (d.Scope is null)
        {
            d.Grad.Dispose();
            d.Retire();
        }
        else if (d.SavedUses == 0)
        {
            d.ReleaseStorage("disposed");
        }
    }

    /// <summary>Keeps the values past backward, which otherwise frees what it has used for the last time.</summary>
    public Tensor Keep()
    {
        Data.Kept = true;
        return this;
    }

    /// <summary>Handle identity: the same tensor, not equal values.</summary>
    public bool Equals(Tensor other) => ReferenceEquals(_data, other._data) && _generation == other._generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_data, _generation);

    /// <summary>Shape, dtype and device; values are read with <see cref="ToArray"/>.</summary>
    public override string ToString() =>
        !IsDefined ? "undefined tensor" : IsAlive ? $"{Shape} {DType.Name()} {Device.Name}" : Stale().Message;

    /// <summary>The elements in row-major order as a kernel sees them, <see cref="Count"/> of them; for launches on the tensor's device.</summary>
    /// <typeparam name="T">The element type: float, int, <see cref="BFloat16"/> or <see cref="Half"/>, as the dtype says.</typeparam>
    /// <exception cref="EngineException">The tensor is strided (copy it with <see cref="Contiguous"/>), of another dtype, or gone.</exception>
    public unsafe View<T> Flat<T>()
        where T : unmanaged
    {
        if (!IsContiguous || sizeof(T) != DType.Size())
        {
            throw new EngineException(
                $"{Data.Op} {Shape} {DType.Name()}: its elements are not {Count} {typeof(T).Name}s in a row; use Contiguous() and the dtype's own element type.");
        }

        return new View<T>(Raw<T>().Pointer, Count);
    }

    /// <summary>The memory from element 0 on, for kernels that take strides.</summary>
    internal unsafe View<T> Raw<T>()
        where T : unmanaged
    {
        TensorData d = Data;
        Storage storage = d.Storage ?? throw Stale();
        if (sizeof(T) != d.DType.Size())
        {
            throw new InvalidOperationException($"{d.Op} {d.Shape} {d.DType.Name()}: its elements are not of the size of {typeof(T).Name}.");
        }

        return new View<T>((T*)storage.Address + d.Offset, (storage.Capacity / sizeof(T)) - d.Offset);
    }

    /// <summary>The error for using this handle after its tensor's end.</summary>
    internal EngineException Stale()
    {
        if (_data is not { } d)
        {
            return new EngineException("Tensor: an undefined tensor (default) was used where one is needed.");
        }

        string which = d.Op.Length == 0 ? "a tensor" : $"the result of {d.Op} {d.Shape}";
        string when = d.Scope is { } scope ? $" of step {scope.Number}" : string.Empty;
        string why = d.Generation == _generation && d.FreedBecause is { } because
            ? $"was freed ({because}{(d.FreedBy.Length > 0 ? " " + d.FreedBy : string.Empty)})"
            : "was freed when its step ended or by Dispose";
        return new EngineException(
            $"Tensor: {which}{when} {why}, and is used again. Call Keep() before Backward, or copy it with ToPersistent(), to have it longer.");
    }
}
