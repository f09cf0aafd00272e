using Engine.KernelLanguage;
using Engine.Testing;

namespace Engine.Kernels.Tests;

/// <summary>A kernel with arguments of a small shape, to be run with any number of lanes.</summary>
public abstract class KernelCase(string name, Type kernel)
{
    /// <summary>What the case is about; unique.</summary>
    public string Name { get; } = name;

    /// <summary>The kernel; a generic one by its definition.</summary>
    public Type Kernel { get; } = kernel.IsGenericType ? kernel.GetGenericTypeDefinition() : kernel;

    /// <summary>A case of <paramref name="blocks"/> blocks, whose arguments <paramref name="make"/> builds.</summary>
    public static KernelCase Of<TKernel>(string name, long blocks, Func<KernelArguments, TKernel> make)
        where TKernel : unmanaged, IKernel => new Typed<TKernel>($"{Plain(typeof(TKernel))} {name}", blocks, make);

    /// <summary>Fails if several lanes leave other values in the arguments than one lane does.</summary>
    public void AssertLanesAgree(int lanes) => AssertSame(Run(lanes), $"{lanes} lanes");

    /// <summary>Fails if a device leaves other values in the arguments than one lane on the CPU does.</summary>
    public void AssertDeviceAgrees(Device device) => AssertSame(Run(device), device.Name);

    // The values of all arguments after the kernel ran with so many lanes.
    private protected abstract double[][] Run(int lanes);

    private protected abstract double[][] Run(Device device);

    private void AssertSame(double[][] actual, string where)
    {
        double[][] expected = Run(lanes: 1);
        for (int i = 0; i < expected.Length; i++)
        {
            Tolerance.Parity.AssertClose(expected[i], [.. actual[i].Select(v => (float)v)], $"{Name}, {where}, buffer {i}");
        }
    }

    private static string Plain(Type kernel) => kernel.Name.Split('`')[0];

    private sealed class Typed<TKernel>(string name, long blocks, Func<KernelArguments, TKernel> make) : KernelCase(name, typeof(TKernel))
        where TKernel : unmanaged, IKernel
    {
        private protected override double[][] Run(int lanes)
        {
            using KernelArguments arguments = new(garbage: lanes == 1 ? (byte)0xFF : (byte)0x55);
            TKernel kernel = make(arguments);
            if (lanes == 1)
            {
                for (long index = 0; index < blocks; index++)
                {
                    kernel.Execute(new Block(index));
                }
            }
            else
            {
                BlockTeam.Run(kernel, blocks, lanes);
            }

            arguments.AssertGuardsIntact($"{Name}, {lanes} lanes");
            return arguments.Values();
        }

        private protected override double[][] Run(Device device)
        {
            using KernelArguments arguments = new(garbage: 0x55);
            HostKernel.Run(device, make(arguments), blocks, arguments.Memory);
            arguments.AssertGuardsIntact($"{Name}, {device.Name}");
            return arguments.Values();
        }
    }
}

/// <summary>A list of cases, one class for each folder of kernels; found by reflection.</summary>
public interface IKernelCases
{
    /// <summary>The cases of the folder.</summary>
    static abstract IEnumerable<KernelCase> Cases { get; }
}
