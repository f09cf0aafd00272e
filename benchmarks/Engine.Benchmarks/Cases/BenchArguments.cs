using Engine.KernelLanguage;

namespace Engine.Benchmarks;

/// <summary>
/// The memory of one run of a kernel, on its device. Inputs are the same numbers in every run; what results hold beforehand is
/// not a number (for integers: the smallest), so that a result that nobody wrote agrees with nothing.
/// </summary>
public sealed class BenchArguments(Device device) : IDisposable
{
    private readonly List<Tensor> _tensors = [];
    private readonly List<Func<float[]>> _results = [];
    private ulong _stream;

    /// <summary>Inputs, uniform in [low, high).</summary>
    public View<float> In(long n, float low = -1f, float high = 1f)
    {
        View<float> view = New<float>(n);
        for (long i = 0; i < n; i++)
        {
            view[i] = low + ((high - low) * Philox.Uniform(11, _stream, (ulong)i));
        }

        return view;
    }

    /// <summary>Inputs that become results: read and written.</summary>
    public View<float> InOut(long n, float low = -1f, float high = 1f)
    {
        View<float> view = In(n, low, high);
        Result(view, x => x);
        return view;
    }

    /// <summary>bfloat16 inputs, uniform in [−1, 1).</summary>
    public View<BFloat16> InBFloat16(long n)
    {
        View<BFloat16> view = New<BFloat16>(n);
        for (long i = 0; i < n; i++)
        {
            view[i] = (BFloat16)((2f * Philox.Uniform(11, _stream, (ulong)i)) - 1f);
        }

        return view;
    }

    /// <summary>Integer inputs in [low, high).</summary>
    public View<int> Ints(long n, int low, int high)
    {
        View<int> view = New<int>(n);
        for (long i = 0; i < n; i++)
        {
            view[i] = low + (int)(Philox.Word(11, _stream, (ulong)i) % (uint)(high - low));
        }

        return view;
    }

    /// <summary>Bytes from −127 to 127, as int8 weights are; in the memory of integers, as no tensor is of bytes without scales.</summary>
    public unsafe View<sbyte> Int8s(long n)
    {
        View<sbyte> view = new((sbyte*)New<int>((n + 3) / 4).Pointer, n);
        for (long i = 0; i < n; i++)
        {
            view[i] = (sbyte)((int)(Philox.Word(11, _stream, (ulong)i) % 255) - 127);
        }

        return view;
    }

    /// <summary>Inputs that are all the same integer.</summary>
    public View<int> Constant(long n, int value)
    {
        View<int> view = New<int>(n);
        view.Span().Fill(value);
        return view;
    }

    /// <summary>A result.</summary>
    public View<float> Out(long n) => Empty(n, float.NaN, x => x);

    /// <summary>An integer result.</summary>
    public View<int> OutInts(long n) => Empty(n, int.MinValue, x => x == int.MinValue ? float.NaN : x);

    /// <summary>A bfloat16 result.</summary>
    public View<BFloat16> OutBFloat16(long n) => Empty(n, (BFloat16)float.NaN, x => (float)x);

    /// <summary>Memory of the work itself: not compared.</summary>
    public View<float> Scratch(long n)
    {
        View<float> view = New<float>(n);
        view.Span().Clear();
        return view;
    }

    /// <summary>The same in integers.</summary>
    public View<int> ScratchInts(long n) => New<int>(n);

    /// <summary>The values of all results, in the order in which they were asked for.</summary>
    public IReadOnlyList<float[]> Results() => [.. _results.Select(read => read())];

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _tensors.ForEach(x => x.Dispose());

    private View<T> Empty<T>(long n, T nothing, Func<T, float> widen)
        where T : unmanaged
    {
        View<T> view = New<T>(n);
        view.Span().Fill(nothing);
        Result(view, widen);
        return view;
    }

    private void Result<T>(View<T> view, Func<T, float> widen)
        where T : unmanaged =>
        _results.Add(() =>
        {
            float[] values = new float[view.Length];
            for (long i = 0; i < values.Length; i++)
            {
                values[i] = widen(view[i]);
            }

            return values;
        });

    private View<T> New<T>(long n)
        where T : unmanaged
    {
        Tensor x = Tensor.Empty(device, [(int)n], Tensor.DTypeOf<T>(), "benchmark");
        _tensors.Add(x);
        _stream++;
        return x.Flat<T>();
    }
}
