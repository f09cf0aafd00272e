using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Engine.Serialization;

/// <summary>The typed values of a GGUF file (docs/gguf.md, enum gguf_metadata_value_type).</summary>
internal static class GgufMetadata
{
    private const uint StringType = 8;
    private const uint ArrayType = 9;

    /// <summary>Reads keys and values.</summary>
    /// <exception cref="FormatException">A value is damaged or a key comes twice; says where.</exception>
    public static Dictionary<string, object> Read(FileCursor cursor, long pairs)
    {
        Dictionary<string, object> values = new(StringComparer.Ordinal);
        for (long i = 0; i < pairs; i++)
        {
            string key = Text(cursor);
            if (!values.TryAdd(key, Value(cursor, cursor.Read<uint>(), key)))
            {
                throw cursor.Fault($"the key {key} comes twice");
            }
        }

        return values;
    }

    /// <summary>Writes one value with its type in front.</summary>
    /// <exception cref="EngineException">The format has no such type.</exception>
    public static void Write(BinaryWriter writer, string key, object value)
    {
        uint type = TypeOf(value) ?? throw new EngineException($"{key}: a value of type {value.GetType().Name} cannot be written to a GGUF file.");
        writer.Write(type);
        if (type != ArrayType)
        {
            WriteBare(writer, value);
            return;
        }

        Array items = (Array)value;
        writer.Write(TypeOf(items.GetType() == typeof(string[]) ? string.Empty : items.Length > 0 ? items.GetValue(0)! : 0)!.Value);
        writer.Write((ulong)items.Length);
        foreach (object item in items)
        {
            WriteBare(writer, item);
        }
    }

    /// <summary>Writes a text with its length in front.</summary>
    public static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    // Arrays of arrays are in the format but in no file; they are refused.
    private static object Value(FileCursor cursor, uint type, string key)
    {
        if (type != ArrayType)
        {
            return Scalar(cursor, type, key);
        }

        uint of = cursor.Read<uint>();
        return of switch
        {
            0 => Numbers<byte>(),
            1 => Numbers<sbyte>(),
            2 => Numbers<ushort>(),
            3 => Numbers<short>(),
            4 => Numbers<uint>(),
            5 => Numbers<int>(),
            6 => Numbers<float>(),
            7 => Array.ConvertAll(Numbers<byte>(), b => b != 0),
            StringType => Texts(),
            10 => Numbers<ulong>(),
            11 => Numbers<long>(),
            12 => Numbers<double>(),
            _ => throw cursor.Fault($"{key} is an array of type {of}, which is not read"),
        };

        T[] Numbers<T>()
            where T : unmanaged
        {
            long count = cursor.Count($"the length of {key}", Unsafe.SizeOf<T>());
            return MemoryMarshal.Cast<byte, T>(cursor.Bytes(count * Unsafe.SizeOf<T>(), key)).ToArray();
        }

        string[] Texts()
        {
            string[] texts = new string[cursor.Count($"the length of {key}", sizeof(ulong))];
            for (int i = 0; i < texts.Length; i++)
            {
                texts[i] = Text(cursor);
            }

            return texts;
        }
    }

    private static object Scalar(FileCursor cursor, uint type, string key) => type switch
    {
        0 => cursor.Read<byte>(),
        1 => cursor.Read<sbyte>(),
        2 => cursor.Read<ushort>(),
        3 => cursor.Read<short>(),
        4 => cursor.Read<uint>(),
        5 => cursor.Read<int>(),
        6 => cursor.Read<float>(),
        7 => cursor.Read<byte>() != 0,
        StringType => Text(cursor),
        10 => cursor.Read<ulong>(),
        11 => cursor.Read<long>(),
        12 => cursor.Read<double>(),
        _ => throw cursor.Fault($"{key} has the unknown type {type}"),
    };

    private static string Text(FileCursor cursor) => cursor.Text(cursor.Count("the length of a text"), "a text");

    private static uint? TypeOf(object value) => value switch
    {
        byte => 0,
        sbyte => 1,
        ushort => 2,
        short => 3,
        uint => 4,
        int => 5,
        float => 6,
        bool => 7,
        string => StringType,
        ulong => 10,
        long => 11,
        double => 12,
        byte[] or sbyte[] or ushort[] or short[] or uint[] or int[] or float[] or bool[] or string[] or ulong[] or long[] or double[] => ArrayType,
        _ => null,
    };

    private static void WriteBare(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case byte v: writer.Write(v); break;
            case sbyte v: writer.Write(v); break;
            case ushort v: writer.Write(v); break;
            case short v: writer.Write(v); break;
            case uint v: writer.Write(v); break;
            case int v: writer.Write(v); break;
            case float v: writer.Write(v); break;
            case bool v: writer.Write(v); break;
            case ulong v: writer.Write(v); break;
            case long v: writer.Write(v); break;
            case double v: writer.Write(v); break;
            default: WriteText(writer, (string)value); break;
        }
    }
}
