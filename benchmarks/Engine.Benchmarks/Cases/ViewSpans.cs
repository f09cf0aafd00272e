using Engine.KernelLanguage;

namespace Engine.Benchmarks;

/// <summary>What rivals take in place of a view.</summary>
internal static class ViewSpans
{
    /// <summary>The elements of a view on host memory.</summary>
    public static unsafe Span<T> Span<T>(this View<T> view)
        where T : unmanaged => new(view.Pointer, checked((int)view.Length));
}
