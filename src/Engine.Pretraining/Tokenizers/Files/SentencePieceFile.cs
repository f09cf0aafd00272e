using System.Text;
using Engine.Pretraining.Tokenizers.Normalization;

namespace Engine.Pretraining.Tokenizers.Files;

/// <summary>
/// SentencePiece's .model (sentencepiece_model.proto): a message of pieces with scores and types, of how the model was
/// trained, and of how text is normalized. What makes other tokens than are implemented here is refused by name.
/// </summary>
internal static class SentencePieceFile
{
    private const int Normal = 1;
    private const int UnknownType = 2;
    private const int Control = 3;
    private const int UserDefined = 4;
    private const int Unused = 5;
    private const int ByteType = 6;

    /// <summary>No piece is so long; models are trained with a limit of 16 characters.</summary>
    private const int Longest = 1024;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a model.</summary>
    /// <exception cref="EngineException">It is damaged, or asks for what is not known here.</exception>
    public static SubwordTokenizer Read(string path, ReadOnlySpan<byte> file)
    {
        Contents contents = new();
        for (ProtobufReader field = new(path, file); field.MoveNext();)
        {
            switch (field.Field)
            {
                case 1:
                    contents.Pieces.Add(ReadPiece(path, field.Bytes, field.Offset, contents.Pieces.Count));
                    break;
                case 2:
                    ReadTraining(path, field.Bytes, field.Offset, contents);
                    break;
                case 3:
                    ReadNormalization(path, field.Bytes, field.Offset, contents);
                    break;
            }
        }

        return contents.Pieces.Count > 0 ? Build(path, contents) : throw new EngineException($"{path}: is not a SentencePiece model: it has no pieces.");
    }

    /// <summary>A tokenizer of pieces with scores.</summary>
    internal static SubwordTokenizer Build(string path, Contents contents)
    {
        List<Piece> pieces = contents.Pieces;
        AddedTokens special = [];
        int? unknown = null;
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int id = 0; id < pieces.Count; id++)
        {
            if (pieces[id].Text.Length > Longest)
            {
                throw new EngineException($"{path}: piece {id} has {pieces[id].Text.Length} characters; no model has pieces of more than {Longest}.");
            }

            if (!seen.Add(pieces[id].Text))
            {
                throw new EngineException($"{path}: the piece \"{pieces[id].Text}\" is there twice, the second time as number {id}.");
            }

            if (pieces[id].Type is Control or UnknownType or Unused)
            {
                special[id] = pieces[id].Text;
                unknown = pieces[id].Type == UnknownType ? id : unknown;
            }
        }

