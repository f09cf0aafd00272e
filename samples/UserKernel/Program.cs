using Engine;
using Engine.KernelLanguage;

foreach (DeviceEntry entry in Device.List().Where(entry => entry.Problem is null))
{
    using Device device = Device.Open(entry.Name);
    using StepScope step = new(device);
    float[] values = [-2f, -0.5f, 0f, 0.25f, 3f];
    float[] At(float shift) => step.From<float>([.. values.Select(v => v + shift)], [5]).Snake(2f).ToArray();
    Tensor x = step.From<float>(values, [5], requiresGrad: true);
    step.Backward(x.Snake(2f).Sum());
    float[] slopes = StepScope.Grad(x).ToArray(), above = At(0.01f), below = At(-0.01f);
    float worst = slopes.Select((slope, i) => MathF.Abs(slope - ((above[i] - below[i]) / 0.02f))).Max();
    Console.WriteLine($"{entry.Name}: {string.Join(' ', At(0f).Select(v => $"{v:F4}"))}; gradient off by {worst:E0}");
}

[Kernel] // y = x + sin²(ax)/a, the Snake activation (Ziyin, Hartwig, Ueda 2020); n elements, Block.Span of them a block
internal readonly partial record struct SnakeForward(View<float> x, View<float> y, float a, long n) : IKernel
{
    public void Execute(in Block b)
    {
        for (long i = b.Start; i < b.End(n); i += b.Size) y[i] = x[i] + (KMath.Sin(a * x[i]) * KMath.Sin(a * x[i]) / a);
    }
}
[Kernel] // dX = dY·(1 + sin(2ax))
internal readonly partial record struct SnakeBackward(View<float> x, View<float> dY, View<float> dX, float a, long n) : IKernel
{
    public void Execute(in Block b)
    {
        for (long i = b.Start; i < b.End(n); i += b.Size) dX[i] = dY[i] * (1f + KMath.Sin(2f * a * x[i]));
    }
}

internal readonly struct SnakeOp : IDifferentiable<SnakeOp.Saved, SnakeOp.Saved>
{
    public readonly record struct Saved(Tensor X, float A) : ISaved { public void Visit(in SavedVisitor visitor) => visitor.Values(X); }
    public static string Name => "Snake";
    public static Tensor Forward(in Saved s, in OpContext context, out Saved saved)
    {
        Tensor y = context.New(s.X.Shape);
        context.Launch(new SnakeForward(s.X.Flat<float>(), y.Flat<float>(), s.A, y.Count), Block.Cover(y.Count));
        saved = s;
        return y;
    }
    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        Tensor dX = context.New(dY.Shape);
        context.Launch(new SnakeBackward(s.X.Flat<float>(), dY.Contiguous().Flat<float>(), dX.Flat<float>(), s.A, dX.Count), Block.Cover(dX.Count));
        sink.Give(s.X, dX);
    }
}

internal static class SnakeExtension
{
    public static Tensor Snake(this Tensor x, float a) => Recorder.Apply<SnakeOp, SnakeOp.Saved, SnakeOp.Saved>(new(x, a), x);
}
