using System.Runtime.InteropServices;
using Engine.KernelLanguage;
using Engine.Testing;
using Xunit;

namespace Engine.KernelCompiler.Tests.Language;

/// <summary>What the language offers, in kernels outside the engine: the same on the CPU and on devices, and accepted by NVRTC.</summary>
[Collection(TestDevices.Collection)]
public sealed class LanguageTests
{
    private const int N = 5000;

    private static readonly Case[] All =
    [
        Case.Of("generic helpers", 2, (x, y, _) => new GenericHelpers<Negate>(x, y, N)),
        Case.Of("structs", 2, (x, y, _) => new Structs(x, y, new Settings(true, new Complex(2f, -1f), 3), N)),
        Case.Of("structs, the other way", 2, (x, y, _) => new Structs(x, y, new Settings(false, new Complex(2f, -1f), 1), N)),
        Case.Of("references", 2, (x, y, _) => new References(x, y, N)),
        Case.Of("spans", (N + 63) / 64, (x, y, _) => new Spans(x, y, N)),
        Case.Of("specialised: sums", 2, (x, y, _) => new Specialized(x, y, 3, true, Mode.Sum, N)),
        Case.Of("specialised: largest", 2, (x, y, _) => new Specialized(x, y, 5, false, Mode.Largest, N)),
        Case.Of("lengths", 2, (x, y, half) => new Outer.Inner.Lengths(x, half, y, default)),
        Case.Of("lengths, all given", 2, (x, y, half) => new Outer.Inner.Lengths(x, half, y, half)),
        Case.Of("collectives", 2, (x, y, _) => new Collectives(x, y, N)),
        Case.Of("names", 2, (x, y, _) => new Names(x, y, N, 0.5f, 7)),
    ];

    public static TheoryData<string, string> Runs =>
        [.. from c in All from device in TestDevices.Accelerators.Append(TestDevices.CudaOnHost) select (c.Name, device)];

    public static TheoryData<string> Names => [.. All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_device_computes_what_the_body_says(string name, string device)
    {
        Case one = All.Single(c => c.Name == name);
        using Device reference = TestDevices.Reference();
        float[] expected = one.Run(reference);
        Assert.NotEqual(0f, expected[N - 1]);
        using Device actual = TestDevices.Open(device);
        Assert.Equal(expected, one.Run(actual));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NVRTC_takes_it_without_a_warning(string name)
    {
        if (Nvrtc.Find(out string reason) is not { } nvrtc)
        {
            Requirement.Missing("nvrtc", reason);
            return;
        }

        CompilerResult result = nvrtc.Compile(All.Single(c => c.Name == name).CudaText(), name, "sm_80");
        Assert.Equal(string.Empty, result.Log);
        Assert.NotEmpty(result.Image);
    }

    private sealed record Case(string Name, Func<Device, float[]> Run, Func<string> CudaText)
    {
        public static unsafe Case Of<TKernel>(string name, long blocks, Func<View<float>, View<float>, View<float>, TKernel> make)
            where TKernel : unmanaged, IKernel => new(name, device => Launch(device, blocks, make), () => Text(make(default, default, default)));

        private static float[] Launch<TKernel>(Device device, long blocks, Func<View<float>, View<float>, View<float>, TKernel> make)
            where TKernel : unmanaged, IKernel
        {
            using Tensor x = Tensor.From<float>(device, [.. Enumerable.Range(0, N).Select(i => (float)((i % 7) - 2))], [N]);
            using Tensor half = Tensor.From<float>(device, [.. Enumerable.Range(0, N / 2).Select(i => (float)(i % 5))], [N / 2]);
            using Tensor y = Tensor.Zeros(device, [N]);
            device.Launch(make(x.Flat<float>(), y.Flat<float>(), half.Flat<float>()), blocks);
            return y.ToArray();
        }

        private static unsafe string Text<TKernel>(TKernel kernel)
            where TKernel : unmanaged, IKernel
        {
            byte* bytes = (byte*)NativeMemory.AlignedAlloc(KernelArguments.MaxBytes, 16);
            try
            {
                KernelArguments.Entry* entries = stackalloc KernelArguments.Entry[KernelArguments.MaxCount];
                KernelArguments arguments = new(bytes, entries);
                kernel.Bind(ref arguments);
                return ProgramText.Compose(Dialect.Cuda, TKernel.Source!, 128, arguments.Specialized);
            }
            finally
            {
                NativeMemory.AlignedFree(bytes);
            }
        }
    }
}
