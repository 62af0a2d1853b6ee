namespace Lightloom.Fabric;

// Nodes of a torus, numbered board by board: node = board · Πb + place, both with the first dimension fastest. Of N nodes, F = ⌊N/Πb⌋
// boards are full and one may hold r.
//
//   pairs of full boards next to each other in dimension d, of stride T and G boards a line:
//     ⌊F / (T·G)⌋ · T·G + max(0, ρ − T) + max(0, ρ − (G − 1)·T),   ρ = F mod T·G       the last is the way round
//
// Worked example: 3 of 4 × 1 boards in a ring of 4: pairs 0-1 and 1-2, and the way round lacks board 3.

/// <summary>A torus of boards, of which the last nodes may be missing.</summary>
sealed class TorusGrid
{
    readonly int[] boards; // boards along each dimension
    readonly int nodes;

    public TorusGrid(int[] boards, int[] board, int lanes, int nodes)
    {
        (this.boards, Board, Lanes, this.nodes) = (boards, board, lanes, nodes);
        Sides = [.. boards.Select((count, e) => count * board[e])];
        BoardPlaces = board.Aggregate(1, static (product, side) => product * side);
        Boards = boards.Aggregate(1, static (product, side) => checked(product * side));
    }

    /// <summary>Nodes along each dimension.</summary>
    public int[] Sides { get; }

    /// <summary>Nodes of a board along each dimension.</summary>
    public int[] Board { get; }

    /// <summary>Links of a node in one direction.</summary>
    public int Lanes { get; }

    /// <summary>Nodes of a full board.</summary>
    public int BoardPlaces { get; }

    /// <summary>Boards, full or not.</summary>
    public int Boards { get; }

    /// <summary>Nodes that there is room for.</summary>
    public long Places => (long)Boards * BoardPlaces;

    int Full => nodes / BoardPlaces;

    int Rest => nodes % BoardPlaces;

    /// <summary>Links within boards.</summary>
    public long InBoard()
    {
        var links = 0L;
        for (var e = 0; e < Board.Length; e++) links += (long)Full * (Board[e] - 1) * (BoardPlaces / Board[e]);
        for (var place = 0; place < Rest; place++)
            for (var e = 0; e < Board.Length; e++)
                if (At(place, e) < Board[e] - 1 && place + Stride(Board, e) < Rest) links++;
        return links * Lanes;
    }

    /// <summary>Links of a dimension that leave their board, or go round it where it spans the torus.</summary>
    public long Between(int dimension)
    {
        if (Sides[dimension] == 1) return 0;
        var (stride, count) = (Stride(boards, dimension), boards[dimension]);
        var (whole, rest) = Math.DivRem((long)Full, (long)stride * count);
        var pairs = (whole * stride * count) + Math.Max(0, rest - stride) + Math.Max(0, rest - ((count - 1L) * stride));
        var links = pairs * (BoardPlaces / Board[dimension]);
        var last = (long)Full * BoardPlaces;
        for (var place = 0; place < Rest; place++)
        {
            var node = (int)last + place;
            if (At(place, dimension) == Board[dimension] - 1 && Next(node, dimension, out _) < nodes) links++;
            // The board before it, where that is full: its own way on isn't counted above.
            if (At(place, dimension) == 0 && Before(dimension) is var before && before != Full && before < Full) links++;
        }
        return links * Lanes;
    }

    /// <summary>The next node of a dimension, round the torus.</summary>
    public int Next(int node, int dimension, out bool leaves)
    {
        var (board, place) = Math.DivRem(node, BoardPlaces);
        var stride = Stride(Board, dimension);
        leaves = At(place, dimension) == Board[dimension] - 1;
        if (!leaves) return node + stride;
        var (step, count) = (Stride(boards, dimension), boards[dimension]);
        var next = board / step % count == count - 1 ? board - ((count - 1) * step) : board + step;
        return (next * BoardPlaces) + place - ((Board[dimension] - 1) * stride);
    }

    /// <summary>Where a node stands in a dimension.</summary>
    public int Coordinate(int node, int dimension)
    {
        var (board, place) = Math.DivRem(node, BoardPlaces);
        return (board / Stride(boards, dimension) % boards[dimension] * Board[dimension]) + At(place, dimension);
    }

    int Before(int dimension)
    {
        var (step, count) = (Stride(boards, dimension), boards[dimension]);
        return Full / step % count == 0 ? Full + ((count - 1) * step) : Full - step;
    }

    int At(int place, int dimension) => place / Stride(Board, dimension) % Board[dimension];

    static int Stride(int[] sides, int dimension)
    {
        var stride = 1;
        for (var e = 0; e < dimension; e++) stride *= sides[e];
        return stride;
    }
}
