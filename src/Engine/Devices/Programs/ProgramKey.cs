using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Engine;

/// <summary>
/// What a compiled program is a function of — text, device, driver, options — as one SHA-256. Two programs with the same key
/// are the same program, so the key is the name of the file in a <see cref="ProgramCache"/>.
/// </summary>
public readonly record struct ProgramKey
{
    private ProgramKey(string hash) => Hash = hash;

    /// <summary>The hash, 64 hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>The key with a known hash.</summary>
    internal static ProgramKey OfHash(string hash) => new(hash);

    /// <summary>The key of everything that <paramref name="parts"/> say, in order.</summary>
    /// <param name="parts">The program's text, the device's name, the driver's version, the compiler's options …</param>
    public static ProgramKey Of(params ReadOnlySpan<string> parts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (string part in parts)
        {
            // The length first: "ab" + "c" is not "a" + "bc".
            byte[] bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return new ProgramKey(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
