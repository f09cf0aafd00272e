using System.Runtime.CompilerServices;
using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// <see cref="Philox"/> on vectors, with the same words. A counter's four words are in four vectors, one in the lower half of each pair
/// of places, where a multiplication reads them; what it leaves in the upper halves is ignored. 12 operations for each round of
/// <see cref="Group"/> words: about 10 cycles a vector of words where four start at a time.
/// </summary>
internal static unsafe class PhiloxSimd<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Words made at a time.</summary>
    public static int Group => 2 * S.Width;

    /// <summary>
    /// At least <paramref name="count"/> words of a stream from <paramref name="counter"/> on, rounded up to whole groups, which
    /// <paramref name="words"/> must have room for.
    /// </summary>
    public static void Fill(ulong seed, ulong stream, ulong counter, uint* words, int count)
    {
        // Counters so placed that the words come out in order: the first half in even pairs, the second in odd ones.
        int half = S.Width / 4;
        ulong* first = stackalloc ulong[8];
        for (int i = 0; i < half; i++)
        {
            first[2 * i] = counter + (ulong)i;
            first[(2 * i) + 1] = counter + (ulong)(half + i);
        }

        V n = S.Load((float*)first);
        V step = S.CreatePairs((ulong)(2 * half));
        for (int i = 0; i < count; i += Group)
        {
            Rounds(seed, stream, n, (float*)words + i);
            n = S.AddPairs(n, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rounds(ulong seed, ulong stream, V counter, float* words)
    {
        V c0 = counter;
        V c1 = S.ShiftRightPairs(counter, 32);
        V c2 = S.CreatePairs(stream);
        V c3 = S.CreatePairs(stream >> 32);
        V k0 = S.CreatePairs(seed);
        V k1 = S.CreatePairs(seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            V p0 = S.MultiplyEvenBits(c0, S.CreateBits(0xD2511F53));
            V p1 = S.MultiplyEvenBits(c2, S.CreateBits(0xCD9E8D57));
            c0 = S.Xor(S.Xor(S.ShiftRightPairs(p1, 32), c1), k0);
            c1 = p1;
            c2 = S.Xor(S.Xor(S.ShiftRightPairs(p0, 32), c3), k1);
            c3 = p0;
            k0 = S.AddBits(k0, S.CreateBits(0x9E3779B9));
            k1 = S.AddBits(k1, S.CreateBits(0xBB67AE85));
        }

        V low = Pair(c0, c1);
        V high = Pair(c2, c3);
        S.Store(words, S.EvenPairs(low, high));
        S.Store(words + S.Width, S.OddPairs(low, high));
    }

    // The lower halves of two vectors' pairs as one pair.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Pair(V a, V b) => S.Or(S.And(a, S.CreatePairs(0xFFFFFFFF)), S.ShiftLeftPairs(b, 32));
}
