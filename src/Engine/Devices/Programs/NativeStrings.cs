using System.Runtime.InteropServices;

namespace Engine;

/// <summary>Strings as C takes them: UTF-8, zero at the end, for the length of a call.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    /// <summary>Copies <paramref name="strings"/>.</summary>
    public NativeStrings(IReadOnlyList<string> strings)
    {
        Count = strings.Count;
        Pointers = (byte**)NativeMemory.AllocZeroed((nuint)Math.Max(1, Count), (nuint)sizeof(byte*));
        for (int i = 0; i < Count; i++)
        {
            Pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
        }
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>The address of each.</summary>
    public byte** Pointers { get; }

    /// <summary>Frees the copies.</summary>
    public void Dispose()
    {
        for (int i = 0; i < Count; i++)
        {
            Marshal.FreeCoTaskMem((nint)Pointers[i]);
        }

        NativeMemory.Free(Pointers);
    }
}
