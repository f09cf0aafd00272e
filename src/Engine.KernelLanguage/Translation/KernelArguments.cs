using System.Runtime.CompilerServices;

namespace Engine.KernelLanguage;

/// <summary>
/// The arguments of one launch, packed for a driver: each value at its natural alignment in one buffer, and where it lies.
/// Generated code fills it in parameter order; nothing is allocated.
/// </summary>
public unsafe ref struct KernelArguments
{
    /// <summary>The most arguments a kernel may have.</summary>
    public const int MaxCount = 64;

    /// <summary>The most bytes they may take, which is what every CUDA device accepts.</summary>
    public const int MaxBytes = 4096;

    private readonly byte* _bytes;
    private readonly Entry* _entries;
    private int _used;
    private SpecializedValues _specialized;

    /// <summary>An empty list over the caller's memory.</summary>
    /// <param name="bytes">Room for <see cref="MaxBytes"/> bytes, 16-byte aligned.</param>
    /// <param name="entries">Room for <see cref="MaxCount"/> entries.</param>
    public KernelArguments(byte* bytes, Entry* entries)
    {
        _bytes = bytes;
        _entries = entries;
    }

    /// <summary>Arguments so far, specialised ones not counted.</summary>
    public int Count { get; private set; }

    
    /// <summary>The values of the specialised parameters in order; they choose the program.</summary>
    public readonly SpecializedValues Specialized => _specialized;

    /// <summary>Where and what argument <paramref name="i"/> is.</summary>
    public readonly ref readonly Entry this[int i] => ref _entries[i];

    /// <summary>Adds a view: its address on the device, and its length for the launch's checks.</summary>
    public void Add<T>(View<T> view)
        where T : unmanaged
    {
        long address = (long)view.Pointer;
        Put(&address, sizeof(long), view.Pointer == null ? 0 : view.Length * sizeof(T), isView: true);
    }

    /// <summary>Adds a truth value, which devices take as an int.</summary>
    public void Add(bool value)
    {
        int number = value ? 1 : 0;
        Put(&number, sizeof(int), 0, isView: false);
    }

    /// <summary>Adds a number or a struct by value.</summary>
    public void Add<T>(T value)
        where T : unmanaged => Put(&value, sizeof(T), 0, isView: false);

    /// <summary>Adds a value that the program is compiled for.</summary>
    public void Specialize(long value) => _specialized.Add(value);

    private void Put(void* value, int size, long viewBytes, bool isView)
    {
        int alignment = size >= 8 ? 8 : size >= 4 ? 4 : size;
        _used = (_used + alignment - 1) & -alignment;
        if (Count == MaxCount || _used + size > MaxBytes)
        {
            throw new InvalidOperationException($"a kernel takes at most {MaxCount} arguments and {MaxBytes} bytes of them");
        }

        Unsafe.CopyBlockUnaligned(_bytes + _used, value, (uint)size);
        _entries[Count++] = new Entry(_bytes + _used, size, viewBytes, isView);
        _used += size;
    }

    /// <summary>One packed argument.</summary>
    public readonly struct Entry(void* value, int size, long viewBytes, bool isView)
    {
        /// <summary>Where the value lies; a view's value is its device address.</summary>
        public readonly void* Value = value;

        /// <summary>Bytes of the value.</summary>
        public readonly int Size = size;

        /// <summary>Bytes of device memory that a view covers.</summary>
        public readonly long ViewBytes = viewBytes;

        /// <summary>Whether the value is the address of a view.</summary>
        public readonly bool IsView = isView;
    }
}
