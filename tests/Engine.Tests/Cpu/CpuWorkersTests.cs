using Xunit;

namespace Engine.Tests.Cpu;

public sealed unsafe class CpuWorkersTests
{
    [Fact]
    public void Every_task_runs_once_over_many_runs_and_pauses()
    {
        using CpuWorkers workers = new(3);
        int* counts = stackalloc int[37];
        for (int run = 0; run < 2000; run++)
        {
            workers.Run(37, &Count, counts);
            if (run % 500 == 0)
            {
                // Long enough for the workers to go to sleep, so that waking them is tested too.
                Thread.Yield();
                SpinWait.SpinUntil(() => false, 20);
            }
        }

        for (int i = 0; i < 37; i++)
        {
            Assert.Equal(2000, counts[i]);
        }
    }

    [Fact]
    public void Scratch_is_aligned_and_kept()
    {
        using CpuWorkers workers = new(2);
        nint small = (nint)workers.Scratch(1, 100);
        Assert.Equal(0, small % 64);
        Assert.Equal(small, (nint)workers.Scratch(1, 50));
    }

    private static void Count(void* state, long index, int worker) => Interlocked.Increment(ref ((int*)state)[index]);
}
