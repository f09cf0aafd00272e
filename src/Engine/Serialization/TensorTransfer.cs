using System.Buffers;

namespace Engine.Serialization;

/// <summary>
/// Moves tensors between files and devices in pieces of a megabyte, so that no array of a tensor's size is ever made.
/// </summary>
internal static class TensorTransfer
{
    private const int Piece = 1 << 20;

    /// <summary>Reads the bytes of a file from a place in the data on.</summary>
    public delegate void Reader(long at, Span<byte> into);

    /// <summary>Writes the elements of a contiguous tensor.</summary>
    public static unsafe void CopyTo(Tensor x, Stream stream)
    {
        long bytes = x.Count * x.DType.Size();
        nint address = x.Address;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            for (long at = 0; at < bytes; at += Piece)
            {
                int count = (int)Math.Min(Piece, bytes - at);
                fixed (byte* p = buffer)
                {
                    x.Device.CopyToHost(address + (nint)at, p, count);
                }

                stream.Write(buffer, 0, count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Overwrites a contiguous tensor with elements of a file type that converts to its own.</summary>
    /// <returns>The place of the first integer that the tensor cannot hold, or −1.</returns>
    public static unsafe long Load(Tensor x, string type, Reader read)
    {
        int size = x.DType.Size();
        int most = Piece / 8;
        nint address = x.Address;
        x.Data.Storage!.Version++;
        byte[] source = ArrayPool<byte>.Shared.Rent(Piece);
        byte[] target = ArrayPool<byte>.Shared.Rent(Piece);
        float[] scratch = ArrayPool<float>.Shared.Rent(most);
        try
        {
            for (long at = 0; at < x.Count; at += most)
            {
                int count = (int)Math.Min(most, x.Count - at);
                int fileBytes = (int)FileElements.BytesOf(type, count);
                read(FileElements.BytesOf(type, at), source.AsSpan(0, fileBytes));
                int wrong = FileElements.Convert(type, source.AsSpan(0, fileBytes), x.DType, target.AsSpan(0, count * size), scratch);
                if (wrong >= 0)
                {
                    return at + wrong;
                }

                fixed (byte* p = target)
                {
                    x.Device.CopyFromHost(p, address + (nint)(at * size), count * (long)size);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(source);
            ArrayPool<byte>.Shared.Return(target);
            ArrayPool<float>.Shared.Return(scratch);
        }

        return -1;
    }
}
