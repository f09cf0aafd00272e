using System.Numerics;

namespace Engine.Serialization;

/// <summary>A storage of a PyTorch file: a run of elements of one type under a key.</summary>
internal sealed record TorchStorage(string Key, string DType, long Count);

/// <summary>A tensor of a PyTorch file: a strided view of a storage.</summary>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>Whether its elements lie one after the other in row-major order.</summary>
    public bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int axis = Shape.Length - 1; axis >= 0; axis--)
            {
                if (Shape[axis] != 1 && Strides[axis] != expected)
                {
                    return false;
                }

                expected *= Shape[axis];
            }

            return true;
        }
    }
}

/// <summary>The few names that files of tensors mention (PyTorch, torch/_utils.py and torch/serialization.py).</summary>
internal sealed class TorchTypes : IPickleTypes
{
    /// <summary>The storages that the pickle mentioned, by key.</summary>
    public Dictionary<string, TorchStorage> Storages { get; } = new(StringComparer.Ordinal);

    public bool Knows(PickleGlobal global) => (global.Module, global.Name) switch
    {
        ("collections", "OrderedDict") => true,
        ("torch._utils", "_rebuild_tensor" or "_rebuild_tensor_v2" or "_rebuild_parameter") => true,
        ("torch", "Size" or "device") => true,
        ("torch", _) => TypeOf(global) is not null,
        _ => false,
    };

    public object? Call(PickleGlobal function, object?[] arguments) => (function.Name, arguments) switch
    {
        ("OrderedDict", []) => new PickleDict(),
        ("Size" or "device", _) => arguments,
        ("_rebuild_tensor" or "_rebuild_tensor_v2", [TorchStorage storage, long offset, object?[] shape, object?[] strides, ..]) => View(storage, offset, shape, strides),
        ("_rebuild_parameter", [TorchTensor tensor, ..]) => tensor,
        _ => throw new FormatException($"{function} is called with arguments that it does not take"),
    };

    public object? Persistent(object? id)
    {
        if (id is not object?[] { Length: >= 5 } parts || parts is not ["storage", PickleGlobal type, string key, _, long count, ..] || TypeOf(type) is not { } dtype || count < 0)
        {
            throw new FormatException("a persistent id is not (\"storage\", a type, a key, a place, a count)");
        }

        TorchStorage storage = new(key, dtype, count);
        return !Storages.TryAdd(key, storage) && Storages[key] != storage
            ? throw new FormatException($"storage {key} is {Storages[key].Count} of {Storages[key].DType} and then {count} of {dtype}")
            : storage;
    }

    private static string? TypeOf(PickleGlobal global) => global.Module != "torch" ? null : global.Name switch
    {
        "FloatStorage" => "F32",
        "DoubleStorage" => "F64",
        "HalfStorage" => "F16",
        "BFloat16Storage" => "BF16",
        "LongStorage" => "I64",
        "IntStorage" => "I32",
        "ShortStorage" => "I16",
        "CharStorage" => "I8",
        "ByteStorage" => "U8",
        "BoolStorage" => "BOOL",
        _ => null,
    };

    // Every element must lie in the storage, and no more of them than it has: a stride of 0 could promise any size.
    private static TorchTensor View(TorchStorage storage, long offset, object?[] shape, object?[] strides)
    {
        if (shape.Length != strides.Length || shape.Length > 64 || !shape.All(s => s is long and >= 0) || !strides.All(s => s is long and >= 0) || offset < 0)
        {
            throw new FormatException("a tensor's shape, strides and offset are not whole numbers of at least 0");
        }

        long[] sizes = [.. shape.Cast<long>()];
        long[] steps = [.. strides.Cast<long>()];
        bool empty = sizes.Contains(0);
        BigInteger count = sizes.Aggregate(BigInteger.One, (a, b) => a * b);
        BigInteger last = offset + sizes.Zip(steps).Aggregate(BigInteger.Zero, (sum, s) => sum + ((BigInteger)Math.Max(0, s.First - 1) * s.Second));
        return empty || (last < storage.Count && count <= storage.Count)
            ? new TorchTensor(storage, offset, sizes, steps)
            : throw new FormatException(
                $"a tensor of shape ({string.Join(", ", sizes)}), strides ({string.Join(", ", steps)}) and offset {offset} is not inside storage {storage.Key} of {storage.Count} elements");
    }
}
