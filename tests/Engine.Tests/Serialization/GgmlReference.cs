using System.Buffers.Binary;

namespace Engine.Tests.Serialization;

/// <summary>
/// One block to numbers, the way ggml walks it: moving pointers, masks that shift, halves side by side; in float64. Written from the format's
/// description and not from the reader that it checks, which finds each number by its index.
/// </summary>
internal static class GgmlReference
{
    public static float[] Read(string type, byte[] block) => type switch
    {
        "Q4_1" or "Q5_0" or "Q5_1" => Small(type, block),
        "Q5_K" => Q5K(block),
        "Q6_K" => Q6K(block),
        _ => [.. Enumerable.Range(0, 256).Select(i => BitConverter.ToSingle(block, 0) * (sbyte)block[4 + i])],
    };

    private static float[] Small(string type, byte[] block)
    {
        int at = 0;
        double d = Half(block, ref at);
        double m = type[3] == '1' ? Half(block, ref at) : 0;
        uint high = 0;
        if (type[1] == '5')
        {
            high = BitConverter.ToUInt32(block, at);
            at += 4;
        }

        float[] y = new float[32];
        for (int j = 0; j < 16; j++)
        {
            uint first = (block[at + j] & 0x0Fu) | ((high >> j) << 4 & 0x10);
            uint second = ((uint)block[at + j] >> 4) | (high >> (j + 12) & 0x10);
            y[j] = (float)((d * ((int)first - (type == "Q5_0" ? 16 : 0))) + m);
            y[j + 16] = (float)((d * ((int)second - (type == "Q5_0" ? 16 : 0))) + m);
        }

        return y;
    }

    private static float[] Q5K(byte[] block)
    {
        int at = 0;
        (double d, double dmin) = (Half(block, ref at), Half(block, ref at));
        byte[] scales = block[4..16];
        (int high, int low) = (16, 48);
        List<float> y = [];
        (int u1, int u2) = (1, 2);
        for (int part = 0; part < 8; part += 2)
        {
            (int s1, int m1) = ScaleMin(scales, part);
            (int s2, int m2) = ScaleMin(scales, part + 1);
            for (int l = 0; l < 32; l++)
            {
                y.Add((float)((d * s1 * ((block[low + l] & 0xF) + ((block[high + l] & u1) != 0 ? 16 : 0))) - (dmin * m1)));
            }

            for (int l = 0; l < 32; l++)
            {
                y.Add((float)((d * s2 * ((block[low + l] >> 4) + ((block[high + l] & u2) != 0 ? 16 : 0))) - (dmin * m2)));
            }

            low += 32;
            u1 <<= 2;
            u2 <<= 2;
        }

        return [.. y];
    }

    private static float[] Q6K(byte[] block)
    {
        int end = 208;
        double d = Half(block, ref end);
        float[] y = new float[256];
        (int low, int high, int scale, int to) = (0, 128, 192, 0);
        for (int half = 0; half < 2; half++)
        {
            for (int l = 0; l < 32; l++)
            {
                byte upper = block[high + l];
                int[] q =
                [
                    (block[low + l] & 0xF) | ((upper & 3) << 4),
                    (block[low + l + 32] & 0xF) | (((upper >> 2) & 3) << 4),
                    (block[low + l] >> 4) | (((upper >> 4) & 3) << 4),
                    (block[low + l + 32] >> 4) | (((upper >> 6) & 3) << 4),
                ];
                for (int k = 0; k < 4; k++)
                {
                    y[to + l + (32 * k)] = (float)(d * (sbyte)block[scale + (l / 16) + (2 * k)] * (q[k] - 32));
                }
            }

            (low, high, scale, to) = (low + 64, high + 32, scale + 8, to + 128);
        }

        return y;
    }

    private static (int Scale, int Min) ScaleMin(byte[] q, int j) => j < 4
        ? (q[j] & 63, q[j + 4] & 63)
        : ((q[j + 4] & 0xF) | ((q[j - 4] >> 6) << 4), (q[j + 4] >> 4) | ((q[j] >> 6) << 4));

    private static double Half(byte[] block, ref int at)
    {
        at += 2;
        return (double)BinaryPrimitives.ReadHalfLittleEndian(block.AsSpan(at - 2));
    }
}
