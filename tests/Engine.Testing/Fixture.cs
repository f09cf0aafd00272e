using System.Globalization;
using System.Text.Json;
using Engine.Serialization;
using Xunit;

namespace Engine.Testing;

/// <summary>
/// A file of reference values from PyTorch. The folder is <c>ENGINE_GOLDEN_DIR</c>, or <c>tests/Fixtures</c> by default;
/// shapes and settings are always those of the file.
/// </summary>
public sealed class Fixture : IDisposable
{
    private readonly SafeTensors _file;

    private Fixture(SafeTensors file) => _file = file;

    /// <summary>The folder that fixtures are read from.</summary>
    public static string Folder => Environment.GetEnvironmentVariable("ENGINE_GOLDEN_DIR") is { Length: > 0 } folder
        ? folder
        : RepositoryFolder;

    private static string RepositoryFolder => Path.Combine(RepositoryRoot, "tests", "Fixtures");

    /// <summary>The repository's root: the nearest folder above the tests that holds the solution.</summary>
    public static string RepositoryRoot
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Engine.sln")))
            {
                folder = folder.Parent;
            }

            return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }
    }

    /// <summary>The names of the tensors.</summary>
    public IEnumerable<string> Names => _file.Entries.Keys;

    /// <summary>The file's settings.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _file.Metadata;

    /// <summary>Opens <c>NAME.safetensors</c>. A missing file fails the test.</summary>
    public static Fixture Open(string name) => new(SafeTensors.Open(Path.Combine(Folder, name + ".safetensors")));

    /// <summary>Opens reference values of trained weights that are in the repository, which come with them: the chosen folder's, or else the repository's.</summary>
    public static Fixture OpenReal(string name) => new(SafeTensors.Open(
        Array.Find([Path.Combine(Folder, name + ".safetensors"), Path.Combine(RepositoryFolder, name + ".safetensors")], File.Exists)
        ?? Path.Combine(Folder, name + ".safetensors")));

    /// <summary>A folder of trained weights in the repository.</summary>
    public static string WeightsFolder(string name) => Path.Combine(RepositoryFolder, name);

    /// <summary>The cases of an operator file; for theories. A missing file gives one case that fails with its path.</summary>
    public static TheoryData<string> CasesOf(string name)
    {
        string path = Path.Combine(Folder, name + ".safetensors");
        if (!File.Exists(path))
        {
            return new TheoryData<string>($"missing file {path}");
        }

        Fixture fixture = Open(name);
        return [.. fixture.Names.Where(n => n.Contains('/', StringComparison.Ordinal)).Select(n => n[..n.IndexOf('/', StringComparison.Ordinal)]).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>One case of an operator file.</summary>
    public FixtureCase Case(string name) => new(this, name);

    /// <summary>Whether the file has this tensor.</summary>
    public bool Has(string name) => _file.Entries.ContainsKey(name);

    /// <summary>The shape of a tensor.</summary>
    public Shape Shape(string name) => Engine.Shape.Create([.. Entry(name).Shape.Select(d => (int)d)]);

    /// <summary>The format's type name of a tensor (F32, I32, F64, U8 …).</summary>
    public string DType(string name) => Entry(name).DType;

    /// <summary>The raw bytes of a tensor.</summary>
    public byte[] Raw(string name) => _file.Read(name);

    /// <summary>Values of a tensor of any numeric type, widened to float64.</summary>
    public double[] Doubles(string name)
    {
        byte[] raw = Raw(name);
        return DType(name) switch
        {
            "F64" => Convert<double>(raw, v => v),
            "F32" => Convert<float>(raw, v => v),
            "I64" => Convert<long>(raw, v => v),
            "I32" => Convert<int>(raw, v => v),
            "U32" => Convert<uint>(raw, v => v),
            "U16" => Convert<ushort>(raw, v => v),
            "I8" => Convert<sbyte>(raw, v => v),
            "U8" => Convert<byte>(raw, v => v),
            string other => throw new InvalidOperationException($"{name}: type {other} is not read by the tests."),
        };
    }

    /// <summary>Values as float32.</summary>
    public float[] Floats(string name) => [.. Doubles(name).Select(d => (float)d)];

    /// <summary>Values as int32.</summary>
    public int[] Ints(string name) => [.. Doubles(name).Select(d => (int)d)];

    private static double[] Convert<T>(byte[] raw, Func<T, double> widen)
        where T : unmanaged =>
        [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(raw).ToArray().Select(widen)];

    private WeightEntry Entry(string name) => _file.Entries.TryGetValue(name, out WeightEntry? entry)
        ? entry
        : throw new InvalidOperationException($"The fixture has no tensor {name}.");
}

/// <summary>One case of an operator file: tensors <c>CASE/in.X</c> … and settings <c>CASE/setting</c>.</summary>
public sealed class FixtureCase(Fixture file, string name)
{
    /// <summary>The file.</summary>
    public Fixture File { get; } = file;

    /// <summary>The case's name.</summary>
    public string Name { get; } = name;

    /// <summary>Names of the case's tensors without the case, for example <c>in.x</c>.</summary>
    public IEnumerable<string> Names => File.Names
        .Where(n => n.StartsWith(Name + "/", StringComparison.Ordinal)).Select(n => n[(Name.Length + 1)..]);

    /// <summary>Whether the case has this tensor.</summary>
    public bool Has(string tensor) => File.Has($"{Name}/{tensor}");

    /// <summary>Whether the case has this setting.</summary>
    public bool HasSetting(string key) => File.Metadata.ContainsKey($"{Name}/{key}");

    /// <summary>A setting as text.</summary>
    public string Text(string key) => File.Metadata[$"{Name}/{key}"];

    /// <summary>A numeric setting.</summary>
    public double Number(string key) => double.Parse(Text(key), CultureInfo.InvariantCulture);

    /// <summary>A setting that is a list of numbers.</summary>
    public double[] Numbers(string key) => JsonSerializer.Deserialize<double[]>(Text(key))!;

    /// <summary>Values as float32.</summary>
    public float[] Floats(string tensor) => File.Floats($"{Name}/{tensor}");

    /// <summary>Values as int32.</summary>
    public int[] Ints(string tensor) => File.Ints($"{Name}/{tensor}");

    /// <summary>Values as float64.</summary>
    public double[] Doubles(string tensor) => File.Doubles($"{Name}/{tensor}");

    /// <summary>A tensor's shape.</summary>
    public Shape Shape(string tensor) => File.Shape($"{Name}/{tensor}");

    /// <summary>A tensor's type name.</summary>
    public string DType(string tensor) => File.DType($"{Name}/{tensor}");
}
