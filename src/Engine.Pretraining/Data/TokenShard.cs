using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Data;

/// <summary>
/// A file of tokens mapped into memory (format: <see cref="TokenShardHeader"/>): pages are read when touched and belong to
/// the system's file cache, so a corpus may be larger than memory, and several processes share one copy.
/// </summary>
public sealed unsafe class TokenShard : ITokenSource, IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _tokens;
    private bool _disposed;

    private TokenShard(string path, TokenShardHeader header, MemoryMappedFile file)
    {
        (Name, Header, _file) = (path, header, file);
        _view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _tokens = start + _view.PointerOffset + TokenShardHeader.Size;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>What the file says of itself.</summary>
    public TokenShardHeader Header { get; }

    /// <inheritdoc/>
    public long Count => Header.Count;

    /// <inheritdoc/>
    public int VocabSize => Header.VocabSize;

    /// <summary>Maps a shard and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tokenizer">The tokenizer that the tokens must come from; null to take any.</param>
    /// <exception cref="EngineException">The file is missing, not a shard, damaged, or of another tokenizer; names the fault.</exception>
    public static TokenShard Open(string path, ITokenizer? tokenizer = null)
    {
        MemoryMappedFile? map = null;
        try
        {
            FileStream file = File.OpenRead(path);
            Span<byte> bytes = stackalloc byte[TokenShardHeader.Size];
            TokenShardHeader header;
            try
            {
                int read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
                header = TokenShardHeader.Read(path, bytes[..read], file.Length);
                map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            }
            catch
            {
                file.Dispose();
                throw;
            }

            if (tokenizer is not null && header.Tokenizer != TokenizerFile.Fingerprint(tokenizer))
            {
                throw new EngineException(
                    $"{path}: was made by another tokenizer (vocabulary of {header.VocabSize}) than this {tokenizer.Kind} tokenizer (vocabulary of {tokenizer.VocabSize}).");
            }

            return new TokenShard(path, header, map);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            map?.Dispose();
            throw new EngineException($"{path}: the token shard cannot be opened: {e.Message}", e);
        }
        catch
        {
            map?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Read(long start, Span<int> tokens)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        TokenSlice.CheckRange(start, tokens.Length, Count);
        if (Header.Width == 2)
        {
            ushort* from = (ushort*)_tokens + start;
            for (int i = 0; i < tokens.Length; i++)
            {
                tokens[i] = BitConverter.IsLittleEndian ? from[i] : BinaryPrimitives.ReverseEndianness(from[i]);
            }
        }
        else
        {
            int* from = (int*)_tokens + start;
            for (int i = 0; i < tokens.Length; i++)
            {
                tokens[i] = BitConverter.IsLittleEndian ? from[i] : BinaryPrimitives.ReverseEndianness(from[i]);
            }
        }

        // Opening does not read the data, so damage shows here; an id beyond V must not reach the embedding.
        for (int i = 0; i < tokens.Length; i++)
        {
            if ((uint)tokens[i] >= (uint)VocabSize)
            {
                throw new EngineException($"{Name}: is damaged: token {start + i} is {tokens[i]}, beyond the vocabulary of {VocabSize}.");
            }
        }
    }

    /// <summary>Reads the whole file and compares its checksum; takes as long as the disk does.</summary>
    /// <exception cref="EngineException">The data is damaged.</exception>
    public void Verify()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        const long Piece = 1 << 30;
        uint crc = 0;
        long bytes = Count * Header.Width;
        for (long at = 0; at < bytes; at += Piece)
        {
            crc = TokenShardHeader.Crc(crc, new ReadOnlySpan<byte>(_tokens + at, (int)Math.Min(Piece, bytes - at)));
        }

        if (crc != Header.DataCrc)
        {
            throw new EngineException($"{Name}: the tokens are damaged: their checksum is wrong.");
        }
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }
}
