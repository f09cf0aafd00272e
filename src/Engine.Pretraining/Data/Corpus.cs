using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Engine.Pretraining.Data;

/// <summary>The text a run learns from.</summary>
/// <param name="Name">Its path, or the name of a built-in corpus; messages begin with it.</param>
/// <param name="Text">All of it, as it stands in the file; only a byte-order mark is left out.</param>
public sealed record Corpus(string Name, string Text)
{
    /// <summary>The corpus inside the library: 1,115,394 characters of Shakespeare (Karpathy, char-rnn).</summary>
    public const string TinyShakespeare = "tinyshakespeare";

    /// <summary>The longest file read at once; .NET strings end at about a thousand million characters.</summary>
    private const long MaxBytes = 1_000_000_000;

    /// <summary>Reads a text file, or the built-in corpus of that name.</summary>
    /// <param name="path">A UTF-8 file, or <see cref="TinyShakespeare"/>.</param>
    /// <exception cref="EngineException">The file is missing, a folder, unreadable, empty, too large or not text; one sentence that names it.</exception>
    public static Corpus Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new Corpus(path, path == TinyShakespeare ? BuiltIn() : Decode(path, ReadFile(path)));
    }

    private static string BuiltIn()
    {
        using Stream stream = typeof(Corpus).Assembly.GetManifestResourceStream("tinyshakespeare.txt")
            ?? throw new InvalidOperationException("The corpus tinyshakespeare is missing from the assembly.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static byte[] ReadFile(string path)
    {
        if (Directory.Exists(path))
        {
            throw new EngineException($"{path}: is a folder; the corpus must be one text file.");
        }

        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.Length > MaxBytes)
            {
                throw new EngineException($"{path}: has {Bytes.Format(file.Length)}; a text corpus may have at most {Bytes.Format(MaxBytes)}.");
            }

            // Pipes and devices have no length: read until the end either way.
            using MemoryStream bytes = new((int)file.Length);
            file.CopyTo(bytes);
            return bytes.ToArray();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EngineException($"{path}: there is no such corpus file.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new EngineException($"{path}: the corpus cannot be read: permission denied.", e);
        }
        catch (Exception e) when (e is IOException or NotSupportedException or ArgumentException)
        {
            throw new EngineException($"{path}: the corpus cannot be read: {e.Message}", e);
        }
    }

    private static string Decode(string path, byte[] bytes)
    {
        ReadOnlySpan<byte> text = bytes;
        int mark = text.StartsWith("\uFEFF"u8) ? 3 : 0;
        text = text[mark..];
        if (text.IsEmpty)
        {
            throw new EngineException($"{path}: the corpus is empty.");
        }

        int zero = text.IndexOf((byte)0);
        if (zero >= 0)
        {
            throw new EngineException($"{path}: is not text: byte {mark + zero} is zero; the corpus must be UTF-8 text.");
        }

        char[] characters = new char[text.Length];
        return Utf8.ToUtf16(text, characters, out int read, out int written, replaceInvalidSequences: false) == OperationStatus.Done
            ? new string(characters, 0, written)
            : throw new EngineException($"{path}: is not text: byte {mark + read} does not continue valid UTF-8; the corpus must be UTF-8 text.");
    }
}
