using Engine.KernelLanguage;

namespace Engine.Tests.Profiling;

/// <summary>Made-up profiles: a random tree of spans with launches in it, all times whole and in order.</summary>
internal static class Profiles
{
    private static readonly string[] s_names = ["Linear", "Softmax", "a \"quoted\" op", "Näme ≤ 1"];
    private static readonly string[] s_phases = ["batch", "forward", "backward", "optimizer"];
    private static readonly string[] s_kernels = ["Gemm<Identity>", "Map<Relu, Single, Float32Element>", "Fill"];

    public static DeviceProfile Random(int seed, bool runsBehind)
    {
        Random random = new(seed);
        List<ProfiledSpan> spans = [];
        List<ProfiledLaunch> launches = [];
        long now = random.Next(5);
        long device = random.Next(5);
        for (int i = random.Next(4); i > 0; i--)
        {
            Fill(-1, depth: 0);
        }

        return new DeviceProfile(Math.Max(now, device) + random.Next(5), runsBehind, spans, launches);

        void Fill(int parent, int depth)
        {
            int index = spans.Count;
            SpanKind kind = (SpanKind)Math.Min(depth, random.Next(4));
            string[] names = kind <= SpanKind.Phase ? s_phases : s_names;
            long start = now += random.Next(3);
            spans.Add(new ProfiledSpan(names[random.Next(names.Length)], kind, parent, start, 0));
            for (int i = random.Next(4); i > 0; i--)
            {
                if (depth < 5 && random.Next(2) == 0)
                {
                    Fill(index, depth + 1);
                }
                else
                {
                    Launch(index);
                }
            }

            now += random.Next(3);
            spans[index] = spans[index] with { Nanoseconds = now - start };
        }

        void Launch(int span)
        {
            long queued = now += random.Next(3);
            long start = runsBehind ? Math.Max(device, queued) + random.Next(3) : queued;
            long nanoseconds = random.Next(100_000);
            device = start + nanoseconds;
            now = runsBehind ? now + 1 : device;
            KernelCost cost = random.Next(4) == 0 ? KernelCost.Unknown : new KernelCost(random.Next(1000), random.Next(1000));
            launches.Add(new ProfiledLaunch(s_kernels[random.Next(s_kernels.Length)], span, random.Next(1, 9), cost, queued, start, nanoseconds));
        }
    }
}
