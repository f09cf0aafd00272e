using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Engine.Testing;

/// <summary>The driver's functions over <see cref="FakeGpu"/>, as addresses that native code could call.</summary>
internal static unsafe class FakeFunctions
{
    /// <summary>By exported name.</summary>
    public static IReadOnlyDictionary<string, nint> Table { get; } = new Dictionary<string, nint>
    {
        ["cuInit"] = (nint)(delegate* unmanaged<uint, int>)&Init,
        ["cuDriverGetVersion"] = (nint)(delegate* unmanaged<int*, int>)&DriverGetVersion,
        ["cuDeviceGetCount"] = (nint)(delegate* unmanaged<int*, int>)&DeviceGetCount,
        ["cuDeviceGet"] = (nint)(delegate* unmanaged<int*, int, int>)&DeviceGet,
        ["cuDeviceGetName"] = (nint)(delegate* unmanaged<byte*, int, int, int>)&DeviceGetName,
        ["cuDeviceTotalMem_v2"] = (nint)(delegate* unmanaged<nuint*, int, int>)&DeviceTotalMem,
        ["cuDeviceGetAttribute"] = (nint)(delegate* unmanaged<int*, int, int, int>)&DeviceGetAttribute,
        ["cuDevicePrimaryCtxRetain"] = (nint)(delegate* unmanaged<nint*, int, int>)&PrimaryCtxRetain,
        ["cuDevicePrimaryCtxRelease_v2"] = (nint)(delegate* unmanaged<int, int>)&PrimaryCtxRelease,
        ["cuCtxSetCurrent"] = (nint)(delegate* unmanaged<nint, int>)&CtxSetCurrent,
        ["cuGetErrorName"] = (nint)(delegate* unmanaged<int, byte**, int>)&GetErrorName,
        ["cuGetErrorString"] = (nint)(delegate* unmanaged<int, byte**, int>)&GetErrorString,
        ["cuStreamCreate"] = (nint)(delegate* unmanaged<nint*, uint, int>)&StreamCreate,
        ["cuStreamSynchronize"] = (nint)(delegate* unmanaged<nint, int>)&StreamSynchronize,
        ["cuStreamDestroy_v2"] = (nint)(delegate* unmanaged<nint, int>)&StreamDestroy,
        ["cuEventCreate"] = (nint)(delegate* unmanaged<nint*, uint, int>)&EventCreate,
        ["cuEventRecord"] = (nint)(delegate* unmanaged<nint, nint, int>)&EventRecord,
        ["cuEventQuery"] = (nint)(delegate* unmanaged<nint, int>)&EventQuery,
        ["cuEventSynchronize"] = (nint)(delegate* unmanaged<nint, int>)&EventSynchronize,
        ["cuEventElapsedTime"] = (nint)(delegate* unmanaged<float*, nint, nint, int>)&EventElapsedTime,
        ["cuEventDestroy_v2"] = (nint)(delegate* unmanaged<nint, int>)&EventDestroy,
        ["cuMemAlloc_v2"] = (nint)(delegate* unmanaged<nint*, nuint, int>)&MemAlloc,
        ["cuMemFree_v2"] = (nint)(delegate* unmanaged<nint, int>)&MemFree,
        ["cuMemHostAlloc"] = (nint)(delegate* unmanaged<void**, nuint, uint, int>)&MemHostAlloc,
        ["cuMemFreeHost"] = (nint)(delegate* unmanaged<void*, int>)&MemFreeHost,
        ["cuMemcpyHtoDAsync_v2"] = (nint)(delegate* unmanaged<nint, void*, nuint, nint, int>)&MemcpyHtoDAsync,
        ["cuMemcpyDtoHAsync_v2"] = (nint)(delegate* unmanaged<void*, nint, nuint, nint, int>)&MemcpyDtoHAsync,
        ["cuModuleLoadDataEx"] = (nint)(delegate* unmanaged<nint*, void*, uint, int*, void**, int>)&ModuleLoadDataEx,
        ["cuModuleGetFunction"] = (nint)(delegate* unmanaged<nint*, nint, byte*, int>)&ModuleGetFunction,
        ["cuModuleUnload"] = (nint)(delegate* unmanaged<nint, int>)&ModuleUnload,
        ["cuFuncGetAttribute"] = (nint)(delegate* unmanaged<int*, int, nint, int>)&FuncGetAttribute,
        ["cuLaunchKernel"] = (nint)(delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)&LaunchKernel,
        ["cuMemAllocAsync"] = (nint)(delegate* unmanaged<nint*, nuint, nint, int>)&MemAllocAsync,
        ["cuMemFreeAsync"] = (nint)(delegate* unmanaged<nint, nint, int>)&MemFreeAsync,
        ["cuDeviceGetDefaultMemPool"] = (nint)(delegate* unmanaged<nint*, int, int>)&DeviceGetDefaultMemPool,
        ["cuMemPoolSetAttribute"] = (nint)(delegate* unmanaged<nint, int, void*, int>)&MemPoolSetAttribute,
        ["cuStreamBeginCapture_v2"] = (nint)(delegate* unmanaged<nint, int, int>)&StreamBeginCapture,
        ["cuStreamEndCapture"] = (nint)(delegate* unmanaged<nint, nint*, int>)&StreamEndCapture,
        ["cuGraphInstantiateWithFlags"] = (nint)(delegate* unmanaged<nint*, nint, ulong, int>)&GraphInstantiate,
        ["cuGraphExecUpdate"] = (nint)(delegate* unmanaged<nint, nint, nint*, int*, int>)&GraphExecUpdate,
        ["cuGraphLaunch"] = (nint)(delegate* unmanaged<nint, nint, int>)&GraphLaunch,
        ["cuGraphDestroy"] = (nint)(delegate* unmanaged<nint, int>)&GraphDestroy,
        ["cuGraphExecDestroy"] = (nint)(delegate* unmanaged<nint, int>)&GraphExecDestroy,
    };

