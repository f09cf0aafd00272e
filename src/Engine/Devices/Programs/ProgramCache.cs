namespace Engine;

/// <summary>
/// Compiled programs on disk, so that a kernel is compiled once for a machine and not once for a process. A file that is
/// damaged is discarded and its program compiled again. Processes may share a folder: each writes to a name of its own and
/// renames, so a reader finds a whole file or none.
/// </summary>
/// <remarks>
/// A cache is an optimisation: a folder that cannot be read or written costs time and nothing else. <see cref="Problem"/> says so.
/// </remarks>
public sealed class ProgramCache
{
    private const string Extension = ".program";
    private const string Temporary = ".writing";

    /// <summary>A cache in <paramref name="folder"/>, which is made when the first program is stored.</summary>
    public ProgramCache(string folder) => Folder = folder;

    /// <summary>
    /// The folder of <c>ENGINE_CACHE_DIR</c> if that is set, else <c>engine/programs</c> in the user's cache folder:
    /// <c>$XDG_CACHE_HOME</c> or <c>~/.cache</c> on Linux, <c>~/Library/Caches</c> on macOS, the local application data on Windows.
    /// </summary>
    public static string DefaultFolder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("ENGINE_CACHE_DIR") is { Length: > 0 } chosen)
            {
                return Path.GetFullPath(chosen);
            }

            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            string caches =
                OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches")
                : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
                : Path.Combine(home, ".cache");
            return Path.Combine(caches, "engine", "programs");
        }
    }

    /// <summary>Where the files are.</summary>
    public string Folder { get; }

    /// <summary>Why the last attempt to read or write a file failed; null if none did.</summary>
    public string? Problem { get; private set; }

    /// <summary>The program of a key; null if there is none. A damaged file is deleted.</summary>
    public byte[]? Load(ProgramKey key)
    {
        string path = PathOf(key);
        if (ReadFile(path) is not { } file)
        {
            return null;
        }

        if (ProgramFile.TryRead(file, key, out byte[] program))
        {
            return program;
        }

        Problem = $"{path} was damaged and has been deleted";
        Delete(path);
        return null;
    }

    /// <summary>Keeps a program.</summary>
    /// <param name="key">What it was compiled from.</param>
    /// <param name="label">The kernel and the device, for <see cref="List"/>.</param>
    /// <param name="program">The driver's binary.</param>
    public void Store(ProgramKey key, string label, ReadOnlySpan<byte> program)
    {
        // Unsynced on purpose: a file cut short by a power failure fails its checksum.
        string path = PathOf(key);
        string temporary = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}{Temporary}";
        try
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllBytes(temporary, ProgramFile.Write(key, label, program));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Delete(temporary);
            Problem = $"{path} cannot be written: {e.Message}";
        }
    }

    /// <summary>Deletes the program of a key: the driver did not take it.</summary>
    public void Discard(ProgramKey key) => Delete(PathOf(key));

    /// <summary>Every program, newest first.</summary>
    public IReadOnlyList<CachedProgram> List() =>
    [
        .. Files(Extension)
            .Select(file => new CachedProgram(
                ReadFile(file.FullName) is { } bytes && ProgramFile.TryLabel(bytes, out string label) ? label : null,
                file.FullName, file.Length, file.LastWriteTimeUtc))
            .OrderByDescending(program => program.Written),
    ];

    /// <summary>Deletes every program, and what killed processes left half written; returns the bytes freed.</summary>
    public long Clear()
    {
        long bytes = 0;
        foreach (FileInfo file in Files(Extension).Concat(Files(Temporary)))
        {
            bytes += Delete(file.FullName) ? file.Length : 0;
        }

        return bytes;
    }

    private string PathOf(ProgramKey key) => Path.Combine(Folder, key.Hash + Extension);

    private FileInfo[] Files(string extension)
    {
        DirectoryInfo folder = new(Folder);
        return folder.Exists ? folder.GetFiles("*" + extension) : [];
    }

    private byte[]? ReadFile(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllBytes(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process may just have discarded it.
            Problem = $"{path} cannot be read: {e.Message}";
            return null;
        }
    }

    private bool Delete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Problem = $"{path} cannot be deleted: {e.Message}";
            return false;
        }
    }
}
