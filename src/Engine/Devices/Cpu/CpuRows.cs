namespace Engine;

/// <summary>Splits independent rows over the workers, several short ones to a task.</summary>
internal static unsafe class CpuRows
{
    // Enough exponentials to be worth handing out, few enough that a small batch still reaches every worker. Of large ones as much as
    // can be: what is read ahead of a task's end is another worker's.
    private const long LeastPerTask = 4096;
    private const long MostPerTask = 1 << 18;

    /// <summary>
    /// Runs <paramref name="row"/>(kernel, r, stream, room) for every r below <paramref name="rows"/>; <paramref name="width"/> elements a row.
    /// Rows that stream their results are fenced (<see cref="Streams"/>). If <paramref name="needsRoom"/>, each worker has room for a row of
    /// float32.
    /// </summary>
    public static void Run(
        void* kernel, long rows, long width, bool stream, CpuWorkers workers, delegate*<void*, long, bool, float*, void> row, bool needsRoom = false)
    {
        long perTask = Math.Clamp(rows * width / 64, LeastPerTask, MostPerTask);
        State state = new(kernel, row, rows, width, Math.Max(1, perTask / Math.Max(1, width)), stream, needsRoom ? workers.Handle : 0);
        workers.Run((rows + state.Step - 1) / state.Step, &Task, &state);
    }

    private static void Task(void* state, long index, int worker)
    {
        State s = *(State*)state;
        long end = Math.Min(s.Rows, (index + 1) * s.Step);
        float* room = s.Workers == 0 ? null : (float*)CpuWorkers.From(s.Workers).Scratch(worker, s.Width * sizeof(float));
        for (long r = index * s.Step; r < end; r++)
        {
            s.Row(s.Kernel, r, s.Stream, room);
        }

        if (s.Stream)
        {
            Streams.Fence();
        }
    }

    private readonly struct State(void* kernel, delegate*<void*, long, bool, float*, void> row, long rows, long width, long step, bool stream, nint workers)
    {
        public readonly void* Kernel = kernel;
        public readonly delegate*<void*, long, bool, float*, void> Row = row;
        public readonly long Rows = rows;
        public readonly long Width = width;
        public readonly long Step = step;
        public readonly bool Stream = stream;
        public readonly nint Workers = workers;
    }
}
