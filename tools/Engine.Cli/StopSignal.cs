using System.Runtime.InteropServices;

namespace Engine.Cli;

/// <summary>
/// Ctrl-C (and SIGTERM): the first asks to stop after the step in progress, saved; a second is left to the system, which ends
/// the process at once. A run killed that way still resumes from its last checkpoint.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Host _host;

    public StopSignal(Host host)
    {
        _host = host;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
        {
            if (_host.Live)
            {
                // The progress line has hidden the cursor, and nobody else will show it again.
                _host.Out.Write("\e[?25h\n");
            }

            return;
        }

        context.Cancel = true;
        _source.Cancel();
        _host.Error.WriteLine("Stopping after this step. Press Ctrl-C again to end at once.");
    }
}
