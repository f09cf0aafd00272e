using System.Runtime.InteropServices;
using System.Text;

namespace Engine.Serialization;

/// <summary>Writes a GGUF file of version 3, one tensor after the other.</summary>
internal sealed class GgufWriter
{
    private readonly (string Key, object Value)[] _metadata;
    private readonly GgufTensor[] _tensors;

    /// <summary>Checks that every tensor fits its type.</summary>
    /// <exception cref="EngineException">One does not; names file, tensor and type.</exception>
    public GgufWriter(string path, IEnumerable<(string Key, object Value)> metadata, IEnumerable<GgufTensor> tensors)
    {
        (_metadata, _tensors) = ([.. metadata], [.. tensors]);
        foreach (GgufTensor tensor in _tensors)
        {
            Shape shape = tensor.Value.Shape;
            if (tensor.Value.DType != DType.Float32 || !tensor.Value.IsContiguous || shape.Rank is < 1 or > 4
                || !(QuantBlocks.Writes(tensor.Type) || tensor.Type is "F32" or "F16" or "BF16") || shape[^1] % FileElements.GroupOf(tensor.Type) != 0)
            {
                throw new EngineException($"{path}: {tensor.Name} {shape} cannot be written as {tensor.Type}; expected contiguous float32 of 1 to 4 axes, the last in whole blocks of {FileElements.GroupOf(tensor.Type)}.");
            }
        }
    }

    /// <summary>Writes the whole file.</summary>
    public void Write(Stream stream)
    {
        using BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)_tensors.Length);
        writer.Write((ulong)_metadata.Length);
        foreach ((string key, object value) in _metadata)
        {
            GgufMetadata.WriteText(writer, key);
            GgufMetadata.Write(writer, key, value);
        }

        long offset = 0;
        foreach (GgufTensor tensor in _tensors)
        {
            GgufMetadata.WriteText(writer, tensor.Name);
            writer.Write((uint)tensor.Value.Rank);
            for (int axis = tensor.Value.Rank - 1; axis >= 0; axis--)
            {
                writer.Write((ulong)tensor.Value.Shape[axis]);
            }

            writer.Write(GgufTypes.NumberOf(tensor.Type));
            writer.Write((ulong)offset);
            offset = Aligned(offset + FileElements.BytesOf(tensor.Type, tensor.Value.Count));
        }

        Pad(writer);
        foreach (GgufTensor tensor in _tensors)
        {
            WriteData(writer, tensor);
            Pad(writer);
        }
    }

    // One tensor in host memory at a time.
    private static void WriteData(BinaryWriter writer, GgufTensor tensor)
    {
        float[] values = new float[tensor.Value.Count];
        tensor.Value.CopyTo<float>(values);
        int width = tensor.Value.Shape[^1];
        if (tensor.RotaryHead > 0)
        {
            float[] rows = new float[values.Length];
            for (int row = 0; row < values.Length / width; row++)
            {
                values.AsSpan(row * width, width).CopyTo(rows.AsSpan((int)RotaryRows.Interleaved(row, tensor.RotaryHead) * width));
            }

            values = rows;
        }

        byte[] bytes = new byte[FileElements.BytesOf(tensor.Type, width)];
        for (int at = 0; at < values.Length; at += width)
        {
            Convert(tensor.Type, values.AsSpan(at, width), bytes);
            writer.Write(bytes);
        }
    }

    private static void Convert(string type, ReadOnlySpan<float> from, Span<byte> to)
    {
        switch (type)
        {
            case "F32":
                MemoryMarshal.AsBytes(from).CopyTo(to);
                break;
            case "F16":
            case "BF16":
                Span<byte> scratch = to;
                _ = FileElements.Convert("F32", MemoryMarshal.AsBytes(from), type == "F16" ? DType.Float16 : DType.BFloat16, scratch, new float[from.Length]);
                break;
            default:
                QuantBlocks.Quantize(type, from, to);
                break;
        }
    }

    private static long Aligned(long at) => (at + GgufFile.DefaultAlignment - 1) / GgufFile.DefaultAlignment * GgufFile.DefaultAlignment;

    private static void Pad(BinaryWriter writer)
    {
        writer.Flush();
        long at = writer.BaseStream.Position;
        writer.Write(new byte[Aligned(at) - at]);
        writer.Flush();
    }
}
