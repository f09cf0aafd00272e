using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Engine.Pretraining.Logs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Engine.Cli.Output;

/// <summary>
/// Shows on standard error how far something long is: one line that is redrawn on a terminal, elsewhere a line every few seconds, and
/// none for what takes less than one. What is not counted shows the time that has passed.
/// </summary>
internal sealed class WorkProgress : IProgress<WorkDone>
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private WorkDone _work;
    private long _begun = Stopwatch.GetTimestamp();

    private WorkProgress(string what) => _work = new WorkDone(what, 0, 0, string.Empty);

    /// <summary>The present line: what, how much of it, the rate and the time left.</summary>
    public string Line
    {
        get
        {
            lock (_lock)
            {
                return Describe(_work, Stopwatch.GetElapsedTime(_begun));
            }
        }
    }

    /// <summary>Does something long.</summary>
    /// <param name="host">Who is watching.</param>
    /// <param name="what">What is done, until the work says it more exactly.</param>
    /// <param name="work">Does it; must not write to the console.</param>
    public static T Show<T>(Host host, string what, Func<IProgress<WorkDone>, T> work)
    {
        WorkProgress progress = new(what);
        return host.LiveError ? progress.OnTerminal(host, work) : progress.AsLines(host, work);
    }

    /// <inheritdoc cref="Show{T}(Host, string, Func{IProgress{WorkDone}, T})"/>
    public static void Show(Host host, string what, Action<IProgress<WorkDone>> work) => Show(host, what, progress =>
    {
        work(progress);
        return true;
    });

    /// <summary>Writes lines about something that reports itself once it has begun.</summary>
    /// <param name="host">Who is watching.</param>
    /// <param name="what">What is done until then.</param>
    /// <returns>To be disposed when it begins, or at the end.</returns>
    public static IDisposable Until(Host host, string what)
    {
        WorkProgress progress = new(what);
        return new Lines(() => progress.Write(host, progress.Line));
    }

    /// <inheritdoc/>
    public void Report(WorkDone value)
    {
        lock (_lock)
        {
            if (value.What != _work.What || value.Done < _work.Done)
            {
                _begun = Stopwatch.GetTimestamp();
            }

            _work = value;
        }
    }

    /// <summary><c>training: 120 of 300 steps  40 %  12.3/s  0:15 left</c>; without a total, what and the time.</summary>
    internal static string Describe(in WorkDone work, TimeSpan elapsed)
    {
        if (work.Total <= 0)
        {
            return $"{work.What}: {Text.Duration(elapsed)}";
        }

        string line = string.Create(CultureInfo.InvariantCulture, $"{work.What}: {Text.Count(work.Done)} of {Text.Count(work.Total)} {work.Unit}  {100.0 * work.Done / work.Total:0} %");
        double rate = work.Done / elapsed.TotalSeconds;
        return work.Done > 0 && double.IsFinite(rate)
            ? $"{line}  {(rate < 10 ? rate.ToString("0.0", CultureInfo.InvariantCulture) : Text.Count(rate))}/s  {Text.Duration(TimeSpan.FromSeconds((work.Total - work.Done) / rate))} left"
            : line;
    }

    private T OnTerminal<T>(Host host, Func<IProgress<WorkDone>, T> work)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(host.Error) });
        using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
        {
            // The line has hidden the cursor, and nobody else will show it again.
            host.Error.Write("\e[?25h");
        });
        return console.Progress().AutoClear(true).Columns(new SpinnerColumn(), new LineColumn(this)).Start(context =>
        {
            context.AddTask(_work.What).IsIndeterminate = true;
            return work(this);
        });
    }

    private T AsLines<T>(Host host, Func<IProgress<WorkDone>, T> work)
    {
        long begun = Stopwatch.GetTimestamp();
        T result;
        using (new Lines(() => Write(host, Line)))
        {
            result = work(this);
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(begun);
        if (elapsed > s_first)
        {
            Write(host, $"{_work.What}: done in {Text.Duration(elapsed)}");
        }

        return result;
    }

    private void Write(Host host, string line)
    {
        lock (_lock)
        {
            host.Error.Write(line + "\n");
            host.Error.Flush();
        }
    }

    /// <summary>Calls for a line every few seconds until it is disposed; nothing is called afterwards.</summary>
    private sealed class Lines(Action write) : IDisposable
    {
        private readonly Timer _timer = new(_ => write(), null, s_first, s_interval);

        public void Dispose() => _timer.DisposeAsync().AsTask().Wait();
    }

    /// <summary>The whole line. The working thread reports, the drawing thread reads.</summary>
    private sealed class LineColumn(WorkProgress progress) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Spectre.Console.Text(progress.Line);
    }
}
