using System.Runtime.InteropServices;
using Engine.KernelLanguage;
using Xunit;

namespace Engine.Kernels.Tests;

/// <summary>
/// The memory of one run of a kernel: views handed out one after the other, each between guard bands. Inputs are the same in
/// every run; what results hold beforehand is garbage that differs from run to run, so that a result that was not
/// overwritten, or was computed from garbage, differs too.
/// </summary>
public sealed unsafe class KernelArguments(byte garbage) : IDisposable
{
    private const int Guard = 256;
    private const byte GuardByte = 0xA7;

    private readonly List<Buffer> _buffers = [];

    private sealed record Buffer(nint Start, long Bytes, Func<double[]> Read);

    /// <summary>Inputs, or results to accumulate into: uniform in [low, high).</summary>
    public View<float> In(long n, float low = -1f, float high = 1f) => Narrow(n, (float x) => x, (float x) => x, low, high);

    /// <summary>bfloat16 inputs, uniform in [−1, 1).</summary>
    public View<BFloat16> InBFloat16(long n) => Narrow(n, (float x) => (BFloat16)x, (BFloat16 x) => (float)x);

    /// <summary>float16 inputs, uniform in [−1, 1).</summary>
    public View<Half> InHalf(long n) => Narrow(n, (float x) => (Half)x, (Half x) => (double)x);

    /// <summary>int8 inputs, all values but −128.</summary>
    public View<sbyte> Int8s(long n) => Narrow(n, (float x) => (sbyte)x, (sbyte x) => x, -127f, 128f);

    /// <summary>These inputs.</summary>
    public View<float> Given(ReadOnlySpan<float> values)
    {
        View<float> view = New(values.Length, (float x) => x);
        values.CopyTo(new Span<float>(view.Pointer, values.Length));
        return view;
    }

    /// <summary>Integer inputs, in [low, high).</summary>
    public View<int> Ints(long n, int low, int high)
    {
        View<int> view = New(n, (int x) => x);
        ulong stream = (ulong)_buffers.Count;
        for (long i = 0; i < n; i++)
        {
            view[i] = low + (int)(Philox.Word(11, stream, (ulong)i) % (uint)(high - low));
        }

        return view;
    }

    /// <summary>These integer inputs.</summary>
    public View<int> Given(ReadOnlySpan<int> values)
    {
        View<int> view = New(values.Length, (int x) => x);
        values.CopyTo(new Span<int>(view.Pointer, values.Length));
        return view;
    }

    /// <summary>A float32 result of which every element is to be overwritten.</summary>
    public View<float> Out(long n) => New(n, (float x) => x);

    /// <summary>An int32 result of which every element is to be overwritten.</summary>
    public View<int> OutInts(long n) => New(n, (int x) => x);

    /// <summary>A bfloat16 result of which every element is to be overwritten.</summary>
    public View<BFloat16> OutBFloat16(long n) => New(n, (BFloat16 x) => (float)x);

    /// <summary>A float16 result of which every element is to be overwritten.</summary>
    public View<Half> OutHalf(long n) => New(n, (Half x) => (double)x);

    /// <summary>Where the arguments lie, guard bands included.</summary>
    public IReadOnlyList<(nint Start, long Bytes)> Memory => [.. _buffers.Select(b => (b.Start, b.Bytes + (2 * Guard)))];

    /// <summary>Every argument's values, in the order in which they were asked for.</summary>
    public double[][] Values() => [.. _buffers.Select(b => b.Read())];

    /// <summary>Fails if a byte before or after an argument changed.</summary>
    public void AssertGuardsIntact(string what)
    {
        for (int i = 0; i < _buffers.Count; i++)
        {
            Buffer buffer = _buffers[i];
            Assert.True(
                !new ReadOnlySpan<byte>((void*)buffer.Start, Guard).ContainsAnyExcept(GuardByte)
                && !new ReadOnlySpan<byte>((void*)(buffer.Start + Guard + buffer.Bytes), Guard).ContainsAnyExcept(GuardByte),
                $"{what}: a write outside buffer {i}");
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        foreach (Buffer buffer in _buffers)
        {
            NativeMemory.AlignedFree((void*)buffer.Start);
        }

        _buffers.Clear();
    }

    private View<T> Narrow<T>(long n, Func<float, T> narrow, Func<T, double> widen, float low = -1f, float high = 1f)
        where T : unmanaged
    {
        View<T> view = New(n, widen);
        ulong stream = (ulong)_buffers.Count;
        for (long i = 0; i < n; i++)
        {
            view[i] = narrow(low + ((high - low) * Philox.Uniform(11, stream, (ulong)i)));
        }

        return view;
    }

    private View<T> New<T>(long n, Func<T, double> widen)
        where T : unmanaged
    {
        long bytes = n * sizeof(T);
        byte* start = (byte*)NativeMemory.AlignedAlloc((nuint)(bytes + (2 * Guard)), 64);
        new Span<byte>(start, checked((int)(bytes + (2 * Guard)))).Fill(GuardByte);
        new Span<byte>(start + Guard, (int)bytes).Fill(garbage);
        View<T> view = new((T*)(start + Guard), n);
        _buffers.Add(new Buffer((nint)start, bytes, () => [.. new ReadOnlySpan<T>(view.Pointer, (int)n).ToArray().Select(widen)]));
        return view;
    }
}
