namespace Engine;

/// <summary>Splits independent rows over the workers, several short ones to a task.</summary>
internal static unsafe class CpuRows
{
    // Enough exponentials to be worth handing out, few enough that a small batch still reaches every worker.
    private const long LeastPerTask = 4096;
    private const long MostPerTask = 1 << 14;

    /// <summary>
    /// Runs <paramref name="row"/>(kernel, r, stream) for every r below <paramref name="rows"/>; <paramref name="width"/> elements a row.
    /// Rows that stream their results are fenced (<see cref="Streams"/>).
    /// </summary>
    public static void Run(void* kernel, long rows, long width, bool stream, CpuWorkers workers, delegate*<void*, long, bool, void> row)
    {
        long perTask = Math.Clamp(rows * width / 64, LeastPerTask, MostPerTask);
        State state = new(kernel, row, rows, Math.Max(1, perTask / Math.Max(1, width)), stream);
        workers.Run((rows + state.Step - 1) / state.Step, &Task, &state);
    }

    private static void Task(void* state, long index, int worker)
    {
        State s = *(State*)state;
        long end = Math.Min(s.Rows, (index + 1) * s.Step);
        for (long r = index * s.Step; r < end; r++)
        {
            s.Row(s.Kernel, r, s.Stream);
        }

        if (s.Stream)
        {
            Streams.Fence();
        }
    }

    private readonly struct State(void* kernel, delegate*<void*, long, bool, void> row, long rows, long step, bool stream)
    {
        public readonly void* Kernel = kernel;
        public readonly delegate*<void*, long, bool, void> Row = row;
        public readonly long Rows = rows;
        public readonly long Step = step;
        public readonly bool Stream = stream;
    }
}
