namespace Engine;

/// <summary>
/// What a <see cref="Tensor"/> handle points to. Step scopes reuse these objects from step to step; the generation tells
/// a handle that its tensor is gone.
/// </summary>
internal sealed class TensorData
{
    public int Generation;
    public Device Device = null!;
    public StepScope? Scope;
    public Storage? Storage;
    public Shape Shape;
    public Strides Strides;
    public long Offset;
    public DType DType;

    /// <summary>The dtype of <see cref="Grad"/>.</summary>
    public DType GradType;

    /// <summary>The op that made the tensor, or the role it was made for.</summary>
    public string Op = string.Empty;

    /// <summary>Set when memory was given back while the handle is still known: why.</summary>
    public string? FreedBecause;

    /// <summary>The op that the reason speaks of, if it does; kept apart so that freeing builds no string.</summary>
    public string FreedBy = string.Empty;

    public bool RequiresGrad;

    /// <summary>True for tensors that are not the result of a recorded op: their gradient is kept.</summary>
    public bool IsLeaf;

    public Tensor Grad;

    /// <summary>False means the gradient is zero, whatever <see cref="Grad"/>'s memory says.</summary>
    public bool HasGrad;

    /// <summary>Tape nodes that still need this tensor's values.</summary>
    public int SavedUses;

    /// <summary>The storage version when the first of them saved it.</summary>
    public int SavedVersion;

    public bool Kept;

    public void ReleaseStorage(string because, string by = "")
    {
        if (Storage is { } storage)
        {
            Storage = null;
            FreedBecause = because;
            FreedBy = by;
            storage.Release();
        }
    }

    /// <summary>Frees the memory of a step's intermediate result that no tape node needs and nobody has asked to keep.</summary>
    public void ReleaseUnlessHeld(string because, string by)
    {
        if (SavedUses == 0 && Scope is not null && !Kept && !IsLeaf)
        {
            ReleaseStorage(because, by);
        }
    }

    /// <summary>Forgets everything but the last op and shape, which a late use can still name.</summary>
    public void Retire()
    {
        ReleaseStorage("disposed");
        Generation++;
        RequiresGrad = false;
        IsLeaf = false;
        Grad = default;
        HasGrad = false;
        SavedUses = 0;
        Kept = false;
    }
}
