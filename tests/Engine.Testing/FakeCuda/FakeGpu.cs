using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Engine.Testing;

/// <summary>
/// A GPU that is not there: memory on the host's heap, one queue of work that runs only when somebody waits for it, graphs
/// that are lists of work. It notes every call of the driver, and fails where a test asks for it. <see cref="Driver"/> is
/// what a device is opened with; the functions behind it are <see cref="FakeFunctions"/>.
/// </summary>
internal sealed unsafe class FakeGpu
{
    private static readonly ConcurrentDictionary<nint, object> Objects = new();
    private static readonly ThreadLocal<FakeGpu?> Machine = new();
    private static long s_handles;
    private readonly ConcurrentDictionary<string, int> _failures = new();
    private readonly ConcurrentDictionary<nint, long> _blocks = new();

    /// <summary>A machine with this one GPU, as the calling thread's driver sees it.</summary>
    public FakeGpu(int maxLanes = 1024)
    {
        MaxLanes = maxLanes;
        Machine.Value = this;
        Handle = (int)Register(this);
    }

    /// <summary>The driver's functions.</summary>
    public static CudaDriver Driver { get; } = new(
        name => FakeFunctions.Table[name],
        name => FakeFunctions.Table.GetValueOrDefault(name));

    /// <summary>The same from before stream-ordered memory and graphs.</summary>
    public static CudaDriver OldDriver { get; } = new(name => FakeFunctions.Table[name], _ => 0);

    /// <summary>The machine of the calling thread.</summary>
    public static FakeGpu Current => Machine.Value ?? throw new InvalidOperationException("no fake GPU on this thread");

    /// <summary>The most lanes of a block.</summary>
    public int MaxLanes { get; }

    /// <summary>How many devices the machine says it has.</summary>
    public int Devices { get; set; } = 1;

    /// <summary>Its device handle.</summary>
    public int Handle { get; }

    /// <summary>The names of the driver's functions in the order they were called.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Every launch that has run.</summary>
    public List<FakeLaunch> Launches { get; } = [];

    /// <summary>What went wrong while work ran: wrong addresses, lanes that never meet.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Work that is queued and has not run.</summary>
    public Queue<Action> Pending { get; } = new();

    /// <summary>Where work goes while it is captured; null while it is queued.</summary>
    public List<FakeNode>? Captured { get; set; }

    /// <summary>Blocks of device memory that have not been freed.</summary>
    public int LiveBlocks => _blocks.Count;

    /// <summary>The size at which allocating runs out of memory.</summary>
    public long LargestBlock { get; set; } = long.MaxValue;

    /// <summary>What fresh memory is filled with: garbage by default, or 0 for work whose results nobody looks at.</summary>
    public byte Fresh { get; set; } = 0xFF;

    /// <summary>A new handle for an object.</summary>
    public static nint Register(object value)
    {
        nint handle = (nint)Interlocked.Increment(ref s_handles);
        Objects[handle] = value;
        return handle;
    }

    /// <summary>What a handle stands for.</summary>
    public static T Get<T>(nint handle)
        where T : class => (T)Objects[handle];

    /// <summary>Gives a handle back.</summary>
    public static void Forget(nint handle) => Objects.TryRemove(handle, out _);

    /// <summary>Makes the calling thread's driver see this machine.</summary>
    public void Enter() => Machine.Value = this;

    /// <summary>The next calls of a function return <paramref name="status"/>, until it is 0 again.</summary>
    public void Fail(string function, int status) => _failures[function] = status;

    /// <summary>Notes a call; what it shall return.</summary>
    public int Note(string function)
    {
        Calls.Enqueue(function);
        return _failures.GetValueOrDefault(function);
    }

    /// <summary>Queues work, or adds it to the graph that is being captured.</summary>
    public void Submit(string kind, Action work)
    {
        if (Captured is { } nodes)
        {
            nodes.Add(new FakeNode(kind, work));
        }
        else
        {
            Pending.Enqueue(work);
        }
    }

    /// <summary>Runs what is queued.</summary>
    public void Drain()
    {
        while (Pending.TryDequeue(out Action? work))
        {
            work();
        }
    }

    /// <summary>Memory whose first contents are garbage; 0 if there is none left.</summary>
    public nint Allocate(long bytes)
    {
        if (bytes > LargestBlock)
        {
            return 0;
        }

        nint address = (nint)NativeMemory.AlignedAlloc((nuint)bytes, 256);
        NativeMemory.Fill((void*)address, (nuint)bytes, Fresh);
        _blocks[address] = bytes;
        return address;
    }

    /// <summary>Frees memory, its contents garbage again.</summary>
    public void Free(nint address)
    {
        if (!_blocks.TryRemove(address, out long bytes))
        {
            throw new InvalidOperationException("freed twice, or never allocated");
        }

        NativeMemory.Fill((void*)address, (nuint)bytes, 0xFF);
        NativeMemory.AlignedFree((void*)address);
    }

    /// <summary>Whether a range lies within one block.</summary>
    public bool Owns(nint address, long bytes) => _blocks.Any(b => address >= b.Key && address + bytes <= b.Key + b.Value);
}

/// <summary>One node of a captured graph.</summary>
/// <param name="Kind">What it does; graphs with other kinds in another order do not fit an executable one.</param>
/// <param name="Work">Its work.</param>
internal sealed record FakeNode(string Kind, Action Work);

/// <summary>A launch as the driver got it.</summary>
/// <param name="Kernel">The entry point's name.</param>
/// <param name="Blocks">The size of the grid.</param>
/// <param name="Lanes">Lanes of a block.</param>
/// <param name="Arguments">The bytes of each argument.</param>
internal sealed record FakeLaunch(string Kernel, long Blocks, int Lanes, byte[][] Arguments);
