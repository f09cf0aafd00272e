using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>The mask of one vector of queries against one key after another: what is not seen is replaced.</summary>
internal readonly unsafe struct AttentionCut<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private readonly bool _future;
    private readonly bool _past;
    private readonly V _last;
    private readonly V _first;

    /// <param name="block">The block.</param>
    /// <param name="places">
    /// 0, 1, 2 … for the queries of the vector, counted from the block's corner; if queries have ranges, those lie one and two block sizes
    /// after it, as <see cref="AttentionBlock.StoreRanges"/> writes them.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AttentionCut(in AttentionBlock block, float* places)
    {
        if (block.HasRanges)
        {
            (_future, _past) = (true, true);
            _first = S.Load(places + AttentionBlock.Size);
            _last = S.Load(places + (2 * AttentionBlock.Size));
            return;
        }

        // Where a block is cut, these differences are smaller than two blocks, so float32 holds them exactly.
        _future = block.CutsFuture;
        _past = block.CutsPast;
        _last = S.Add(S.Load(places), S.Create(block.Delta));
        _first = S.Add(S.Load(places), S.Create(block.Delta - block.Window + 1));
    }

    /// <summary><paramref name="x"/> where the query sees key <paramref name="key"/>, elsewhere <paramref name="hidden"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V x, int key, V hidden)
    {
        if (_future)
        {
            x = S.IfGreater(S.Create(key), _last, hidden, x);
        }

        return _past ? S.IfGreater(_first, S.Create(key), hidden, x) : x;
    }
}
