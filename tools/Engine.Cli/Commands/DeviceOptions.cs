using System.CommandLine;

namespace Engine.Cli.Commands;

/// <summary>The options of a command that says which device it wants.</summary>
internal sealed class DeviceOptions
{
    private readonly Option<string> _device = new("--device")
    {
        HelpName = "NAME", Description = "auto, cpu, cuda, cuda:N, opencl or opencl:N [auto]", DefaultValueFactory = _ => "auto",
    };

    private readonly Option<int> _threads = NumberOption.Create("--threads", 0, 0, 1024, "CPU worker threads; 0 = one for each processor");

    /// <summary>Adds them.</summary>
    public DeviceOptions(Command command)
    {
        command.Options.Add(_device);
        command.Options.Add(_threads);
    }

    /// <summary>The device asked for; the caller disposes it.</summary>
    /// <exception cref="EngineException">There is none of that name.</exception>
    public Device Open(ParseResult result) => Device.Open(result.GetRequiredValue(_device), result.GetValue(_threads));
}
