namespace Engine;

/// <summary>What a device can do, as text for people and numbers for launch decisions.</summary>
/// <param name="Name">The hardware's own name.</param>
/// <param name="Isa">Instruction set or architecture in use, for example <c>AVX-512</c> or <c>sm_90</c>.</param>
/// <param name="ComputeUnits">CPU worker threads or GPU multiprocessors.</param>
/// <param name="MemoryBytes">Memory the device may use.</param>
public sealed record DeviceCapabilities(string Name, string Isa, int ComputeUnits, long MemoryBytes);
