using System.Runtime.InteropServices;

namespace Engine;

/// <summary>
/// Persistent worker threads. The calling thread is worker 0 and takes part; tasks are handed out one by one, so which
/// thread runs which task varies while the tasks themselves, and with them all results, do not. A run waits for its tasks,
/// not for its workers: one that the scheduler holds back delays nobody. Nothing is allocated per call.
/// </summary>
internal sealed unsafe class CpuWorkers : IDisposable
{
    // Long enough to bridge the gap between two kernels of a step, short enough not to heat an idle machine.
    private const int SpinsBeforeSleep = 4000;

    private readonly Thread[] _threads;
    private readonly object _wake = new();
    private readonly Lock _callers = new();
    private readonly nint[] _scratch;
    private readonly long[] _scratchBytes;
    private delegate*<void*, long, int, void> _task;
    private void* _state;

    // The number of the run above 32 bits and, below, the next task to hand out; how many there are, numbered alike.
    private long _ticket;
    private long _limit;
    private long _done;
    private int _sleepers;
    private volatile int _epoch;
    private volatile bool _stop;
    private GCHandle _self;

    /// <summary>Starts <paramref name="threads"/> − 1 threads; the caller is the last worker.</summary>
    public CpuWorkers(int threads)
    {
        Count = threads;
        _self = GCHandle.Alloc(this, GCHandleType.Weak);
        _scratch = new nint[threads];
        _scratchBytes = new long[threads];
        _threads = new Thread[threads - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Loop(worker)) { IsBackground = true, Name = $"engine cpu worker {worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Workers, the calling thread included.</summary>
    public int Count { get; }

    /// <summary>Lets a task, whose state holds no references, find its workers; see <see cref="From"/>.</summary>
    public nint Handle => GCHandle.ToIntPtr(_self);

    /// <summary>The workers of a <see cref="Handle"/>.</summary>
    public static CpuWorkers From(nint handle) => (CpuWorkers)GCHandle.FromIntPtr(handle).Target!;

    /// <summary>
    /// Keeps other callers out until the scope is disposed, for work of several runs that share scratch memory.
    /// </summary>
    public Lock.Scope Exclusive() => _callers.EnterScope();

    /// <summary>Runs <paramref name="task"/>(state, index, worker) for every index below <paramref name="tasks"/>.</summary>
    public void Run(long tasks, delegate*<void*, long, int, void> task, void* state)
    {
        lock (_callers)
        {
            if (tasks <= 1 || _threads.Length == 0)
            {
                for (long i = 0; i < tasks; i++)
                {
                    task(state, i, 0);
                }

                return;
            }

            _task = task;
            _state = state;
            _done = 0;
            long run = (long)(_epoch + 1) << 32;
            Volatile.Write(ref _limit, run | tasks);
            Volatile.Write(ref _ticket, run);
            Interlocked.Increment(ref _epoch);
            if (Volatile.Read(ref _sleepers) > 0)
            {
                WakeAll();
            }

            Work(0);
            SpinWait spin = default;
            while (Volatile.Read(ref _done) < tasks)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }
        }
    }

    /// <summary>
    /// A worker's own aligned scratch memory, at least <paramref name="bytes"/>, kept between calls; contents are arbitrary.
    /// </summary>
    public void* Scratch(int worker, long bytes)
    {
        if (_scratchBytes[worker] < bytes)
        {
            NativeMemory.AlignedFree((void*)_scratch[worker]);
            _scratch[worker] = (nint)NativeMemory.AlignedAlloc((nuint)bytes, 64);
            _scratchBytes[worker] = bytes;
        }

        return (void*)_scratch[worker];
    }

    /// <summary>Ends the threads and frees the scratch memory.</summary>
    public void Dispose()
    {
        _stop = true;
        Interlocked.Increment(ref _epoch);
        WakeAll();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _self.Free();
        for (int i = 0; i < _scratch.Length; i++)
        {
            NativeMemory.AlignedFree((void*)_scratch[i]);
            _scratch[i] = 0;
            _scratchBytes[i] = 0;
        }
    }

    private void WakeAll()
    {
        lock (_wake)
        {
            Monitor.PulseAll(_wake);
        }
    }

    private void Loop(int worker)
    {
        int seen = 0;
        while (true)
        {
            AwaitEpoch(seen);
            if (_stop)
            {
                return;
            }

            seen = _epoch;
            Work(worker);
        }
    }

    private void AwaitEpoch(int seen)
    {
        for (int i = 0; i < SpinsBeforeSleep; i++)
        {
            if (_epoch != seen)
            {
                return;
            }

            Thread.SpinWait(8);
        }

        // The order matters: announce the sleep, then look once more, so that a wake-up is never missed.
        Interlocked.Increment(ref _sleepers);
        lock (_wake)
        {
            while (_epoch == seen)
            {
                Monitor.Wait(_wake);
            }
        }

        Interlocked.Decrement(ref _sleepers);
    }

    private void Work(int worker)
    {
        while (true)
        {
            long ticket = Interlocked.Increment(ref _ticket) - 1;
            long limit = Volatile.Read(ref _limit);
            if (ticket >> 32 != limit >> 32)
            {
                // The ticket is of a run that is over, and the next one has just begun.
                continue;
            }

            if (ticket >= limit)
            {
                return;
            }

            // The run cannot end before this task is done, so its state is still there.
            _task(_state, ticket & uint.MaxValue, worker);
            Interlocked.Increment(ref _done);
        }
    }
}
