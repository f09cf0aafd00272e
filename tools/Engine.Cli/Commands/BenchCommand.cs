using System.CommandLine;
using System.Text;
using Engine.Cli.Bench;
using Engine.Cli.Output;
using Engine.Serialization;

namespace Engine.Cli.Commands;

/// <summary><c>engine bench</c>: is a kernel right on this device, and how fast beside what the device can do.</summary>
internal static class BenchCommand
{
    // float32 sums in another order, or one rounding to bfloat16.
    private const double Tolerance = 1e-4;
    private const double NarrowTolerance = 8e-3;

    public static Command Create(Host host)
    {
        Command command = new("bench", "Check kernels against their C# bodies, then time them beside the device's measured peaks.");
        Argument<string> name = new("kernel") { Description = "a kernel, or all", DefaultValueFactory = _ => "all" };
        Option<string?> svg = new("--svg") { HelpName = "FILE", Description = "draw the roofline: each kernel's speed over its operations a byte" };
        command.Arguments.Add(name);
        DeviceOptions device = new(command);
        command.Options.Add(svg);
        command.SetAction(result =>
        {
            KernelBench[] chosen = Choose(result.GetRequiredValue(name));
            string? file = result.GetValue(svg);
            if (file is not null)
            {
                AtomicFile.RequireWritable(file);
            }

            using Device on = device.Open(result);
            return Run(host, on, chosen, file);
        });
        return command;
    }

    private static bool IsRight(KernelBench bench, double error) => error <= (bench.Shape.Contains("bfloat16", StringComparison.Ordinal) ? NarrowTolerance : Tolerance);

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

    private static int Run(Host host, Device device, KernelBench[] benches, string? svg)
    {
        string title = $"{device.Name}: {device.Capabilities.Name}, {device.Capabilities.Isa}, {device.Capabilities.ComputeUnits} {(device is CpuDevice ? "threads" : "compute units")}";
        host.Out.WriteLine(title);
        Peaks peaks = WorkProgress.Show(host, "measuring the device's peaks", _ => Peaks.Of(device));
        host.Out.WriteLine(
            $"measured peak: memory {peaks.Bytes / 1e9:0.0} GB/s (the better of copy and sum), " +
            $"float32 {peaks.Flops / 1e9:0} GFLOP/s (the better of multiply-add chains and product)\n");
        host.Out.WriteLine($"{"kernel",-20} {"shape",-31} {"check",-8} {"time",13} {"GFLOP/s",9} {"of peak",8} {"GB/s",8} {"of peak",8}  bound by");
        List<Measurement> measured = [];
        bool right = true;
        foreach ((int i, KernelBench bench) in benches.Index())
        {
            (double error, Measurement m) = WorkProgress.Show(host, $"measuring {bench.Kernel}, kernel {i + 1} of {benches.Length}", _ =>
            {
                double difference = bench.Check(device);
                return (difference, IsRight(bench, difference) ? Measurement.Of(bench, device) : default);
            });
            if (IsRight(bench, error))
            {
                measured.Add(m);
                host.Out.WriteLine(
                    $"{bench.Kernel,-20} {bench.ShapeAt(bench.Size),-31} {error,-8:0.0e+0} {m.Seconds * 1e6,10:0.0} us " +
                    $"{m.FlopsPerSecond / 1e9,9:0.0} {m.FlopsPerSecond / peaks.Flops,8:0 %} {m.BytesPerSecond / 1e9,8:0.0} {m.BytesPerSecond / peaks.Bytes,8:0 %}" +
                    $"  {(m.IsBoundByArithmetic(peaks) ? "arithmetic" : "memory")}");
            }
            else
            {
                right = false;
                host.Out.WriteLine($"{bench.Kernel,-20} {bench.ShapeAt(bench.CheckSize),-31} WRONG: differs by {error:0.0e+0} from the C# body; not timed");
            }
        }

        if (svg is not null)
        {
            AtomicFile.Write(svg, stream => stream.Write(Encoding.UTF8.GetBytes(Roofline.Draw(title, peaks, measured))));
            host.Out.WriteLine($"\nroofline in {svg}");
        }

        return right ? 0 : CommandLine.Bug;
    }
}
