using System.Reflection;
using Engine.KernelLanguage;
using Engine.Testing;
using Xunit;

namespace Engine.Kernels.Tests;

/// <summary>
/// Every kernel gives the same results with one lane, where it is its own definition, and with several, where a missing
/// barrier, a collective that not all lanes reach or a stride that forgets the block size shows. In Debug, views check every
/// index as well.
/// </summary>
[Collection(TestDevices.Collection)]
public sealed class KernelCaseTests
{
    private static readonly KernelCase[] Declared = [.. typeof(KernelCaseTests).Assembly.GetTypes()
        .Where(t => t.GetInterfaces().Contains(typeof(IKernelCases)))
        .SelectMany(t => (IEnumerable<KernelCase>)t.GetProperty(nameof(IKernelCases.Cases), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!)];

    private static readonly Dictionary<string, KernelCase> All = Declared.DistinctBy(c => c.Name).ToDictionary(c => c.Name);

    public static TheoryData<string, int> Runs => [.. All.Keys.SelectMany(_ => new[] { 4, 7 }, (name, lanes) => (name, lanes))];

    public static TheoryData<string, string> DeviceRuns => [.. All.Keys.SelectMany(_ => TestDevices.Accelerators, (name, device) => (name, device))];

    // Fragments lie differently in the lanes of each device, so what uses them runs as CUDA's text too.
    public static TheoryData<string> FragmentRuns => [.. All.Values.Where(c => c.Kernel == typeof(TensorGemm<,,,,>) || c.Kernel == typeof(PipelinedGemm<,,,,>)).Select(c => c.Name)];

    public static TheoryData<string> KernelNames => [.. Kernels.Select(k => k.Name)];

    private static IEnumerable<Type> Kernels =>
        typeof(Fill<>).Assembly.GetTypes().Where(t => t.GetCustomAttribute<KernelAttribute>() is not null);

    [Theory]
    [MemberData(nameof(Runs))]
    public void Several_lanes_compute_what_one_computes(string name, int lanes) => All[name].AssertLanesAgree(lanes);

    [Theory]
    [MemberData(nameof(DeviceRuns))]
    public void A_device_computes_what_one_lane_computes(string name, string deviceName)
    {
        using Device device = TestDevices.Open(deviceName);
        All[name].AssertDeviceAgrees(device);
    }

    [Theory]
    [MemberData(nameof(FragmentRuns))]
    public void Cuda_text_computes_what_one_lane_computes(string name) => A_device_computes_what_one_lane_computes(name, TestDevices.CudaOnHost);

    [Theory]
    [MemberData(nameof(KernelNames))]
    public void Every_kernel_has_a_case(string kernel) => Assert.Contains(All.Values, c => c.Kernel.Name == kernel);

    [Theory]
    [MemberData(nameof(KernelNames))]
    public void A_kernel_is_a_readonly_record_struct_of_its_arguments(string kernel)
    {
        Type type = Kernels.Single(k => k.Name == kernel);
        Assert.True(type is { IsValueType: true, IsPublic: true, Namespace: "Engine.Kernels" }, "not a public struct of Engine.Kernels");
        Assert.True(type.IsDefined(typeof(System.Runtime.CompilerServices.IsReadOnlyAttribute)), "not readonly");
        Assert.Contains(typeof(IKernel), type.GetInterfaces());
        Assert.Contains(type.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEquatable<>));

        // One constructor, and nothing stored but its parameters: what a launch passes is all a kernel knows.
        ConstructorInfo constructor = Assert.Single(type.GetConstructors());
        FieldInfo[] fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        Assert.Equal(constructor.GetParameters().Select(p => $"<{p.Name}>k__BackingField"), fields.Select(f => f.Name));
        Assert.All(fields, f => Assert.False(f.FieldType.IsClass, $"{f.Name} is an object"));
    }

    [Fact]
    public void No_two_cases_share_a_name() => Assert.Distinct(Declared.Select(c => c.Name));

    [Fact]
    public void Whatever_implements_IKernel_is_marked_as_a_kernel() =>
        Assert.Empty(typeof(Fill<>).Assembly.GetTypes()
            .Where(t => t.GetInterfaces().Contains(typeof(IKernel)) && !t.IsDefined(typeof(KernelAttribute))).Select(t => t.Name));
}
