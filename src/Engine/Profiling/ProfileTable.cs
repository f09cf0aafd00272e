using Engine.KernelLanguage;

namespace Engine;

/// <summary>What one op took in one pass, or what no kernel took.</summary>
/// <param name="Op">The op; the kernel for launches outside of ops; <see cref="ProfileTable.Outside"/> for time without a kernel.</param>
/// <param name="Pass">The phase: <c>forward</c>, <c>backward</c>, <c>clip</c>, <c>optimizer</c>, <c>evaluate</c> …; empty where there is none.</param>
/// <param name="Calls">How often the op ran; for launches outside of ops, how often the kernel did.</param>
/// <param name="Launches">Kernels launched.</param>
/// <param name="Nanoseconds">Time of its kernels on the device.</param>
/// <param name="Cost">Their arithmetic and traffic; unknown if a kernel does not say.</param>
public readonly record struct ProfileRow(string Op, string Pass, long Calls, long Launches, long Nanoseconds, KernelCost Cost)
{
    /// <summary>10⁹ floating-point operations a second; NaN where nobody says or there are none.</summary>
    public double GigaFlops => Cost.Flops > 0 && Nanoseconds > 0 ? Cost.Flops / Nanoseconds : double.NaN;

    /// <summary>10⁹ bytes a second; NaN where nobody says or there are none.</summary>
    public double GigaBytes => Cost.Bytes > 0 && Nanoseconds > 0 ? Cost.Bytes / Nanoseconds : double.NaN;
}

/// <summary>
/// A profile summed up by op and pass. The pass of a launch is the outermost phase it lies in. The time that no kernel took is
/// told by phase where launches wait, and in one row where the device runs behind and only its idle time can be known. So
/// the times of all rows are together that of the profile.
/// </summary>
public sealed class ProfileTable
{
    /// <summary>The <see cref="ProfileRow.Op"/> of time without a kernel.</summary>
    public const string Outside = "outside kernels";

    private readonly DeviceProfile _profile;
    private readonly Place[] _places;

    /// <summary>Sums up a profile.</summary>
    public ProfileTable(DeviceProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        _profile = profile;
        _places = Places(profile.Spans);
        Rows = [.. Ops().Concat(Rest()).OrderByDescending(row => row.Nanoseconds)];
        Total = new ProfileRow(
            "total", string.Empty, Rows.Sum(row => row.Calls), Rows.Sum(row => row.Launches), profile.Nanoseconds,
            Rows.Aggregate(default(KernelCost), (sum, row) => sum + row.Cost));
    }

    /// <summary>The rows, the longest first.</summary>
    public IReadOnlyList<ProfileRow> Rows { get; }

    /// <summary>All rows together.</summary>
    public ProfileRow Total { get; }

    private IEnumerable<ProfileRow> Ops()
    {
        Dictionary<(string Op, string Pass), long> calls = [];
        foreach (Place place in _places.Where((_, i) => IsOp(_profile.Spans[i])))
        {
            calls[(place.Op!, place.Pass)] = calls.GetValueOrDefault((place.Op!, place.Pass)) + 1;
        }

        return _profile.Launches
            .GroupBy(launch => PlaceOf(launch.Span) is { Op: { } op } place ? (Op: op, place.Pass) : (Op: Short(launch.Kernel), PlaceOf(launch.Span).Pass))
            .Select(g => new ProfileRow(
                g.Key.Op, g.Key.Pass, calls.GetValueOrDefault(g.Key, g.LongCount()), g.LongCount(), g.Sum(l => l.Nanoseconds),
                g.Aggregate(default(KernelCost), (sum, l) => sum + l.Cost)));
    }

    // Each span's own time is what is left of it without the spans and launches inside.
    private IEnumerable<ProfileRow> Rest()
    {
        Dictionary<string, long> rest = new() { [string.Empty] = _profile.Nanoseconds };
        if (!_profile.RunsBehind)
        {
            foreach ((ProfiledSpan span, int i) in _profile.Spans.Select((span, i) => (span, i)))
            {
                rest[PlaceOf(span.Parent).Pass] -= span.Nanoseconds;
                rest[_places[i].Pass] = rest.GetValueOrDefault(_places[i].Pass) + span.Nanoseconds;
            }
        }

        foreach (ProfiledLaunch launch in _profile.Launches)
        {
            rest[_profile.RunsBehind ? string.Empty : PlaceOf(launch.Span).Pass] -= launch.Nanoseconds;
        }

        return rest.Where(r => r.Value != 0).Select(r => new ProfileRow(Outside, r.Key, 0, 0, r.Value, default));
    }

    private Place PlaceOf(int span) => span < 0 ? new Place(null, string.Empty, null) : _places[span];

    // A parent stands before its children.
    private static Place[] Places(IReadOnlyList<ProfiledSpan> spans)
    {
        Place[] places = new Place[spans.Count];
        for (int i = 0; i < places.Length; i++)
        {
            ProfiledSpan span = spans[i];
            Place outer = span.Parent < 0 ? new Place(null, string.Empty, null) : places[span.Parent];
            string? phase = outer.Phase ?? (span.Kind == SpanKind.Phase ? span.Name : null);
            string pass = phase
                ?? (span.Kind == SpanKind.Backward ? "backward" : outer.Op is not null ? outer.Pass : IsOp(span) ? "forward" : string.Empty);
            places[i] = new Place(IsOp(span) ? span.Name : outer.Op, pass, phase);
        }

        return places;
    }

    // Without type arguments.
    private static string Short(string kernel) => kernel.Split('<')[0];

    private static bool IsOp(ProfiledSpan span) => span.Kind is SpanKind.Forward or SpanKind.Backward;

    // The innermost op and the outermost phase.
    private readonly record struct Place(string? Op, string Pass, string? Phase);
}
