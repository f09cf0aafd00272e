using System.Reflection;
using Engine.KernelLanguage;
using Engine.Testing;
using Xunit;

namespace Engine.KernelCompiler.Tests;

/// <summary>Where C and C# differ, device text means what C# means: every row gives the same bits on the CPU and on devices.</summary>
[Collection(TestDevices.Collection)]
public sealed class SemanticsTests
{
    private static readonly uint[] Words =
        [0, 1, 2, 3, 5, 7, 31, 32, 33, 63, 64, 65, 127, 128, 200, 255, 256, 32767, 32768, 65535, 65536, 0x7FFFFFFF, 0x80000000, 0x80000001, 0x9E3779B9, 0xFFFFFF01, 0xFFFFFFF9, 0xFFFFFFFE, 0xFFFFFFFF];

    private static readonly float[] Floats =
    [
        0f, -0f, 1f, -1f, 0.5f, -0.5f, 1.5f, -1.5f, 2.5f, 2.7f, -2.7f, 7f, -7f, 127.9f, 128.5f, 255.5f, 256.5f, -129f, 32767.6f, 40000f, 65504f, 65519f, 65520f,
        70000f, 2147483520f, 2147483648f, -2147483648f, -2147483904f, 3e9f, 4294967040f, 4294967296f, 9.223371e18f, 9.2233720e18f, 1.8446743e19f, 1.8446744e19f, 1e20f, -1e20f, 3.4e38f,
        float.MaxValue, float.Epsilon, 1e-40f, 1.17549435e-38f, 5.9604645e-8f, 2.9802322e-8f, 2.9802326e-8f, 8.9e-8f, 6.1035156e-5f, 6.1e-5f, 1.0004883f, 1.0014648f, 1.00390625f, 1.01171875f,
        float.NaN, float.PositiveInfinity, float.NegativeInfinity,
    ];

    private static readonly Type[] Rows = [.. typeof(SemanticsTests).Assembly.GetTypes().Where(t => t.IsValueType && t.GetInterfaces().Contains(typeof(IRow)))];

    public static TheoryData<string, string> Runs =>
        [.. from row in Rows from device in TestDevices.Accelerators.Append(TestDevices.CudaOnHost) select (row.Name, device)];

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_row_means_the_same_everywhere(string row, string device) =>
        typeof(SemanticsTests).GetMethod(nameof(Check), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(Rows.Single(r => r.Name == row)).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [device], null);

    private static void Check<F>(string name)
        where F : unmanaged, IRow
    {
        uint[] values = F.TakesFloats ? [.. Floats.Select(BitConverter.SingleToUInt32Bits)] : Words;
        int[] a = [.. values.SelectMany(v => values.Select(_ => (int)v))];
        int[] b = [.. values.SelectMany(_ => values.Select(v => (int)v))];
        using Device device = TestDevices.Open(name);
        using Tensor ta = Tensor.From<int>(device, a, [a.Length]);
        using Tensor tb = Tensor.From<int>(device, b, [a.Length]);
        using Tensor ty = Tensor.Zeros(device, [a.Length], DType.Int32);
        device.Launch(new RowKernel<F>(ta.Flat<uint>(), tb.Flat<uint>(), ty.Flat<uint>(), a.Length), Block.Cover(a.Length));
        int[] y = new int[a.Length];
        ty.CopyTo<int>(y);
        for (int i = 0; i < y.Length; i++)
        {
            uint expected = F.Of((uint)a[i], (uint)b[i]);
            bool bothNaN = F.GivesFloat && float.IsNaN(BitConverter.UInt32BitsToSingle(expected)) && float.IsNaN(BitConverter.Int32BitsToSingle(y[i]));
            Assert.True(
                expected == (uint)y[i] || bothNaN,
                $"{typeof(F).Name}({Show<F>(a[i])}, {Show<F>(b[i])}): {expected:X8} in C#, {y[i]:X8} on {device.Name}");
        }
    }

    private static string Show<F>(int word)
        where F : IRow => F.TakesFloats ? $"{BitConverter.Int32BitsToSingle(word):G9}" : $"0x{word:X}";
}
