using System.Buffers.Binary;
using System.Text;

namespace Engine.Pretraining.Tokenizers.Files;

/// <summary>
/// llama2.c's tokenizer.bin (Karpathy 2023, tokenizer.py and run.c): the length of the longest piece, then for each piece its
/// score, its length and its bytes. It holds a SentencePiece model of pairs: &lt;unk&gt;, &lt;s&gt;, &lt;/s&gt;, 256 bytes, pieces
/// with blanks written as such.
/// </summary>
internal static class Llama2CFile
{
    private const int FirstByte = 3;

    /// <summary>Reads a vocabulary.</summary>
    /// <exception cref="EngineException">It is cut off or no such file; names the place.</exception>
    public static SubwordTokenizer Read(string path, ReadOnlySpan<byte> file)
    {
        SentencePieceFile.Contents contents = new() { ModelType = 2, RemoveExtraWhitespaces = false };
        for (int at = 4; at < file.Length;)
        {
            int id = contents.Pieces.Count;
            int length = file.Length - at >= 8 ? BinaryPrimitives.ReadInt32LittleEndian(file[(at + 4)..]) : -1;
            if (length < 0 || length > file.Length - at - 8)
            {
                throw new EngineException($"{path}: is not a tokenizer of llama2.c: piece {id} at byte {at} is cut off or has the length {length}.");
            }

            float score = BinaryPrimitives.ReadSingleLittleEndian(file[at..]);
            string text = Encoding.UTF8.GetString(file.Slice(at + 8, length));
            contents.Pieces.Add(id switch
            {
                0 => new SentencePieceFile.Piece("<unk>", 0, 2),
                1 => new SentencePieceFile.Piece("<s>", 0, 3),
                2 => new SentencePieceFile.Piece("</s>", 0, 3),
                < FirstByte + 256 => new SentencePieceFile.Piece(PieceVocabulary.SpellByte((byte)(id - FirstByte)), 0, 6),
                _ when text.Length > 0 && !float.IsNaN(score) => new SentencePieceFile.Piece(text.Replace(' ', SubwordTokenizer.Blank), score, 1),
                _ => throw new EngineException($"{path}: piece {id} at byte {at} has no text or no score."),
            });
            at += 8 + length;
        }

        return contents.Pieces.Count > FirstByte + 256
            ? SentencePieceFile.Build(path, contents)
            : throw new EngineException($"{path}: is not a tokenizer of llama2.c: it has {contents.Pieces.Count} pieces, fewer than there are bytes.");
    }
}
