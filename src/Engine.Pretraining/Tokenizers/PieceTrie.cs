namespace Engine.Pretraining.Tokenizers;

/// <summary>Pieces by their beginnings: one table of steps from a node by a character, addressed by hash.</summary>
internal sealed class PieceTrie
{
    private readonly ulong[] _keys;
    private readonly int[] _children;
    private readonly int[] _ids;
    private readonly int _shift;

    public PieceTrie(IReadOnlyCollection<KeyValuePair<string, int>> pieces)
    {
        int most = pieces.Sum(p => p.Key.Length) + 1;
        int size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, 2 * most));
        (_keys, _children, _ids) = (new ulong[size], new int[size], new int[most]);
        _shift = 64 - System.Numerics.BitOperations.Log2((uint)size);
        Array.Fill(_ids, -1);
        int nodes = 1;
        foreach ((string piece, int id) in pieces)
        {
            int node = 0;
            foreach (char c in piece)
            {
                ulong key = Key(node, c);
                int slot = Find(key);
                if (_keys[slot] == 0)
                {
                    (_keys[slot], _children[slot]) = (key, nodes++);
                }

                node = _children[slot];
            }

            _ids[node] = id;
        }
    }

    /// <summary>Goes from a node, 0 at first, to the one behind a character; false if no piece goes on so.</summary>
    public bool Step(ref int node, char c)
    {
        ulong key = Key(node, c);
        int slot = Find(key);
        node = _children[slot];
        return _keys[slot] == key;
    }

    /// <summary>The piece that ends at a node; −1 if none does.</summary>
    public int this[int node] => _ids[node];

    /// <summary>Never 0, which marks an empty slot.</summary>
    private static ulong Key(int node, char c) => ((ulong)(uint)(node + 1) << 16) | c;

    private int Find(ulong key)
    {
        int slot = (int)((key * 0x9E3779B97F4A7C15) >> _shift);
        while (_keys[slot] != key && _keys[slot] != 0)
        {
            slot = (slot + 1) & (_keys.Length - 1);
        }

        return slot;
    }
}
