namespace Engine;

/// <summary>
/// Shapes without values (PyTorch calls the idea "meta" device): tensors take no memory and launches do nothing, so a model of any
/// size can be built at once, its parameters counted, and its shapes checked by a forward pass. Reading a value is refused.
/// </summary>
public sealed class MetaDevice : Device
{
    /// <inheritdoc/>
    public override string Name => "meta";

    /// <inheritdoc/>
    public override DeviceCapabilities Capabilities => new("shapes without values", "none", 0, long.MaxValue);

    /// <inheritdoc/>
    public override bool HoldsValues => false;

    /// <inheritdoc/>
    public override void Synchronize()
    {
        // There is never work in flight.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Nothing was taken.
    }

    private protected override unsafe void Launch(KernelDescriptor kernel, void* arguments, long blocks)
    {
        // There are no values to compute.
    }

    // Any address but zero, which would say that memory has run out; nobody looks behind it.
    private protected override nint AllocateBlock(long bytes) => 64;

    private protected override void FreeBlock(nint address, long bytes)
    {
        // Nothing was taken.
    }

    internal override unsafe void CopyFromHost(void* source, nint target, long bytes)
    {
        // There is nowhere to keep it.
    }

    internal override unsafe void CopyToHost(nint source, void* target, long bytes) =>
        throw new EngineException("meta: this device holds shapes only, so no value can be read; build the model on another device.");
}
