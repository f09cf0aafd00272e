using System.Runtime.CompilerServices;

namespace Engine.Testing;

/// <summary>
/// Tests keep the programs that devices compile in the repository's artifacts, not in the user's cache; processes that they
/// start inherit that. A folder given by <c>ENGINE_CACHE_DIR</c> is respected.
/// </summary>
internal static class TestCache
{
    private const string Variable = "ENGINE_CACHE_DIR";

#pragma warning disable CA2255 // Not a library that ships: what it sets concerns test processes only.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Redirect()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
        {
            Environment.SetEnvironmentVariable(Variable, Path.Combine(Fixture.RepositoryRoot, "artifacts", "programs"));
        }
    }
}
