using System.Security.Cryptography;
using System.Text;
using Engine.Serialization;

namespace Engine.Pretraining.Training;

/// <summary>
/// The file <c>SHA256SUMS</c> of a checkpoint, in the format that <c>sha256sum -c</c> reads: finds truncation and flipped bits
/// before any value is used.
/// </summary>
internal static class Checksums
{
    public const string FileName = "SHA256SUMS";

    /// <summary>Writes the sums of every other file of the folder.</summary>
    public static void Write(string folder)
    {
        StringBuilder text = new();
        foreach (string path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            text.Append(Sum(path)).Append("  ").Append(Path.GetFileName(path)).Append('\n');
        }

        AtomicFile.Write(Path.Combine(folder, FileName), stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Checks every file against its sum.</summary>
    /// <exception cref="EngineException">A file is missing, cut off or changed; names it.</exception>
    public static void Verify(string folder)
    {
        string sums = Path.Combine(folder, FileName);
        if (!File.Exists(sums))
        {
            throw Damaged(folder, $"{FileName} is missing");
        }

        string[] lines = File.ReadAllLines(sums);
        if (lines.Length == 0)
        {
            throw Damaged(folder, $"{FileName} is empty");
        }

        foreach (string line in lines)
        {
            string[] parts = line.Split("  ", 2);
            string path = parts.Length == 2 ? Path.Combine(folder, Path.GetFileName(parts[1])) : string.Empty;
            if (parts.Length != 2 || parts[0].Length != 64)
            {
                throw Damaged(folder, $"{FileName} is not readable");
            }

            if (!File.Exists(path))
            {
                throw Damaged(folder, $"{parts[1]} is missing");
            }

            if (Sum(path) != parts[0])
            {
                throw Damaged(folder, $"{parts[1]} is truncated or changed (its SHA-256 does not match)");
            }
        }
    }

    private static string Sum(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static EngineException Damaged(string folder, string what) => new(
        $"{folder}: the checkpoint is damaged: {what}. Move this folder away to resume from the checkpoint before it.");
}
