using System.Buffers.Binary;
using Engine.Pretraining.Tokenizers;
using Engine.Serialization;

namespace Engine.Pretraining.Data;

/// <summary>Writes a token shard piece by piece, for corpora that do not fit into memory.</summary>
public sealed class TokenShardWriter
{
    private readonly Stream _stream;
    private readonly int _vocabSize;
    private readonly int _width;
    private readonly byte[] _buffer = new byte[1 << 16];
    private long _count;
    private uint _crc;

    private TokenShardWriter(Stream stream, int vocabSize)
    {
        (_stream, _vocabSize, _width) = (stream, vocabSize, TokenShardHeader.WidthFor(vocabSize));
    }

    /// <summary>Writes a shard, whole or not at all.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="tokenizer">What made the tokens; the header names it.</param>
    /// <param name="write">Calls <see cref="Append"/> as often as it likes.</param>
    /// <exception cref="EngineException">The file cannot be written, or a token is not in the vocabulary.</exception>
    public static void Write(string path, ITokenizer tokenizer, Action<TokenShardWriter> write)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(write);
        AtomicFile.Write(path, stream =>
        {
            TokenShardWriter writer = new(stream, tokenizer.VocabSize);
            byte[] header = new byte[TokenShardHeader.Size];
            stream.Write(header);
            write(writer);

            // Count and checksum are known only now.
            new TokenShardHeader(writer._width, writer._count, writer._vocabSize, writer._crc, TokenizerFile.Fingerprint(tokenizer)).Write(header);
            stream.Position = 0;
            stream.Write(header);
        });
    }

    /// <summary>Adds tokens at the end.</summary>
    /// <exception cref="EngineException">A token is not in the vocabulary.</exception>
    public void Append(ReadOnlySpan<int> tokens)
    {
        for (int room = _buffer.Length / _width; !tokens.IsEmpty; tokens = tokens[Math.Min(room, tokens.Length)..])
        {
            ReadOnlySpan<int> piece = tokens[..Math.Min(room, tokens.Length)];
            Span<byte> bytes = _buffer.AsSpan(0, piece.Length * _width);
            for (int i = 0; i < piece.Length; i++)
            {
                if ((uint)piece[i] >= (uint)_vocabSize)
                {
                    throw new EngineException($"TokenShard: token {piece[i]} at position {_count + i} is not in the vocabulary of {_vocabSize}.");
                }

                if (_width == 2)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes[(i * 2)..], (ushort)piece[i]);
                }
                else
                {
                    BinaryPrimitives.WriteInt32LittleEndian(bytes[(i * 4)..], piece[i]);
                }
            }

            _stream.Write(bytes);
            _crc = TokenShardHeader.Crc(_crc, bytes);
            _count += piece.Length;
        }
    }
}
