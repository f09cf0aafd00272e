using System.CommandLine;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Engine.Cli.Output;

namespace Engine.Cli.Commands;

/// <summary><c>engine info</c>: what this build finds on this machine.</summary>
internal static class InfoCommand
{
    public static Command Create(Host host)
    {
        Command command = new("info", "Show device, SIMD level, versions and memory.");
        Option<bool> json = new("--json") { Description = "one JSON object" };
        command.Options.Add(json);
        command.SetAction(result =>
        {
            Write(host.Out, result.GetValue(json));
            return 0;
        });
        return command;
    }

    private static void Write(TextWriter output, bool json)
    {
        using CpuDevice device = new();
        DeviceCapabilities capabilities = device.Capabilities;
        string version = typeof(InfoCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        string build = RuntimeFeature.IsDynamicCodeCompiled ? "JIT" : "NativeAOT";
        string[] levels = [.. SimdLevels.Available.Select(level => level.Name())];
        IReadOnlyList<DeviceEntry> devices = Device.List();
        if (json)
        {
            JsonLines.Write(output, w =>
            {
                w.WriteString("version", version);
                w.WriteString("runtime", RuntimeInformation.FrameworkDescription);
                w.WriteString("build", build);
                w.WriteString("system", RuntimeInformation.OSDescription);
                w.WriteString("rid", RuntimeInformation.RuntimeIdentifier);
                w.WriteString("device", device.Name);
                w.WriteString("processor", Processor());
                w.WriteNumber("threads", capabilities.ComputeUnits);
                w.WriteString("simd", capabilities.Isa);
                w.WriteStartArray("simd_available");
                Array.ForEach(levels, w.WriteStringValue);
                w.WriteEndArray();
                w.WriteStartArray("devices");
                foreach (DeviceEntry entry in devices)
                {
                    w.WriteStartObject();
                    w.WriteString("name", entry.Name);
                    w.WriteString("hardware", entry.Hardware);
                    w.WriteBoolean("gpu", entry.IsGpu);
                    w.WriteString("problem", entry.Problem);
                    w.WriteEndObject();
                }

                w.WriteEndArray();
                w.WriteNumber("memory_bytes", capabilities.MemoryBytes);
                w.WriteNumber("process_bytes", Environment.WorkingSet);
            });
            return;
        }

        output.Write(
            $"engine   {version}, {build}\n" +
            $"runtime  {RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})\n" +
            $"device   {device.Name}: {Processor()}, {capabilities.ComputeUnits} threads\n" +
            $"simd     {capabilities.Isa} (available: {string.Join(", ", levels)})\n" +
            $"memory   {Bytes.Format(capabilities.MemoryBytes)} for this process, {Bytes.Format(Environment.WorkingSet)} in use\n" +
            $"devices, in the order in which --device auto prefers GPUs:\n{string.Concat(devices.Select(entry => $"  {entry}\n"))}");
    }

    /// <summary>The processor's name for itself: CPUID leaves 80000002–80000004 on x86, elsewhere the architecture.</summary>
    private static string Processor()
    {
        const uint First = 0x80000002;
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < First + 2)
        {
            return RuntimeInformation.ProcessArchitecture.ToString();
        }

        int[] words = new int[12];
        for (uint leaf = 0; leaf < 3; leaf++)
        {
            (words[4 * leaf], words[(4 * leaf) + 1], words[(4 * leaf) + 2], words[(4 * leaf) + 3]) = X86Base.CpuId((int)(First + leaf), 0);
        }

        return Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>(words)).Split('\0')[0].Trim();
    }
}
