using Engine.Nn;

namespace Engine.Optim;

/// <summary>The device of a set of parameters.</summary>
internal static class SameDevice
{
    /// <summary>The one device all of them are on.</summary>
    /// <exception cref="EngineException">There is none, or more than one.</exception>
    public static Device Of(string owner, IReadOnlyList<Parameter> parameters)
    {
        Device? device = null;
        foreach (Parameter parameter in parameters)
        {
            device ??= parameter.Value.Device;
            if (parameter.Value.Device != device)
            {
                throw new EngineException($"{owner}: {parameters[0].Name} is on {device.Name}, but {parameter.Name} is on {parameter.Value.Device.Name}; expected one device.");
            }
        }

        return device ?? throw new EngineException($"{owner}: no parameters are given.");
    }
}
