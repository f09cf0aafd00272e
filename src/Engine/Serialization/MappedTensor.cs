using System.IO.MemoryMappedFiles;

namespace Engine.Serialization;

/// <summary>
/// The bytes of a tensor in the system's page cache, without a copy: pages are read when they are touched, and shared with every other program
/// that maps the file. The file must not be shortened meanwhile; the system ends a program that touches what is gone.
/// </summary>
public sealed unsafe class MappedTensor : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private bool _closed;

    internal MappedTensor(string path, WeightEntry entry, long start)
    {
        Entry = entry;
        try
        {
            _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _file?.Dispose();
            throw new EngineException($"{path}: {entry.Name} cannot be mapped: {e.Message}", e);
        }

        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _start = pointer + _view.PointerOffset + start;
    }

    /// <summary>The tensor.</summary>
    public WeightEntry Entry { get; }

    /// <summary>Some of its bytes, row-major.</summary>
    /// <param name="at">The first, counted from the tensor's start.</param>
    /// <param name="length">How many.</param>
    /// <exception cref="EngineException">They are not within the tensor, or this is disposed.</exception>
    public ReadOnlySpan<byte> Bytes(long at, int length) => !_closed && at >= 0 && length >= 0 && at <= Entry.End - Entry.Start - length
        ? new ReadOnlySpan<byte>(_start + at, length)
        : throw new EngineException($"{Entry.Name}: bytes {at} to {at + length} are not within its {Entry.End - Entry.Start}{(_closed ? ", and the map is closed" : string.Empty)}.");

    /// <summary>Ends the map.</summary>
    public void Dispose()
    {
        if (!_closed)
        {
            _closed = true;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }
}
