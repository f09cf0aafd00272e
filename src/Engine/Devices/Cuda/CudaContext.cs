using System.Diagnostics.CodeAnalysis;

namespace Engine;

/// <summary>
/// One NVIDIA device's primary context and the one stream on which everything runs in order. It belongs to no thread:
/// whoever calls the driver calls <see cref="Enter"/> before.
/// </summary>
internal sealed unsafe class CudaContext : IDisposable
{
    private const uint NonBlocking = 1;
    private readonly int _device;
    private nint _context;
    private string? _lost;

    /// <summary>Retains the context of device <paramref name="ordinal"/> and makes a stream.</summary>
    /// <exception cref="EngineException">There is no such device, or it cannot be used.</exception>
    public CudaContext(CudaDriver driver, int ordinal)
    {
        Driver = driver;
        Name = $"cuda:{ordinal}";
        int count = 0;
        Check(driver.DeviceGetCount(&count), "counting devices");
        if (ordinal < 0 || ordinal >= count)
        {
            throw new EngineException($"{Name} is not there: this machine has {count} CUDA {(count == 1 ? "device, cuda:0" : "devices")}.");
        }

        int device;
        Check(driver.DeviceGet(&device, ordinal), "opening");
        _device = device;
        nint context;
        Check(driver.PrimaryCtxRetain(&context, device), "making a context");
        _context = context;
        try
        {
            Enter();
            nint stream;
            Check(driver.StreamCreate(&stream, NonBlocking), "making a stream");
            Stream = stream;
        }
        catch (EngineException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The driver.</summary>
    public CudaDriver Driver { get; }

    /// <summary>How the command line spells the device.</summary>
    public string Name { get; }

    /// <summary>The driver's handle of the device.</summary>
    public int Device => _device;

    /// <summary>The stream of all launches and copies.</summary>
    public nint Stream { get; private set; }

    /// <summary>Held while <see cref="IsCapturing"/> changes, and by what another thread does to the stream.</summary>
    public Lock CaptureGate { get; } = new();

    /// <summary>True while launches are being gathered to a graph and nothing runs.</summary>
    public bool IsCapturing { get; set; }

    /// <summary>The kernel launched last, for the message when an earlier launch turns out to have failed.</summary>
    public KernelDescriptor? LastLaunched { get; set; }

    /// <summary>True once an error has made the context unusable.</summary>
    public bool IsLost => _lost is not null;

    /// <summary>Makes the context the calling thread's.</summary>
    /// <exception cref="EngineException">The device is lost.</exception>
    public void Enter()
    {
        if (_lost is not null)
        {
            throw new EngineException(_lost);
        }

        ObjectDisposedException.ThrowIf(_context == 0, this);
        Check(Driver.CtxSetCurrent(_context), "entering its context");
    }

    /// <summary>The same where an error has nobody to report to: false if the context is lost or disposed.</summary>
    public bool TryEnter() => !IsLost && _context != 0 && Driver.CtxSetCurrent(_context) == CudaStatus.Success;

    /// <summary>Throws unless a call succeeded.</summary>
    /// <param name="status">What the driver returned.</param>
    /// <param name="doing">What was being done, as in <c>copying to the host</c>.</param>
    public void Check(int status, string doing)
    {
        if (status != CudaStatus.Success)
        {
            Fail(status, doing);
        }
    }

    /// <summary>Throws what a failed call means.</summary>
    [DoesNotReturn]
    public void Fail(int status, string doing)
    {
        string meaning = CudaStatus.Describe(Driver, status);
        if (!CudaStatus.IsLost(status))
        {
            throw new EngineException($"{Name}: {doing}: {meaning}.");
        }

        string last = LastLaunched is null ? "No kernel had been launched" : $"The last kernel launched was {Cite(LastLaunched)}";
        _lost = $"{Name} is lost: {meaning}, noticed while {doing}. {last}; CUDA_LAUNCH_BLOCKING=1 shows which one failed. " +
            "Its memory is gone: start again, or resume from the last checkpoint.";
        throw new EngineException(_lost);
    }

    /// <summary>A kernel with its C# file.</summary>
    public static string Cite(KernelDescriptor kernel) => kernel.Source is { } source ? $"{kernel.Name} ({source.File})" : kernel.Name;

    /// <summary>An attribute of the device by its number in the driver's documentation.</summary>
    public int Attribute(int attribute)
    {
        int value;
        Check(Driver.DeviceGetAttribute(&value, attribute, _device), "asking for an attribute");
        return value;
    }

    /// <summary>Throws while launches are captured: nothing has run, so there is nothing to read.</summary>
    public void RequireRunning()
    {
        if (IsCapturing)
        {
            throw new EngineException($"{Name}: no tensor can be read or waited for while a step is captured as a graph. Read it after the step.");
        }
    }

    /// <summary>Waits for the stream.</summary>
    public void Synchronize()
    {
        RequireRunning();
        Enter();
        Check(Driver.StreamSynchronize(Stream), "waiting for the device");
    }

    /// <summary>Gives the stream and the context back.</summary>
    public void Dispose()
    {
        if (_context == 0)
        {
            return;
        }

        // A lost device answers with errors, which say nothing new.
        _ = Driver.CtxSetCurrent(_context);
        if (Stream != 0)
        {
            _ = Driver.StreamDestroy(Stream);
            Stream = 0;
        }

        _ = Driver.PrimaryCtxRelease(_device);
        _context = 0;
    }
}
