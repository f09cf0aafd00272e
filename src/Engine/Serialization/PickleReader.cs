using System.Buffers.Binary;
using System.Text;

namespace Engine.Serialization;

/// <summary>
/// Reads a Python pickle without running anything: numbers, texts, lists, tuples, dictionaries, and of classes and functions only those
/// that the reader is asked to understand (<see cref="IPickleTypes"/>). Any other name is an error at the place where the pickle mentions it.
/// Opcodes as in Python's own pickletools, protocols 2 to 5.
/// </summary>
/// <param name="cursor">Where the pickle begins.</param>
/// <param name="types">What stands for classes and functions.</param>
internal sealed class PickleReader(FileCursor cursor, IPickleTypes types)
{
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<long, object?> _memo = [];

    /// <summary>The pickled object: null, bool, long, double, string, byte[], <see cref="PickleDict"/>, List, object?[] (a tuple) or what <see cref="IPickleTypes"/> makes.</summary>
    /// <exception cref="FormatException">It is not valid or asks for something that is not read; says where.</exception>
    public object? Read()
    {
        while (true)
        {
            byte op = cursor.Read<byte>();
            if (op == (byte)'.')
            {
                return Pop();
            }

            Step(op);
        }
    }

    private void Step(byte op)
    {
        switch (op)
        {
            case 0x80: // PROTO
                int protocol = cursor.Read<byte>();
                Require(protocol is >= 2 and <= 5, $"protocol {protocol} is not between 2 and 5");
                break;
            case 0x95: // FRAME
                _ = cursor.Read<long>();
                break;
            case (byte)'(':
                _marks.Add(_stack.Count);
                break;
            case (byte)'0':
                _ = Pop();
                break;
            case (byte)'N' or 0x88 or 0x89:
                _stack.Add(op == (byte)'N' ? null : op == 0x88);
                break;
            case (byte)'K' or (byte)'M' or (byte)'J' or 0x8A or (byte)'G':
                _stack.Add(ReadNumber(op));
                break;
            case (byte)'X' or 0x8C or 0x8D:
                _stack.Add(cursor.Text(ReadLength(op), "a text"));
                break;
            case (byte)'U' or (byte)'T' or (byte)'B' or (byte)'C' or 0x8E:
                _stack.Add(cursor.Bytes(ReadLength(op), "a string of bytes"));
                break;
            case (byte)'}':
                _stack.Add(new PickleDict());
                break;
            case (byte)']':
                _stack.Add(new List<object?>());
                break;
            case (byte)')':
                _stack.Add(Array.Empty<object?>());
                break;
            case 0x85 or 0x86 or 0x87: // TUPLE1 … TUPLE3
                _stack.Add(Take(_stack.Count - (op - 0x84)));
                break;
            case (byte)'t':
                _stack.Add(Take(PopMark()));
                break;
            case (byte)'a':
                object? item = Pop();
                Top<List<object?>>("a list").Add(item);
                break;
            case (byte)'e':
                object?[] items = Take(PopMark());
                Top<List<object?>>("a list").AddRange(items);
                break;
            case (byte)'s':
                SetItems(Take(_stack.Count - 2));
                break;
            case (byte)'u':
                SetItems(Take(PopMark()));
                break;
            case (byte)'q' or (byte)'r':
                _memo[op == (byte)'q' ? cursor.Read<byte>() : cursor.Read<uint>()] = Peek();
                break;
            case 0x94: // MEMOIZE
                _memo[_memo.Count] = Peek();
                break;
            case (byte)'h' or (byte)'j':
                Recall(op == (byte)'h' ? cursor.Read<byte>() : cursor.Read<uint>());
                break;
            case (byte)'c':
                string module = Line();
                _stack.Add(Global(module, Line()));
                break;
            case 0x93: // STACK_GLOBAL
                object? name = Pop();
                _stack.Add(Global(Pop() as string ?? string.Empty, name as string ?? string.Empty));
                break;
            case (byte)'R':
                object? arguments = Pop();
                object? function = Pop();
                Require(function is PickleGlobal && arguments is object?[], "what is called is not a function, or its arguments are no tuple");
                _stack.Add(Guarded(() => types.Call((PickleGlobal)function!, (object?[])arguments!)));
                break;
            case (byte)'Q':
                object? id = Pop();
                _stack.Add(Guarded(() => types.Persistent(id)));
                break;
            case (byte)'b': // BUILD: attributes of an object, which carry nothing for a dictionary of tensors
                _ = Pop();
                break;
            default:
                throw cursor.Fault($"opcode 0x{op:X2} is not among those that are read here");
        }
    }

    private object ReadNumber(byte op)
    {
        switch (op)
        {
            case (byte)'K':
                return (long)cursor.Read<byte>();
            case (byte)'M':
                return (long)cursor.Read<ushort>();
            case (byte)'J':
                return (long)cursor.Read<int>();
            case (byte)'G':
                return BitConverter.Int64BitsToDouble(BinaryPrimitives.ReverseEndianness(cursor.Read<long>()));
            default:
                // Little-endian two's complement; PyTorch's magic number is longer than 64 bits.
                byte[] bytes = cursor.Bytes(cursor.Read<byte>(), "a number");
                System.Numerics.BigInteger value = new(bytes);
                return value >= long.MinValue && value <= long.MaxValue ? (long)value : value;
        }
    }

    private long ReadLength(byte op) => op switch
    {
        0x8C or (byte)'U' or (byte)'C' => cursor.Read<byte>(),
        0x8D or 0x8E => cursor.Count("the length of a text"),
        _ => cursor.Read<uint>(),
    };

    private PickleGlobal Global(string module, string name)
    {
        PickleGlobal global = new(module, name);
        Require(types.Knows(global), $"the pickle asks for {module}.{name}, which no file of tensors needs; nothing of it was run");
        return global;
    }

    private T Guarded<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (FormatException e)
        {
            throw cursor.Fault(e.Message);
        }
    }

    private void SetItems(object?[] items)
    {
        Require(items.Length % 2 == 0, "a dictionary has a key without a value");
        PickleDict dict = Top<PickleDict>("a dictionary");
        for (int i = 0; i < items.Length; i += 2)
        {
            dict.Items.Add((items[i], items[i + 1]));
        }
    }

    private void Recall(long key)
    {
        Require(_memo.TryGetValue(key, out object? value), $"memo {key} is empty");
        _stack.Add(value);
    }

    private string Line()
    {
        StringBuilder line = new();
        for (byte next = cursor.Read<byte>(); next != (byte)'\n'; next = cursor.Read<byte>())
        {
            Require(line.Length < 1000 && next is > 31 and < 127, "a name is too long or has odd characters");
            _ = line.Append((char)next);
        }

        return line.ToString();
    }

    private int PopMark()
    {
        Require(_marks.Count > 0, "a mark is missing");
        int mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return mark;
    }

    private object?[] Take(int from)
    {
        Require(from >= 0 && from <= _stack.Count, "the stack is too short");
        object?[] items = [.. _stack.Skip(from)];
        _stack.RemoveRange(from, items.Length);
        return items;
    }

    private object? Pop()
    {
        object? top = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private object? Peek()
    {
        Require(_stack.Count > 0, "the stack is empty");
        return _stack[^1];
    }

    private T Top<T>(string what)
        where T : class
    {
        Require(Peek() is T, $"{what} is expected here");
        return (T)_stack[^1]!;
    }

    private void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw cursor.Fault(message);
        }
    }
}
