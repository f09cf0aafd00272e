using System.Reflection;
using System.Runtime.InteropServices;
using Engine.KernelLanguage;
using Engine.Testing;
using Xunit;

namespace Engine.KernelCompiler.Tests;

/// <summary>Random expressions, compiled as a user's would be, give the same bits in C# and on devices.</summary>
[Collection(TestDevices.Collection)]
public sealed class RandomExpressionTests
{
    private const int Expressions = 60;

    private static readonly uint[] s_words = [0, 1, 3, 7, 100, 255, 32768, 65535, 0x7FFFFFFF, 0x80000000, 0x9E3779B9, 0xFFFFFFFE, 0xFFFFFFFF];

    public static TheoryData<int, string> Runs =>
        [.. from seed in Enumerable.Range(1, 3) from device in TestDevices.Accelerators.Append(TestDevices.CudaOnHost) select (seed, device)];

    [Theory]
    [MemberData(nameof(Runs))]
    public void An_expression_means_the_same_everywhere(int seed, string device)
    {
        RandomExpression random = new(seed);
        string[] expressions = [.. Enumerable.Range(0, Expressions).Select(_ => random.Next())];
        string members = string.Concat(expressions.Select((e, k) =>
            $"static long F{k}(uint a, uint b) {{ {RandomExpression.Prologue} return {e}; }}\n"));
        string calls = string.Concat(Enumerable.Range(0, Expressions).Select(k => $"y[(i * {Expressions}) + {k}] = F{k}((uint)a[i], (uint)b[i]);\n"));
        Result result = Compiler.Run($$"""
            #pragma warning disable
            [Kernel] public readonly partial record struct Expressions{{seed}}(View<int> a, View<int> b, View<long> y, long n) : IKernel
            {
                public void Execute(in Block b_)
                {
                    for (long i = b_.Start; i < b_.End(n); i += b_.Size)
                    {
                        {{calls}}
                    }
                }
                {{members}}
            }
            """);
        Assert.Empty(result.Findings);
        using MemoryStream image = new();
        Microsoft.CodeAnalysis.Emit.EmitResult emitted = result.Compilation.Emit(image, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics));
        Type kernel = Assembly.Load(image.ToArray()).GetType($"Expressions{seed}")!;
        typeof(RandomExpressionTests).GetMethod(nameof(Check), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(kernel).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [device, expressions], null);
    }

    private static void Check<TKernel>(string name, string[] expressions)
        where TKernel : unmanaged, IKernel
    {
        using Device reference = TestDevices.Reference();
        using Device device = TestDevices.Open(name);
        long[] expected = Run<TKernel>(reference);
        long[] actual = Run<TKernel>(device);
        for (int i = 0; i < expected.Length; i++)
        {
            (uint a, uint b) = (s_words[i / Expressions / s_words.Length], s_words[i / Expressions % s_words.Length]);
            Assert.True(
                expected[i] == actual[i],
                $"a = 0x{a:X}, b = 0x{b:X}: {expected[i]:X} in C#, {actual[i]:X} on {device.Name}:\n{expressions[i % Expressions]}");
        }
    }

    private static long[] Run<TKernel>(Device device)
        where TKernel : unmanaged, IKernel
    {
        int n = s_words.Length * s_words.Length;
        using Tensor a = Tensor.From<int>(device, [.. s_words.SelectMany(w => s_words.Select(_ => (int)w))], [n]);
        using Tensor b = Tensor.From<int>(device, [.. s_words.SelectMany(_ => s_words.Select(w => (int)w))], [n]);
        using Tensor y = Tensor.Zeros(device, [n * Expressions * 2], DType.Int32);
        View<int> words = y.Flat<int>();
        device.Launch(Make<TKernel>(a.Flat<int>(), b.Flat<int>(), words, n), Block.Cover(n));
        int[] result = new int[n * Expressions * 2];
        y.CopyTo<int>(result);
        return MemoryMarshal.Cast<int, long>(result).ToArray();
    }

    // The kernel's type is only known now, its parameters are.
    private static unsafe TKernel Make<TKernel>(View<int> a, View<int> b, View<int> words, long n)
        where TKernel : unmanaged =>
        (TKernel)Activator.CreateInstance(typeof(TKernel), a, b, new View<long>((long*)words.Pointer, words.Length / 2), n)!;
}
