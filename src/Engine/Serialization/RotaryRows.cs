namespace Engine.Serialization;

/// <summary>
/// The two orders of the rows of query and key projections: Hugging Face turns column j of a head with column j + D/2, Meta's own files,
/// llama2.c and GGUF column 2j with 2j + 1. Rows are read or written in the other order; nothing else of the matrix changes.
/// </summary>
internal static class RotaryRows
{
    /// <summary>Where Meta's order keeps the row that is <paramref name="row"/> in Hugging Face's, heads of D rows.</summary>
    public static long Interleaved(long row, int D) => (row / D * D) + (row % D % (D / 2) * 2) + (row % D / (D / 2));

    /// <summary>Reads bytes of a matrix whose rows lie in another order.</summary>
    /// <param name="at">The first byte in the order that is wanted.</param>
    /// <param name="into">Takes the bytes.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    /// <param name="D">Rows of a head.</param>
    /// <param name="read">Reads the bytes of the file's own order.</param>
    public static void Read(long at, Span<byte> into, long rowBytes, int D, TensorTransfer.Reader read)
    {
        while (into.Length > 0)
        {
            long within = at % rowBytes;
            int count = (int)Math.Min(into.Length, rowBytes - within);
            read((Interleaved(at / rowBytes, D) * rowBytes) + within, into[..count]);
            into = into[count..];
            at += count;
        }
    }
}
