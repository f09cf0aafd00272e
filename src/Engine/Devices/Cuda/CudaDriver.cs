namespace Engine;

/// <summary>
/// The functions of NVIDIA's driver that the engine calls, under their documented names without the prefix and version.
/// They are found once, by name: a test can supply its own. Each returns a status (<see cref="CudaStatus"/>).
/// </summary>
internal sealed unsafe class CudaDriver
{
    public readonly delegate* unmanaged<uint, int> Init;
    public readonly delegate* unmanaged<int*, int> DriverGetVersion;
    public readonly delegate* unmanaged<int*, int> DeviceGetCount;
    public readonly delegate* unmanaged<int*, int, int> DeviceGet;
    public readonly delegate* unmanaged<byte*, int, int, int> DeviceGetName;
    public readonly delegate* unmanaged<nuint*, int, int> DeviceTotalMem;
    public readonly delegate* unmanaged<int*, int, int, int> DeviceGetAttribute;
    public readonly delegate* unmanaged<nint*, int, int> PrimaryCtxRetain;
    public readonly delegate* unmanaged<int, int> PrimaryCtxRelease;
    public readonly delegate* unmanaged<nint, int> CtxSetCurrent;
    public readonly delegate* unmanaged<int, byte**, int> GetErrorName;
    public readonly delegate* unmanaged<int, byte**, int> GetErrorString;

    public readonly delegate* unmanaged<nint*, uint, int> StreamCreate;
    public readonly delegate* unmanaged<nint, int> StreamSynchronize;
    public readonly delegate* unmanaged<nint, int> StreamDestroy;
    public readonly delegate* unmanaged<nint*, uint, int> EventCreate;
    public readonly delegate* unmanaged<nint, nint, int> EventRecord;
    public readonly delegate* unmanaged<nint, int> EventQuery;
    public readonly delegate* unmanaged<nint, int> EventSynchronize;
    public readonly delegate* unmanaged<float*, nint, nint, int> EventElapsedTime;
    public readonly delegate* unmanaged<nint, int> EventDestroy;

    public readonly delegate* unmanaged<nint*, nuint, int> MemAlloc;
    public readonly delegate* unmanaged<nint, int> MemFree;
    public readonly delegate* unmanaged<void**, nuint, uint, int> MemHostAlloc;
    public readonly delegate* unmanaged<void*, int> MemFreeHost;
    public readonly delegate* unmanaged<nint, void*, nuint, nint, int> MemcpyHtoDAsync;
    public readonly delegate* unmanaged<void*, nint, nuint, nint, int> MemcpyDtoHAsync;

    public readonly delegate* unmanaged<nint*, void*, uint, int*, void**, int> ModuleLoadDataEx;
    public readonly delegate* unmanaged<nint*, nint, byte*, int> ModuleGetFunction;
    public readonly delegate* unmanaged<nint, int> ModuleUnload;
    public readonly delegate* unmanaged<int*, int, nint, int> FuncGetAttribute;
    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> LaunchKernel;

    public readonly delegate* unmanaged<nint*, nuint, nint, int> MemAllocAsync;
    public readonly delegate* unmanaged<nint, nint, int> MemFreeAsync;
    public readonly delegate* unmanaged<nint*, int, int> DeviceGetDefaultMemPool;
    public readonly delegate* unmanaged<nint, int, void*, int> MemPoolSetAttribute;

    public readonly delegate* unmanaged<nint, int, int> StreamBeginCapture;
    public readonly delegate* unmanaged<nint, nint*, int> StreamEndCapture;
    public readonly delegate* unmanaged<nint*, nint, ulong, int> GraphInstantiate;
    public readonly delegate* unmanaged<nint, nint, nint*, int*, int> GraphExecUpdate;
    public readonly delegate* unmanaged<nint, nint, int> GraphLaunch;
    public readonly delegate* unmanaged<nint, int> GraphDestroy;
    public readonly delegate* unmanaged<nint, int> GraphExecDestroy;

    private static readonly Lazy<Found> Installed = new(Load);

    /// <summary>Takes the functions from a table.</summary>
    /// <param name="required">The address of a function by its exported name; throws if there is none.</param>
    /// <param name="optional">The same for functions that old drivers lack: 0 if there is none.</param>
    public CudaDriver(Func<string, nint> required, Func<string, nint> optional)
    {
        Init = (delegate* unmanaged<uint, int>)required("cuInit");
        DriverGetVersion = (delegate* unmanaged<int*, int>)required("cuDriverGetVersion");
        DeviceGetCount = (delegate* unmanaged<int*, int>)required("cuDeviceGetCount");
        DeviceGet = (delegate* unmanaged<int*, int, int>)required("cuDeviceGet");
        DeviceGetName = (delegate* unmanaged<byte*, int, int, int>)required("cuDeviceGetName");
        DeviceTotalMem = (delegate* unmanaged<nuint*, int, int>)required("cuDeviceTotalMem_v2");
        DeviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)required("cuDeviceGetAttribute");
        PrimaryCtxRetain = (delegate* unmanaged<nint*, int, int>)required("cuDevicePrimaryCtxRetain");
        PrimaryCtxRelease = (delegate* unmanaged<int, int>)required("cuDevicePrimaryCtxRelease_v2");
        CtxSetCurrent = (delegate* unmanaged<nint, int>)required("cuCtxSetCurrent");
        GetErrorName = (delegate* unmanaged<int, byte**, int>)required("cuGetErrorName");
        GetErrorString = (delegate* unmanaged<int, byte**, int>)required("cuGetErrorString");

