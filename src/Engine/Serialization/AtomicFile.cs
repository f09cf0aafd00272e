namespace Engine.Serialization;

/// <summary>
/// Writes a file so that a reader finds either the old contents or all of the new ones, whatever happens in between: the
/// data goes to <c>NAME.tmp</c> in the same folder, is flushed to the disk, and takes the file's name in one rename. On Linux
/// and macOS the folder is synced too, so that the rename itself survives a power cut; Windows orders it by its journal.
/// </summary>
public static class AtomicFile
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Writes a file whole or not at all. A temporary file left by a killed run is overwritten.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="write">Writes the contents to the stream it is given, which it must not close.</param>
    /// <exception cref="EngineException">The file cannot be written; names it and the cause. The old file is untouched.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = path + ".tmp";
        bool mine = false;
        try
        {
            using (FileStream file = new(temporary, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes))
            {
                mine = true;
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            mine = false;
            DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: cannot be written: {e.Message}", e);
        }
        finally
        {
            if (mine)
            {
                Discard(temporary);
            }
        }
    }

    /// <summary>Makes sure that <see cref="Write"/> will find a folder it may write to, for files that come at the end of long work.</summary>
    /// <param name="path">The file; if it exists, it stays as it is.</param>
    /// <exception cref="EngineException">The file could not be written; names it and the cause.</exception>
    public static void RequireWritable(string path)
    {
        if (Directory.Exists(path))
        {
            throw new EngineException($"{path}: cannot be written: it is a folder.");
        }

        try
        {
            new FileStream(path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: cannot be written: {e.Message}", e);
        }

        Discard(path + ".tmp");
    }

    // The error that brought us here matters more than one of tidying up.
    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }
}
