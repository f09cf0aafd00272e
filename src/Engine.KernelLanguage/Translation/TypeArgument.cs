namespace Engine.KernelLanguage;

/// <summary>What a type parameter of a generic kernel stands for in one instance of it.</summary>
/// <param name="Parameter">The type parameter's name in the kernel: <c>F</c>, <c>T</c> …</param>
/// <param name="Cuda">What is written for it in CUDA C++.</param>
/// <param name="OpenCl">What is written for it in OpenCL C.</param>
/// <param name="Functions">The declarations it brings along; none for an element type.</param>
public sealed record TypeArgument(string Parameter, string Cuda, string OpenCl, IReadOnlyList<DeviceDeclaration> Functions)
{
    /// <summary>A table of functions given as type argument.</summary>
    public static TypeArgument Table<TTable>(string parameter)
        where TTable : IDeviceFunctions => new(parameter, TTable.Device.Name, TTable.Device.Name, TTable.Device.Declarations);

    /// <summary>An element type given as type argument.</summary>
    /// <exception cref="NotSupportedException">There is no such element type on devices.</exception>
    public static TypeArgument Element<T>(string parameter)
        where T : unmanaged
    {
        string? name = typeof(T) == typeof(float) ? "float"
            : typeof(T) == typeof(int) ? "int"
            : typeof(T) == typeof(uint) ? "uint"
            : typeof(T) == typeof(long) ? "i64"
            : typeof(T) == typeof(ulong) ? "u64"
            : typeof(T) == typeof(short) ? "i16"
            : typeof(T) == typeof(ushort) ? "u16"
            : typeof(T) == typeof(byte) ? "u8"
            : typeof(T) == typeof(sbyte) ? "i8"
            : typeof(T) == typeof(BFloat16) ? "bf16"
            : typeof(T) == typeof(Half) ? "f16"
            : null;
        return name is null
            ? throw new NotSupportedException($"{typeof(T).Name} is not an element type of device code")
            : new TypeArgument(parameter, name, name, []);
    }

    /// <summary>What is written for it in a dialect.</summary>
    public string NameIn(Dialect dialect) => dialect == Dialect.Cuda ? Cuda : OpenCl;
}
