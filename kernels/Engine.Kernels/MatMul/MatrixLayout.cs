namespace Engine.Kernels;

/// <summary>
/// Where the elements of a batch of matrices lie: element (i, j) of matrix (outer, inner) is at
/// outer·Outer + inner·Inner + i·Row + j·Column. A transposed matrix is one with Row and Column exchanged, a broadcast
/// batch axis one with stride 0; neither is ever copied.
/// </summary>
/// <param name="Row">Elements from one row to the next.</param>
/// <param name="Column">Elements from one column to the next; 1 for a row-major matrix.</param>
/// <param name="Outer">Elements from one matrix to the next along the outer batch axis.</param>
/// <param name="Inner">The same along the inner batch axis.</param>
public readonly record struct MatrixLayout(long Row, long Column, long Outer = 0, long Inner = 0)
{
    /// <summary>The matrix with rows and columns exchanged.</summary>
    public MatrixLayout Transposed => new(Column, Row, Outer, Inner);

    /// <summary>The offset of element (0, 0) of a matrix of the batch.</summary>
    /// <param name="item">Its number, inner axis fastest.</param>
    /// <param name="inner">The size of the inner batch axis.</param>
    public long Matrix(long item, long inner) => (item / inner * Outer) + (item % inner * Inner);

    /// <summary>How many different matrices a batch reads; one that is broadcast counts once.</summary>
    /// <param name="size">The batch.</param>
    public long Distinct(in GemmSize size) => (Outer == 0 ? 1 : size.Outer) * (Inner == 0 ? 1 : size.Inner);

    /// <summary>The offset of element (i, j) inside its matrix.</summary>
    public long At(long i, long j) => (i * Row) + (j * Column);
}

/// <summary>The sizes of a batch of products (M,K)·(K,N) → (M,N).</summary>
/// <param name="M">Rows of the result.</param>
/// <param name="N">Columns of the result.</param>
/// <param name="K">The axis summed over.</param>
/// <param name="Outer">Matrices along the outer batch axis.</param>
/// <param name="Inner">Matrices along the inner batch axis.</param>
public readonly record struct GemmSize(long M, long N, long K, long Outer = 1, long Inner = 1)
{
    /// <summary>Rows and columns of the tile of the result that one block computes.</summary>
    public const int Tile = 64;

    /// <summary>The same of the kernels that keep a tile in the registers of eight warps.</summary>
    public const int WideTile = 128;

    /// <summary>Matrices in the batch.</summary>
    public long Batch => Outer * Inner;

    /// <summary>2·M·N·K for each matrix; what comes on top for bias and function is 1/K of it and is not counted.</summary>
    public double Flops => 2.0 * M * N * K * Batch;

    /// <summary>Tiles from top to bottom.</summary>
    public long TileRows => (M + Tile - 1) / Tile;

    /// <summary>Tiles from left to right.</summary>
    public long TileColumns => (N + Tile - 1) / Tile;

    /// <summary>Blocks that a launch needs.</summary>
    public long Blocks => Batch * TileRows * TileColumns;

    /// <summary>Blocks that a launch with wide tiles needs.</summary>
    public long WideBlocks => Batch * ((M + WideTile - 1) / WideTile) * ((N + WideTile - 1) / WideTile);

    /// <summary>
    /// The wide tile of a block. They follow each other down eight rows of tiles before they go on to the right: what runs at the same time
    /// then reads few rows of A and few columns of B, which stay in the cache that multiprocessors share.
    /// </summary>
    /// <param name="block">The block's place in the grid.</param>
    public GemmTile WideTileOf(long block)
    {
        const int Group = 8;
        long rows = (M + WideTile - 1) / WideTile;
        long columns = (N + WideTile - 1) / WideTile;
        long place = block % (rows * columns);
        long first = place / (Group * columns) * Group;
        long height = rows - first < Group ? rows - first : Group;
        long within = place - (first * columns);
        return new GemmTile(block / (rows * columns), (first + (within % height)) * WideTile, within / height * WideTile);
    }

    /// <summary>The tile of a block: tiles of one matrix follow each other row by row, matrices one another.</summary>
    /// <param name="block">The block's place in the grid.</param>
    public GemmTile TileOf(long block)
    {
        long tile = block % (TileRows * TileColumns);
        return new GemmTile(block / (TileRows * TileColumns), tile / TileColumns * Tile, tile % TileColumns * Tile);
    }
}

/// <summary>One block's part of a batch of products.</summary>
/// <param name="Item">The matrix's number in the batch.</param>
/// <param name="Top">The tile's first row.</param>
/// <param name="Left">The tile's first column.</param>
public readonly record struct GemmTile(long Item, long Top, long Left);
