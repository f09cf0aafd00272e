namespace Engine;

/// <summary>Splits independent rows over the workers, several short ones to a task.</summary>
internal static unsafe class CpuRows
{
    // Enough exponentials to be worth handing out, few enough that a small batch still reaches every worker.
    private const long ElementsPerTask = 4096;

    /// <summary>Runs <paramref name="row"/>(kernel, r) for every r below <paramref name="rows"/>; <paramref name="width"/> elements a row.</summary>
    public static void Run(void* kernel, long rows, long width, CpuWorkers workers, delegate*<void*, long, void> row)
    {
        State state = new(kernel, row, rows, Math.Max(1, ElementsPerTask / Math.Max(1, width)));
        workers.Run((rows + state.Step - 1) / state.Step, &Task, &state);
    }

    private static void Task(void* state, long index, int worker)
    {
        State s = *(State*)state;
        long end = Math.Min(s.Rows, (index + 1) * s.Step);
        for (long r = index * s.Step; r < end; r++)
        {
            s.Row(s.Kernel, r);
        }
    }

    private readonly struct State(void* kernel, delegate*<void*, long, void> row, long rows, long step)
    {
        public readonly void* Kernel = kernel;
        public readonly delegate*<void*, long, void> Row = row;
        public readonly long Rows = rows;
        public readonly long Step = step;
    }
}