        StreamCreate = (delegate* unmanaged<nint*, uint, int>)required("cuStreamCreate");
        StreamSynchronize = (delegate* unmanaged<nint, int>)required("cuStreamSynchronize");
        StreamDestroy = (delegate* unmanaged<nint, int>)required("cuStreamDestroy_v2");
        EventCreate = (delegate* unmanaged<nint*, uint, int>)required("cuEventCreate");
        EventRecord = (delegate* unmanaged<nint, nint, int>)required("cuEventRecord");
        EventQuery = (delegate* unmanaged<nint, int>)required("cuEventQuery");
        EventSynchronize = (delegate* unmanaged<nint, int>)required("cuEventSynchronize");
        EventElapsedTime = (delegate* unmanaged<float*, nint, nint, int>)required("cuEventElapsedTime");
        EventDestroy = (delegate* unmanaged<nint, int>)required("cuEventDestroy_v2");

        MemAlloc = (delegate* unmanaged<nint*, nuint, int>)required("cuMemAlloc_v2");
        MemFree = (delegate* unmanaged<nint, int>)required("cuMemFree_v2");
        MemHostAlloc = (delegate* unmanaged<void**, nuint, uint, int>)required("cuMemHostAlloc");
        MemFreeHost = (delegate* unmanaged<void*, int>)required("cuMemFreeHost");
        MemcpyHtoDAsync = (delegate* unmanaged<nint, void*, nuint, nint, int>)required("cuMemcpyHtoDAsync_v2");
        MemcpyDtoHAsync = (delegate* unmanaged<void*, nint, nuint, nint, int>)required("cuMemcpyDtoHAsync_v2");

        ModuleLoadDataEx = (delegate* unmanaged<nint*, void*, uint, int*, void**, int>)required("cuModuleLoadDataEx");
        ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)required("cuModuleGetFunction");
        ModuleUnload = (delegate* unmanaged<nint, int>)required("cuModuleUnload");
        FuncGetAttribute = (delegate* unmanaged<int*, int, nint, int>)required("cuFuncGetAttribute");
        LaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)required("cuLaunchKernel");

        MemAllocAsync = (delegate* unmanaged<nint*, nuint, nint, int>)optional("cuMemAllocAsync");
        MemFreeAsync = (delegate* unmanaged<nint, nint, int>)optional("cuMemFreeAsync");
        DeviceGetDefaultMemPool = (delegate* unmanaged<nint*, int, int>)optional("cuDeviceGetDefaultMemPool");
        MemPoolSetAttribute = (delegate* unmanaged<nint, int, void*, int>)optional("cuMemPoolSetAttribute");

        StreamBeginCapture = (delegate* unmanaged<nint, int, int>)optional("cuStreamBeginCapture_v2");
        StreamEndCapture = (delegate* unmanaged<nint, nint*, int>)optional("cuStreamEndCapture");
        GraphInstantiate = (delegate* unmanaged<nint*, nint, ulong, int>)optional("cuGraphInstantiateWithFlags");
        GraphExecUpdate = (delegate* unmanaged<nint, nint, nint*, int*, int>)optional("cuGraphExecUpdate");
        GraphLaunch = (delegate* unmanaged<nint, nint, int>)optional("cuGraphLaunch");
        GraphDestroy = (delegate* unmanaged<nint, int>)optional("cuGraphDestroy");
        GraphExecDestroy = (delegate* unmanaged<nint, int>)optional("cuGraphExecDestroy");
    }

    /// <summary>Whether memory can be allocated and freed in the order of a stream (driver 11.2).</summary>
    public bool HasStreamOrderedMemory =>
        MemAllocAsync != null && MemFreeAsync != null && DeviceGetDefaultMemPool != null && MemPoolSetAttribute != null;

    /// <summary>Whether launches can be captured as a graph (driver 11.4).</summary>
    public bool HasGraphs => StreamBeginCapture != null && GraphInstantiate != null && GraphExecUpdate != null;

    /// <summary>The driver of this machine, initialised; null, with a reason, if there is none or it has no device.</summary>
    public static CudaDriver? Find(out string reason)
    {
        reason = Installed.Value.Reason;
        return Installed.Value.Driver;
    }

    private static Found Load()
    {
        SharedLibrary? library = SharedLibrary.TryOpen(CudaLibraries.Driver);
        if (library is null)
        {
            return new Found(null, $"the NVIDIA driver is not installed (no {CudaLibraries.Driver[0]})");
        }

        try
        {
            CudaDriver driver = new(library.Function, library.Optional);
            int status = driver.Init(0);
            return status == 0 ? new Found(driver, string.Empty) : new Found(null, CudaStatus.Describe(driver, status));
        }
        catch (EngineException e)
        {
            return new Found(null, e.Message);
        }
    }

    private sealed record Found(CudaDriver? Driver, string Reason);
}
