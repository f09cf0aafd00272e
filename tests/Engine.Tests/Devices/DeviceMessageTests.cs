using Engine.KernelLanguage;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Devices;

/// <summary>What devices say when something does not work: one sentence a user can act on.</summary>
[Collection(TestDevices.Collection)]
public sealed class DeviceMessageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("engine-cache-").FullName;

    public static TheoryData<string> Unknown => ["gpu", "opencl:", "opencl:x", "opencl:-1", "opencl:0:0", "cpu:1", ""];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Unknown))]
    public void An_unknown_name_lists_names_and_devices(string name)
    {
        string message = Message(() => Device.Open(name));
        Assert.StartsWith($"device '{name}' is unknown: expected one of auto, cpu, ", message, StringComparison.Ordinal);
        Assert.Contains("cpu: CPU (", message);
    }

    [Fact]
    public void A_number_too_high_lists_the_devices()
    {
        TestDevices.Require("opencl");
        string devices = string.Join(", ", Device.List().Where(d => d.Name.StartsWith("opencl", StringComparison.Ordinal)).Select(d => d.Name));
        string message = Message(() => Device.Open("opencl:99"));
        Assert.StartsWith($"opencl:99 is not there: OpenCL has opencl:0 (", message, StringComparison.Ordinal);
        Assert.All(devices.Split(", "), device => Assert.Contains(device, message));
    }

    [Fact]
    public void Auto_explains_its_choice()
    {
        using Device device = Device.Open("auto", 0, out string why);
        Assert.StartsWith($"{device.Name} (", why, StringComparison.Ordinal);
        IEnumerable<string> before = Device.List().Select(entry => entry.Name).TakeWhile(name => name != device.Name);
        Assert.All(before, name => Assert.Contains(name, why));
        using Device named = Device.Open("cpu", 0, out why);
        Assert.Empty(why);
    }

    [Fact]
    public void Operands_on_two_devices_are_both_named()
    {
        using Device opencl = TestDevices.Open("opencl");
        using Device cpu = new CpuDevice(threads: 1);
        using StepScope step = new(cpu, recording: false);
        Tensor x = step.From<float>([1f, 2f], [2]);
        Tensor y = Tensor.From<float>(opencl, [1f, 2f], [2]);
        Assert.Equal("Sum: operands are on cpu and opencl:0; move one with To(device).", Message(() => x.Add(y)));
    }

    [Fact]
    public void A_tensor_beyond_what_a_buffer_may_have_is_named()
    {
        using Device device = TestDevices.Open("opencl");
        int huge = int.MaxValue;
        Assert.Matches(
            @"^giant: 2\.0 TiB in one tensor is too much for opencl:0, which takes at most .+; split it, or use a smaller batch\.$",
            Message(() => Tensor.Empty(device, [256, huge], tag: "giant")));
    }

    [Fact]
    public void Memory_that_runs_out_names_the_biggest_holders()
    {
        using Device device = TestDevices.Open("opencl");
        device.MemoryLimit = 1 << 20;
        Tensor x = Tensor.Empty(device, [200_000], tag: "holder");
        string message = Message(() => Tensor.Empty(device, [200_000], tag: "newcomer"));
        Assert.StartsWith("newcomer: out of memory on opencl:0: 781.3 KiB asked for, ", message, StringComparison.Ordinal);
        Assert.Contains("holder ", message);
        x.Dispose();
    }

    [Fact]
    public void A_kernel_that_does_not_compile_cites_its_line_and_the_log()
    {
        using Device device = TestDevices.Open("opencl");
        string message = Message(() => device.Launch(default(Misspelt), 1));
        Assert.StartsWith("Misspelt (TestKernels.cs:100): does not compile for opencl:0, ", message, StringComparison.Ordinal);
        Assert.Contains("no_such_function", message);
    }

    [Fact]
    public void A_block_that_is_too_large_is_refused_before_the_launch()
    {
        using Device device = TestDevices.Open("opencl");
        Assert.Matches(
            @"^Crowd: asks for blocks of 1000000 lanes, but opencl:0 has at most \d+ a block\.$", Message(() => device.Launch(default(Crowd), 1)));
    }

    [Fact]
    public void Too_much_shared_memory_is_refused_before_the_launch()
    {
        using Device device = TestDevices.Open("opencl");
        Assert.Matches(
            @"^Hoarder: a block takes 64\.0 MiB of shared memory, but opencl:0 has .+ a block; use a smaller tile\.$",
            Message(() => device.Launch(default(Hoarder), 1)));
    }

    [Fact]
    public void Too_many_bytes_of_arguments_are_refused_before_the_launch()
    {
        using Device device = TestDevices.Open("opencl");
        long most = OpenClHardware.Find(OpenClApi.TryLoad(out _)!, out _)[0].MaxArgumentBytes;
        if (most >= KernelArguments.MaxBytes)
        {
            Assert.Skip($"opencl:0 takes {most} bytes of arguments, more than a launch can have");
        }

        Assert.Matches(
            @"^Luggage: its arguments take 4080 bytes, but opencl:0 takes at most \d+; pass some of them in a view\.$",
            Message(() => device.Launch(default(Luggage), 1)));
    }

    [Fact]
    public void Overlapping_views_are_refused_where_they_must_not_overlap()
    {
        using Device device = TestDevices.Open("opencl");
        Tensor x = Tensor.From<float>(device, new float[8], [8]);
        View<float> all = x.Flat<float>();
        Assert.StartsWith("Scale: y and x overlap in memory", Message(() => device.Launch(new Scale(all, all.From(2), 1f, 4), 1)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_damaged_cached_program_is_compiled_again(bool truncate)
    {
        TestDevices.Require("opencl");
        Assert.Equal(6f, Triple());
        string file = Assert.Single(Directory.GetFiles(_folder));
        byte[] good = File.ReadAllBytes(file);
        byte[] bad = truncate ? good[..^100] : [.. good];
        bad[bad.Length / 2] ^= 0xFF;
        File.WriteAllBytes(file, bad);
        Assert.Equal(6f, Triple());
        Assert.Equal("Scale [OpenCL, ", Assert.Single(new ProgramCache(_folder).List()).Label![..15]);
    }

    [Fact]
    public void A_cached_program_that_the_driver_refuses_is_compiled_again()
    {
        TestDevices.Require("opencl");
        Assert.Equal(6f, Triple());
        string file = Assert.Single(Directory.GetFiles(_folder));
        ProgramKey key = ProgramKey.OfHash(Path.GetFileNameWithoutExtension(file));
        new ProgramCache(_folder).Store(key, "Scale", "whole, but no program"u8);
        Assert.Equal(6f, Triple());
        Assert.True(new FileInfo(file).Length > 1000);
    }

    private float Triple()
    {
        using OpenClDevice device = new(0, new ProgramCache(_folder));
        Tensor x = Tensor.From<float>(device, [2f], [1]);
        Tensor y = Tensor.Empty(device, [1]);
        device.Launch(new Scale(x.Flat<float>(), y.Flat<float>(), 3f, 1), 1);
        return y.Item();
    }

    private static string Message(Action action) => Assert.Throws<EngineException>(action).Message;

    private readonly record struct Misspelt : IKernel
    {
        public static KernelSource Source { get; } = TestKernels.Source("Misspelt", 0, [], "{ no_such_function(1); }");

        public void Execute(in Block b)
        {
        }

        public void Bind(ref KernelArguments arguments)
        {
        }
    }

    private readonly record struct Crowd : IKernel
    {
        public static KernelSource Source { get; } = TestKernels.Source("Crowd", 1_000_000, [], "{ }");

        public void Execute(in Block b)
        {
        }

        public void Bind(ref KernelArguments arguments)
        {
        }
    }

    private readonly record struct Luggage : IKernel
    {
        private const int Bags = 30;

        public static KernelSource Source { get; } = TestKernels.Source(
            "Luggage", 0, [.. Enumerable.Range(0, Bags).Select(i => new KernelParameter($"bag{i}", "Layout", IsView: false))], "{ }");

        public void Execute(in Block b)
        {
        }

        public void Bind(ref KernelArguments arguments)
        {
            for (int i = 0; i < Bags; i++)
            {
                arguments.Add(default(Layout));
            }
        }
    }

    private readonly record struct Hoarder : IKernel
    {
        public static KernelSource Source { get; } = TestKernels.Source(
            "Hoarder", 0, [], "__local int hoard[1 << 24]; hoard[eng_lane()] = 1; eng_barrier(); if (hoard[0] == 2) hoard[1] = 3;");

        public void Execute(in Block b)
        {
        }

        public void Bind(ref KernelArguments arguments)
        {
        }
    }
}
