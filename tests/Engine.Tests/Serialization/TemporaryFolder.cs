namespace Engine.Tests.Serialization;

/// <summary>A folder of its own for one test, gone with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-test-");

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public string[] Names => [.. _folder.GetFileSystemInfos().Select(f => f.Name).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Delete(recursive: true);
}
