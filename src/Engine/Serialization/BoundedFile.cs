using Microsoft.Win32.SafeHandles;

namespace Engine.Serialization;

/// <summary>
/// A file that is read at places that it names itself: every read is checked against its length, and every fault is a sentence with
/// the file and the byte. Reads are positioned, so any thread may read, and a file that shrinks while open is an error and no crash,
/// which it would be through a memory map.
/// </summary>
internal sealed class BoundedFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    private BoundedFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
    }

    public string Path { get; }

    /// <summary>Bytes when it was opened.</summary>
    public long Length { get; }

    /// <summary>Opens a file and reads its head; it stays open only if that succeeds.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">What it should be, for messages: <c>safetensors</c>, <c>GGUF</c> …</param>
    /// <param name="parse">Reads the head; says with a <see cref="FormatException"/> what is wrong with it.</param>
    /// <exception cref="EngineException">It is missing, unreadable or not in this format; names file and fault.</exception>
    public static T Open<T>(string path, string format, Func<BoundedFile, T> parse)
    {
        SafeFileHandle? handle = null;
        try
        {
            // A checkpoint may be replaced while an older reader has it open.
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
            return parse(new BoundedFile(path, handle));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            handle?.Dispose();
            throw new EngineException($"{path}: cannot be opened: {e.Message}", e);
        }
        catch (Exception e) when (e is FormatException or System.Text.DecoderFallbackException)
        {
            handle?.Dispose();
            throw new EngineException($"{path}: not a valid {format} file: {e.Message.TrimEnd('.')}.", e);
        }
        catch
        {
            handle?.Dispose();
            throw;
        }
    }

    /// <summary>Reads bytes at a place.</summary>
    /// <exception cref="FormatException">The file ends before.</exception>
    public void Read(long at, Span<byte> into)
    {
        if (at < 0 || at > Length - into.Length)
        {
            throw new FormatException($"bytes {at} to {at + into.Length} are wanted, but the file has {Length}");
        }

        while (into.Length > 0)
        {
            int count = RandomAccess.Read(_handle, into, at);
            if (count == 0)
            {
                throw new FormatException($"the file ended at byte {at}, before what its header promises");
            }

            into = into[count..];
            at += count;
        }
    }

    /// <summary>The same for a tensor's data, after opening.</summary>
    /// <exception cref="EngineException">It cannot be read; names file and tensor.</exception>
    public void ReadData(string name, long at, Span<byte> into)
    {
        try
        {
            Read(at, into);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new EngineException($"{Path}: {name} cannot be read: {e.Message}", e);
        }
    }

    public void Dispose() => _handle.Dispose();
}
