using System.CommandLine;
using Engine.Cli.Bench;

namespace Engine.Cli.Commands;

/// <summary><c>engine kernels bench</c>: is a kernel right on this device, and how fast beside what the device can do.</summary>
internal static class KernelBenchCommand
{
    // float32 sums in another order, or one rounding to bfloat16.
    private const double Tolerance = 1e-4;
    private const double NarrowTolerance = 8e-3;

    public static Command Create(Host host)
    {
        Command command = new("bench", "Check a kernel against its C# body, then time it beside the device's measured peak.");
        Argument<string> name = new("name") { Description = "a kernel, or all", DefaultValueFactory = _ => "all" };
        Option<string> device = new("--device") { Description = "cpu, opencl, opencl:N, cuda, cuda:N or auto", DefaultValueFactory = _ => "auto" };
        command.Arguments.Add(name);
        command.Options.Add(device);
        command.SetAction(result =>
        {
            KernelBench[] chosen = Choose(result.GetValue(name)!);
            using Device on = Device.Open(result.GetValue(device)!);
            return Run(host, on, chosen);
        });
        return command;
    }

    private static KernelBench[] Choose(string name)
    {
        if (name == "all")
        {
            return [.. KernelBenches.All];
        }

        string kernel = KernelsCommand.Find(name).Source!.Name;
        KernelBench[] found = [.. KernelBenches.All.Where(b => b.Kernel == kernel)];
        return found.Length > 0
            ? found
            : throw new EngineException($"{kernel} has no benchmark; these have: {string.Join(", ", KernelBenches.All.Select(b => b.Kernel))}.");
    }

    private static int Run(Host host, Device device, IReadOnlyList<KernelBench> benches)
    {
        host.Out.WriteLine($"{device.Name}: {device.Capabilities.Name}, {device.Capabilities.Isa}");
        double bandwidth = Peak(device, b => b.Bytes, "CopyStrided", "Combine");
        double arithmetic = Peak(device, b => b.Flops, "MultiplyAdds", "Gemm");
        host.Out.WriteLine(
            $"measured peak: memory {bandwidth / 1e9:0.0} GB/s (the better of copy and sum), " +
            $"float32 {arithmetic / 1e9:0} GFLOP/s (the better of multiply-add chains and product)\n");
        host.Out.WriteLine($"{"kernel",-20} {"shape",-32} {"check",-9} {"time",12} {"rate",16} {"of peak",9}");
        bool right = true;
        foreach (KernelBench bench in benches)
        {
            double error = bench.Check(device);
            bool good = error <= (bench.Shape.Contains("bfloat16", StringComparison.Ordinal) ? NarrowTolerance : Tolerance);
            right &= good;
            if (!good)
            {
                host.Out.WriteLine($"{bench.Kernel,-20} {bench.ShapeAt(bench.CheckSize),-32} WRONG: differs by {error:0.0e+0} from the C# body; not timed");
                continue;
            }

            using BenchCase timed = bench.Make(device, bench.Size);
            double seconds = Timing.Seconds(device, timed.Launch);
            double flops = bench.Flops(bench.Size) / seconds;
            double bytes = bench.Bytes(bench.Size) / seconds;
            string rate = flops > 0 ? $"{flops / 1e9:0.0} GFLOP/s" : $"{bytes / 1e9:0.0} GB/s";
            double share = flops > 0 ? flops / arithmetic : bytes / bandwidth;
            host.Out.WriteLine($"{bench.Kernel,-20} {bench.ShapeAt(bench.Size),-32} {error,-9:0.0e+0} {seconds * 1e6,9:0.0} us {rate,16} {share,8:0 %}");
        }

        return right ? 0 : CommandLine.Bug;
    }

    private static double Peak(Device device, Func<KernelBench, Func<double, double>> amount, params string[] kernels) => kernels.Max(kernel =>
    {
        KernelBench bench = KernelBenches.All.Single(b => b.Kernel == kernel);
        using BenchCase peak = bench.Make(device, bench.Size);
        return amount(bench)(bench.Size) / Timing.Seconds(device, peak.Launch);
    });
}