        bool bytes = pieces.Exists(p => p.Type == ByteType);
        string?[] tokens = [.. pieces.Select(p => p.Text)];
        float[] scores = [.. pieces.Select(p => p.Score)];
        PieceVocabulary vocabulary = new(path, tokens, special, unknown, bytes, fuseUnknown: true);
        string[] symbols = [.. pieces.Where(p => p.Type == UserDefined && p.Text.Length > 0).Select(p => p.Text)];
        PieceModel model = contents.ModelType switch
        {
            1 => new UnigramModel(vocabulary, scores),
            2 => Merges(vocabulary, pieces),
            3 => throw new EngineException($"{path}: the model is of words; this program reads SentencePiece models of types unigram and bpe."),
            4 => throw new EngineException($"{path}: the model is of characters; this program reads SentencePiece models of types unigram and bpe."),
            int other => throw new EngineException($"{path}: the model's type is {other}; this program reads SentencePiece models of types unigram and bpe."),
        };
        return new SubwordTokenizer(model, [.. contents.Normalizers()], cutsAtBlanks: false, contents.AddDummyPrefix, symbols, SequenceTemplate.None);
    }

    /// <summary>The pair whose union has the greatest score is merged first, of equal ones the left-most.</summary>
    private static CharacterMerges Merges(PieceVocabulary vocabulary, List<Piece> pieces)
    {
        int rank = 0;
        float last = float.NaN;
        List<(string Token, int Id, int Rank)> tokens = [];
        foreach ((int id, Piece piece) in pieces.Index().Where(p => p.Item.Type == Normal).OrderByDescending(p => p.Item.Score))
        {
            rank += piece.Score == last ? 0 : 1;
            last = piece.Score;
            tokens.Add((piece.Text, id, rank));
        }

        VocabularyMerges merges = VocabularyMerges.Of(tokens, vocabulary.Ids);
        return new CharacterMerges(vocabulary, merges.Merges, merges.Made, merges.Ranks);
    }

    private static Piece ReadPiece(string path, ReadOnlySpan<byte> message, int offset, int id)
    {
        Piece piece = new(string.Empty, 0, Normal);
        for (ProtobufReader field = new(path, message, offset); field.MoveNext();)
        {
            piece = field.Field switch
            {
                1 => piece with { Text = Text(path, field.Bytes, field.Offset) },
                2 => piece with { Score = BitConverter.UInt32BitsToSingle((uint)field.Number) },
                3 => piece with { Type = (int)Math.Min(field.Number, int.MaxValue) },
                _ => piece,
            };
        }

        return piece.Type is >= Normal and <= ByteType && float.IsFinite(piece.Score) && (piece.Text.Length > 0 || piece.Type != Normal)
            ? piece
            : throw new EngineException($"{path}: piece {id} at byte {offset} has no text, the type {piece.Type} or the score {piece.Score}; the model is damaged.");
    }

    private static void ReadTraining(string path, ReadOnlySpan<byte> message, int offset, Contents contents)
    {
        for (ProtobufReader field = new(path, message, offset); field.MoveNext();)
        {
            switch (field.Field)
            {
                case 3:
                    contents.ModelType = (int)Math.Min(field.Number, int.MaxValue);
                    break;
                case 24 when field.Number != 0:
                    throw new EngineException($"{path}: treat_whitespace_as_suffix is true; this program reads models that put blanks before words.");
            }
        }
    }

    private static void ReadNormalization(string path, ReadOnlySpan<byte> message, int offset, Contents contents)
    {
        for (ProtobufReader field = new(path, message, offset); field.MoveNext();)
        {
            switch (field.Field)
            {
                case 2 when !field.Bytes.IsEmpty:
                    contents.Replacements = new Precompiled(path, field.Bytes.ToArray());
                    break;
                case 3:
                    contents.AddDummyPrefix = field.Number != 0;
                    break;
                case 4:
                    contents.RemoveExtraWhitespaces = field.Number != 0;
                    break;
                case 5:
                    contents.EscapeWhitespaces = field.Number != 0;
                    break;
            }
        }
    }

    private static string Text(string path, ReadOnlySpan<byte> bytes, int offset)
    {
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new EngineException($"{path}: the piece at byte {offset} is not UTF-8; the model is damaged.", e);
        }
    }

    internal readonly record struct Piece(string Text, float Score, int Type);

    /// <summary>What a model says, and what it means where it says nothing.</summary>
    internal sealed class Contents
    {
        public List<Piece> Pieces { get; } = [];

        public int ModelType { get; set; } = 1;

        public Normalizer? Replacements { get; set; }

        public bool AddDummyPrefix { get; set; } = true;

        public bool RemoveExtraWhitespaces { get; set; } = true;

        public bool EscapeWhitespaces { get; set; } = true;

        /// <summary>The same steps as in SentencePiece's normalizer.cc, one after the other.</summary>
        public IEnumerable<Normalizer> Normalizers()
        {
            if (Replacements is not null)
            {
                yield return Replacements;
            }

            if (RemoveExtraWhitespaces)
            {
                yield return new Replace(Replace.OuterBlanks, true, string.Empty);
                yield return new Replace(Replace.ManyBlanks, true, " ");
            }

            if (AddDummyPrefix)
            {
                yield return new Prepend(EscapeWhitespaces ? SubwordTokenizer.BlankText : " ");
            }

            if (EscapeWhitespaces)
            {
                yield return new Replace(" ", false, SubwordTokenizer.BlankText);
            }
        }
    }
}
