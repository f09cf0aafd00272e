using System.Text;
using System.Text.Json;

namespace Engine.Tests.Serialization;

/// <summary>Builds safetensors files by hand, valid or not.</summary>
internal sealed class RawFile
{
    private readonly List<string> _entries = [];
    private readonly List<byte> _data = [];

    public void Add(string name, string dtype, long[] shape, IEnumerable<byte> data)
    {
        int start = _data.Count;
        _data.AddRange(data);
        _entries.Add(Entry(name, dtype, shape, start, _data.Count));
    }

    public static string Entry(string name, string dtype, long[] shape, long start, long end) =>
        $"{JsonSerializer.Serialize(name)}:{{\"dtype\":\"{dtype}\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{start},{end}]}}";

    public void Save(string path) => File.WriteAllBytes(path, Bytes($"{{{string.Join(',', _entries)}}}", [.. _data]));

    public static byte[] Bytes(string header, byte[] data) => Bytes(Encoding.UTF8.GetBytes(header), data);

    public static byte[] Bytes(byte[] header, byte[] data) => [.. BitConverter.GetBytes((long)header.Length), .. header, .. data];
}
