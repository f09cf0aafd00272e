namespace Engine.Pretraining.Hub;

/// <summary>Folders that are written to.</summary>
internal static class Folders
{
    /// <summary>Makes a folder if there is none.</summary>
    /// <exception cref="EngineException">It cannot be made; names it and the cause.</exception>
    public static void Create(string path)
    {
        try
        {
            _ = Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: cannot be made: {e.Message}", e);
        }
    }
}
