using System.Globalization;
using System.Runtime.InteropServices;

namespace Engine.Serialization;

/// <summary>
/// A graph of ONNX operators (onnx/onnx, onnx.proto; opset 20) that is built op by op and written as a .onnx file, weights included. Names of
/// values are made here; each op gives back that of its result.
/// </summary>
/// <param name="name">The graph's name.</param>
public sealed class OnnxGraph(string name)
{
    private const int Opset = 20;
    private const int IrVersion = 9;
    private const int FloatType = 1;
    private const int Int64Type = 7;

    // Field numbers of GraphProto.
    private const int Node = 1;
    private const int Initializer = 5;
    private const int Input = 11;
    private const int Output = 12;

    private readonly ProtoWriter _body = new ProtoWriter().Text(2, name);
    private readonly Dictionary<string, Tensor> _weights = new(StringComparer.Ordinal);
    private readonly HashSet<string> _constants = new(StringComparer.Ordinal);
    private int _values;

    /// <summary>An input of int64 with axes of these names.</summary>
    public string AddInput(string input, params ReadOnlySpan<string> axes)
    {
        _ = _body.Bytes(Input, Value(input, Int64Type, axes));
        return input;
    }

    /// <summary>Gives a value a name and makes it a result of float32.</summary>
    public void AddOutput(string output, string value, params ReadOnlySpan<string> axes)
    {
        AddNode("Identity", output, [value], []);
        _ = _body.Bytes(Output, Value(output, FloatType, axes));
    }

    /// <summary>An op.</summary>
    /// <param name="type">The operator.</param>
    /// <param name="inputs">Its operands.</param>
    /// <param name="attributes">Its attributes: long, float, string or long[].</param>
    /// <returns>Its result.</returns>
    public string Op(string type, ReadOnlySpan<string> inputs, params ReadOnlySpan<(string Key, object Value)> attributes)
    {
        string output = string.Create(CultureInfo.InvariantCulture, $"v{_values++}");
        AddNode(type, output, inputs, attributes);
        return output;
    }

    /// <summary>Whole numbers: a scalar of one, a vector of several.</summary>
    public string Ints(params ReadOnlySpan<long> numbers)
    {
        string constant = $"ints {string.Join(' ', numbers.ToArray())}";
        if (_constants.Add(constant))
        {
            _ = _body.Bytes(Initializer, Constant(constant, Int64Type, MemoryMarshal.AsBytes(numbers), numbers.Length));
        }

        return constant;
    }

    /// <summary>A whole number without axes.</summary>
    public string Int(long number)
    {
        string constant = $"int {number}";
        if (_constants.Add(constant))
        {
            _ = _body.Bytes(Initializer, Constant(constant, Int64Type, MemoryMarshal.AsBytes([number])));
        }

        return constant;
    }

    /// <summary>A float32 without axes.</summary>
    public string Float(float number)
    {
        string constant = string.Create(CultureInfo.InvariantCulture, $"float {number:R}");
        if (_constants.Add(constant))
        {
            _ = _body.Bytes(Initializer, Constant(constant, FloatType, MemoryMarshal.AsBytes([number])));
        }

        return constant;
    }

    /// <summary>A table of float32 that is computed here.</summary>
    public string Table(string table, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        _ = _body.Bytes(Initializer, Constant(table, FloatType, MemoryMarshal.AsBytes(values), shape));
        return table;
    }

    /// <summary>A contiguous float32 tensor, which must live until the graph is written.</summary>
    public string Weight(string weight, Tensor value)
    {
        _weights[weight] = value;
        return weight;
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <exception cref="EngineException">It would be larger than Protocol Buffers allow, or cannot be written.</exception>
    public void Save(string path)
    {
        (byte[] Head, Tensor Value)[] weights = [.. _weights.Select(w => (Head(w.Key, w.Value), w.Value))];
        byte[] body = _body.ToArray();
        long graph = body.Length + weights.Sum(w => w.Head.Length + (w.Value.Count * sizeof(float)));
        if (graph > int.MaxValue - (1 << 20))
        {
            throw new EngineException($"{path}: the graph has {graph} bytes; an ONNX file has less than 2 GiB.");
        }

        ProtoWriter model = new ProtoWriter().Number(1, IrVersion).Text(2, "Engine").Bytes(8, new ProtoWriter().Text(1, string.Empty).Number(2, Opset).ToArray()).Head(7, graph);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(model.ToArray());
            stream.Write(body);
            foreach ((byte[] head, Tensor value) in weights)
            {
                stream.Write(head);
                TensorTransfer.CopyTo(value, stream);
            }
        });
    }

    // A weight's message up to its data, which is its last field, with the tag of the graph's field in front.
    private static byte[] Head(string weight, Tensor value)
    {
        ProtoWriter tensor = Dims(value.Shape.Span.ToArray().Select(s => (long)s)).Number(2, FloatType).Text(8, weight).Head(9, value.Count * sizeof(float));
        byte[] inner = tensor.ToArray();
        return [.. new ProtoWriter().Head(Initializer, inner.Length + (value.Count * sizeof(float))).ToArray(), .. inner];
    }

    private static byte[] Constant(string constant, int type, ReadOnlySpan<byte> data, params ReadOnlySpan<long> shape) =>
        Dims(shape.ToArray()).Number(2, type).Text(8, constant).Bytes(9, data).ToArray();

    private static ProtoWriter Dims(IEnumerable<long> shape) => shape.Aggregate(new ProtoWriter(), (writer, size) => writer.Number(1, size));

    // An axis is a number or, if it is named, as long as the input makes it.
    private static byte[] Value(string value, int type, ReadOnlySpan<string> axes)
    {
        ProtoWriter shape = new();
        foreach (string axis in axes)
        {
            _ = shape.Bytes(1, (long.TryParse(axis, NumberStyles.None, CultureInfo.InvariantCulture, out long size) ? new ProtoWriter().Number(1, size) : new ProtoWriter().Text(2, axis)).ToArray());
        }

        byte[] tensor = new ProtoWriter().Number(1, type).Bytes(2, shape.ToArray()).ToArray();
        return new ProtoWriter().Text(1, value).Bytes(2, new ProtoWriter().Bytes(1, tensor).ToArray()).ToArray();
    }

    private void AddNode(string type, string output, ReadOnlySpan<string> inputs, ReadOnlySpan<(string Key, object Value)> attributes)
    {
        ProtoWriter node = new();
        foreach (string input in inputs)
        {
            _ = node.Text(1, input);
        }

        _ = node.Text(2, output).Text(3, output).Text(4, type);
        foreach ((string key, object value) in attributes)
        {
            ProtoWriter attribute = new ProtoWriter().Text(1, key);
            _ = value switch
            {
                float f => attribute.Float(2, f).Number(20, 1),
                long i => attribute.Number(3, i).Number(20, 2),
                string s => attribute.Text(4, s).Number(20, 3),
                long[] list => list.Aggregate(attribute, (a, i) => a.Number(8, i)).Number(20, 7),
                _ => throw new EngineException($"ONNX: attribute {key} of {type} is a {value.GetType().Name}; expected long, float, string or long[]."),
            };
            _ = node.Bytes(5, attribute.ToArray());
        }

        _ = _body.Bytes(Node, node.ToArray());
    }
}
