using System.Numerics;
using Engine.Kernels;

namespace Engine;

/// <content>Tables of positions, computed on the device. Persistent: their owner disposes them.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// The sinusoidal positions of "Attention is all you need" (Vaswani et al., 2017), (T, C): row p holds sin(p / base^(2n/C)) in
    /// column 2n and the cosine in column 2n + 1.
    /// </summary>
    /// <param name="device">Where the table lives.</param>
    /// <param name="T">Positions.</param>
    /// <param name="C">Columns.</param>
    /// <param name="theta">The base; 10,000 in the paper.</param>
    public static Tensor SinusoidalPositions(Device device, int T, int C, float theta = 10000f)
    {
        Tensor table = Empty(device, [T, C], tag: "positions");
        device.Launch(new SinusoidalTable(table.Flat<float>(), C, theta), T);
        return table;
    }

    /// <summary>
    /// The slopes of ALiBi (Press, Smith, Lewis, "Train short, test long", 2021), (H): 2^(−8h/H) for h = 1 … H. For H that is no
    /// power of two the paper's code interleaves the slopes of the next lower and the next higher power, which is done here too.
    /// </summary>
    /// <param name="device">Where the slopes live.</param>
    /// <param name="heads">H, at least 1.</param>
    public static Tensor AlibiSlopes(Device device, int heads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        Tensor slopes = Empty(device, [heads], tag: "positions");
        int power = 1 << BitOperations.Log2((uint)heads);
        device.Launch(new AlibiSlopes(slopes.Flat<float>(), heads, power), 1);
        return slopes;
    }
}