    /// <summary>A launch that does nothing and notes nothing.</summary>
    public static nint SilentLaunch =>
        (nint)(delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)&LaunchNothing;

    private static FakeGpu Gpu => FakeGpu.Current;

    // A call that only counts, or fails as the test wants.
    private static int Note([CallerMemberName] string name = "") => Gpu.Note(name);

    private static int Do(Action<FakeGpu> work, [CallerMemberName] string name = "")
    {
        int status = Gpu.Note(name);
        if (status != CudaStatus.Success)
        {
            return status;
        }

        try
        {
            work(Gpu);
            return CudaStatus.Success;
        }
        catch (InvalidOperationException e)
        {
            // No exception may pass through native code: the device has a fault, and the test can ask which.
            Gpu.Faults.Add(e.Message);
            return 719;
        }
    }

    [UnmanagedCallersOnly]
    private static int Init(uint flags) => 0;

    [UnmanagedCallersOnly]
    private static int DriverGetVersion(int* version)
    {
        *version = 12040;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int DeviceGetCount(int* count)
    {
        *count = Gpu.Devices;
        return Note("DeviceGetCount");
    }

    [UnmanagedCallersOnly]
    private static int DeviceGet(int* device, int ordinal)
    {
        *device = Gpu.Handle;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int DeviceGetName(byte* name, int length, int device)
    {
        "Fake GPU\0"u8.CopyTo(new Span<byte>(name, length));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int DeviceTotalMem(nuint* bytes, int device)
    {
        *bytes = 1 << 30;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int DeviceGetAttribute(int* value, int attribute, int device)
    {
        *value = attribute switch { 1 => FakeGpu.Get<FakeGpu>(device).MaxLanes, 16 => 4, 75 => 8, 76 => 0, 115 => 1, _ => 0 };
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int PrimaryCtxRetain(nint* context, int device)
    {
        *context = device;
        return Note("PrimaryCtxRetain");
    }

    [UnmanagedCallersOnly]
    private static int PrimaryCtxRelease(int device) => Note("PrimaryCtxRelease");

    [UnmanagedCallersOnly]
    private static int CtxSetCurrent(nint context)
    {
        FakeGpu.Get<FakeGpu>(context).Enter();
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int GetErrorName(int status, byte** name)
    {
        *name = status == 700 ? Pointer("CUDA_ERROR_ILLEGAL_ADDRESS\0"u8) : Pointer("CUDA_ERROR\0"u8);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int GetErrorString(int status, byte** text)
    {
        *text = Pointer("what the driver says\0"u8);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int StreamCreate(nint* stream, uint flags)
    {
        *stream = FakeGpu.Register(Gpu);
        return Note("StreamCreate");
    }

    [UnmanagedCallersOnly]
    private static int StreamSynchronize(nint stream) => Do(g => g.Drain(), "StreamSynchronize");

    [UnmanagedCallersOnly]
    private static int StreamDestroy(nint stream) => Note("StreamDestroy");

    [UnmanagedCallersOnly]
    private static int EventCreate(nint* result, uint flags)
    {
        *result = FakeGpu.Register(new StrongBox<long>());
        return Note("EventCreate");
    }

    [UnmanagedCallersOnly]
    private static int EventRecord(nint e, nint stream)
    {
        StrongBox<long> time = FakeGpu.Get<StrongBox<long>>(e);
        time.Value = 0;
        return Do(g => g.Submit("event", () => time.Value = System.Diagnostics.Stopwatch.GetTimestamp()), "EventRecord");
    }

    [UnmanagedCallersOnly]
    private static int EventQuery(nint e) => FakeGpu.Get<StrongBox<long>>(e).Value != 0 ? 0 : CudaStatus.NotReady;

    [UnmanagedCallersOnly]
    private static int EventSynchronize(nint e) => Do(g => g.Drain(), "EventSynchronize");

    [UnmanagedCallersOnly]
    private static int EventElapsedTime(float* milliseconds, nint start, nint end)
    {
        long ticks = FakeGpu.Get<StrongBox<long>>(end).Value - FakeGpu.Get<StrongBox<long>>(start).Value;
        *milliseconds = ticks * 1000f / System.Diagnostics.Stopwatch.Frequency;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int EventDestroy(nint e)
    {
        FakeGpu.Forget(e);
        return Note("EventDestroy");
    }

    [UnmanagedCallersOnly]
    private static int MemAlloc(nint* address, nuint bytes) => Allocate(address, bytes, "MemAlloc");

    [UnmanagedCallersOnly]
    private static int MemAllocAsync(nint* address, nuint bytes, nint stream) => Allocate(address, bytes, "MemAllocAsync");

    private static int Allocate(nint* address, nuint bytes, string name)
    {
        int status = Gpu.Note(name);
        *address = status == 0 ? Gpu.Allocate((long)bytes) : 0;
        return status != 0 ? status : *address == 0 ? CudaStatus.OutOfMemory : 0;
    }

    [UnmanagedCallersOnly]
    private static int MemFree(nint address) => Do(g => g.Pending.Enqueue(() => g.Free(address)), "MemFree");

    [UnmanagedCallersOnly]
    private static int MemFreeAsync(nint address, nint stream) => Do(g => g.Pending.Enqueue(() => g.Free(address)), "MemFreeAsync");

    [UnmanagedCallersOnly]
    private static int MemHostAlloc(void** memory, nuint bytes, uint flags)
    {
        *memory = NativeMemory.Alloc(bytes);
        return Note("MemHostAlloc");
    }

    [UnmanagedCallersOnly]
    private static int MemFreeHost(void* memory)
    {
        NativeMemory.Free(memory);
        return Note("MemFreeHost");
    }

    // The copies read their source when they run, as the real ones do.
    [UnmanagedCallersOnly]
    private static int MemcpyHtoDAsync(nint target, void* source, nuint bytes, nint stream) => Copy((nint)source, target, target, bytes, "MemcpyHtoDAsync");

    [UnmanagedCallersOnly]
    private static int MemcpyDtoHAsync(void* target, nint source, nuint bytes, nint stream) => Copy(source, (nint)target, source, bytes, "MemcpyDtoHAsync");

    private static int Copy(nint source, nint target, nint device, nuint bytes, string name) => Do(
        g =>
        {
            if (!g.Owns(device, (long)bytes))
            {
                throw new InvalidOperationException($"{name}: not memory of the device");
            }

            g.Submit(name, () => NativeMemory.Copy((void*)source, (void*)target, bytes));
        },
        name);

    [UnmanagedCallersOnly]
    private static int ModuleLoadDataEx(nint* module, void* image, uint count, int* options, void** values)
    {
        int status = Gpu.Note("ModuleLoadDataEx");
        if (status != 0)
        {
            "the log of the driver\0"u8.CopyTo(new Span<byte>(values[0], 64));
            return status;
        }

        if (FakeModule.TryRead(Marshal.PtrToStringUTF8((nint)image)!) is not { } loaded)
        {
            return 200;
        }

        *module = FakeGpu.Register(loaded);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int ModuleGetFunction(nint* function, nint module, byte* name)
    {
        *function = module;
        return FakeGpu.Get<FakeModule>(module).Kernel == Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)) ? Note("ModuleGetFunction") : 500;
    }

    [UnmanagedCallersOnly]
    private static int ModuleUnload(nint module)
    {
        FakeGpu.Forget(module);
        return Note("ModuleUnload");
    }

    [UnmanagedCallersOnly]
    private static int FuncGetAttribute(int* value, int attribute, nint function)
    {
        *value = 0;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int LaunchKernel(
        nint function, uint gx, uint gy, uint gz, uint bx, uint by, uint bz, uint shared, nint stream, void** parameters, void** extra)
    {
        // The driver copies the arguments before it returns.
        FakeModule module = FakeGpu.Get<FakeModule>(function);
        byte[][] arguments = new byte[module.Sizes.Length][];
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = new ReadOnlySpan<byte>(parameters[i], module.Sizes[i]).ToArray();
        }

        FakeLaunch launch = new(module.Kernel, gx, (int)bx, arguments);
        return Do(
            g => g.Submit($"launch {launch.Kernel}", () =>
            {
                g.Launches.Add(launch);
                module.Run?.Invoke(launch);
            }),
            "LaunchKernel");
    }

    [UnmanagedCallersOnly]
    private static int LaunchNothing(
        nint function, uint gx, uint gy, uint gz, uint bx, uint by, uint bz, uint shared, nint stream, void** parameters, void** extra) => 0;

    [UnmanagedCallersOnly]
    private static int DeviceGetDefaultMemPool(nint* pool, int device)
    {
        *pool = 1;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int MemPoolSetAttribute(nint pool, int attribute, void* value) => Note("MemPoolSetAttribute");

    [UnmanagedCallersOnly]
    private static int StreamBeginCapture(nint stream, int mode) => Do(g => g.Captured = [], "StreamBeginCapture");

    [UnmanagedCallersOnly]
    private static int StreamEndCapture(nint stream, nint* graph)
    {
        List<FakeNode> nodes = Gpu.Captured!;
        Gpu.Captured = null;
        *graph = FakeGpu.Register(nodes);
        return Note("StreamEndCapture");
    }

    [UnmanagedCallersOnly]
    private static int GraphInstantiate(nint* executable, nint graph, ulong flags)
    {
        *executable = FakeGpu.Register(new StrongBox<FakeNode[]>([.. FakeGpu.Get<List<FakeNode>>(graph)]));
        return Note("GraphInstantiate");
    }

    [UnmanagedCallersOnly]
    private static int GraphExecUpdate(nint executable, nint graph, nint* node, int* reason)
    {
        StrongBox<FakeNode[]> held = FakeGpu.Get<StrongBox<FakeNode[]>>(executable);
        List<FakeNode> wanted = FakeGpu.Get<List<FakeNode>>(graph);
        _ = Note("GraphExecUpdate");
        if (!held.Value!.Select(n => n.Kind).SequenceEqual(wanted.Select(n => n.Kind)))
        {
            return CudaStatus.GraphExecUpdateFailure;
        }

        held.Value = [.. wanted];
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int GraphLaunch(nint executable, nint stream)
    {
        FakeNode[] nodes = FakeGpu.Get<StrongBox<FakeNode[]>>(executable).Value!;
        return Do(
            g =>
            {
                foreach (FakeNode node in nodes)
                {
                    g.Pending.Enqueue(node.Work);
                }
            },
            "GraphLaunch");
    }

    [UnmanagedCallersOnly]
    private static int GraphDestroy(nint graph)
    {
        FakeGpu.Forget(graph);
        return Note("GraphDestroy");
    }

    [UnmanagedCallersOnly]
    private static int GraphExecDestroy(nint executable)
    {
        FakeGpu.Forget(executable);
        return Note("GraphExecDestroy");
    }

    // Text of the assembly's own data: its address does not move.
    private static byte* Pointer(ReadOnlySpan<byte> text) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(text));
}
