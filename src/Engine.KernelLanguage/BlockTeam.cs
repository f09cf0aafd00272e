using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Engine.KernelLanguage;

/// <summary>
/// Runs a block with one thread per lane. It is far slower than one lane and exists so that tests can expose a missing
/// barrier or a body that only works for one block size.
/// </summary>
public sealed class BlockTeam : IDisposable
{
    private readonly Barrier _barrier;
    private readonly float[] _lane;
    private readonly int[] _ints;
    private readonly List<nint> _shared = [];

    private BlockTeam(int lanes)
    {
        Lanes = lanes;
        _barrier = new Barrier(lanes);
        _lane = new float[lanes];
        _ints = new int[lanes];
    }

    internal int Lanes { get; }

    /// <summary>Executes every block of <paramref name="kernel"/> with <paramref name="lanes"/> concurrent lanes.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lanes"/> is not positive.</exception>
    /// <remarks>The first exception of a lane is thrown again here, after all lanes have ended.</remarks>
    public static void Run<TKernel>(TKernel kernel, long blocks, int lanes)
        where TKernel : struct, IKernel
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lanes);
        using BlockTeam team = new(lanes);
        Exception? failure = null;
        Thread[] threads = new Thread[lanes];
        for (int lane = 0; lane < lanes; lane++)
        {
            int me = lane;
            threads[lane] = new Thread(() =>
            {
                try
                {
                    for (long index = 0; index < blocks; index++)
                    {
                        kernel.Execute(new Block(index, me, team));
                        team.Barrier();
                    }
                }
                catch (Exception e)
                {
                    // The others must not wait for a lane that is gone.
                    Interlocked.CompareExchange(ref failure, e, null);
                    team._barrier.RemoveParticipant();
                }
            });
            threads[lane].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Releases the barrier.</summary>
    public unsafe void Dispose()
    {
        _barrier.Dispose();
        foreach (nint memory in _shared)
        {
            NativeMemory.Free((void*)memory);
        }
    }

    internal void Barrier() => _barrier.SignalAndWait();

    internal float Sum(int lane, float value)
    {
        Share(lane, value);
        float sum = 0f;
        for (int i = 0; i < Lanes; i++)
        {
            sum += _lane[i];
        }

        Barrier();
        return sum;
    }

    internal float Max(int lane, float value)
    {
        Share(lane, value);
        float max = _lane[0];
        for (int i = 1; i < Lanes; i++)
        {
            max = KMath.Max(max, _lane[i]);
        }

        Barrier();
        return max;
    }

    internal int Min(int lane, int value)
    {
        _ints[lane] = value;
        Barrier();
        int min = _ints.Min();
        Barrier();
        return min;
    }

    internal float SumBelow(int lane, float value)
    {
        Share(lane, value);
        float sum = 0f;
        for (int i = 0; i < lane; i++)
        {
            sum += _lane[i];
        }

        Barrier();
        return sum;
    }

    /// <summary>
    /// Memory of the size of the lanes' own arrays, the same for all. It is the team's and not lane 0's stack, which would
    /// go when lane 0 is done before the others.
    /// </summary>
    internal unsafe Span<T> Share<T>(int lane, Span<T> own)
        where T : unmanaged
    {
        if (lane == 0)
        {
            _shared.Add((nint)NativeMemory.AllocZeroed((nuint)Math.Max(1, own.Length), (nuint)sizeof(T)));
        }

        Barrier();
        nint memory = _shared[^1];
        Barrier();
        return new Span<T>((void*)memory, own.Length);
    }

    private void Share(int lane, float value)
    {
        _lane[lane] = value;
        Barrier();
    }
}
