namespace Lightloom.Fabric;

/// <summary>x · y boards of a · b nodes, of which the last may be missing: which nodes are there, and what lies at boards' edges.</summary>
/// <param name="A">Nodes of a board along a row.</param>
/// <param name="B">Nodes of a board along a column.</param>
/// <param name="X">Boards of a row.</param>
/// <param name="Y">Boards of a column.</param>
/// <param name="Nodes">Nodes that are there; board β = Y-row · X + X-column holds the next A · B of them, row by row.</param>
sealed record BoardMesh(int A, int B, int X, int Y, int Nodes)
{
    int Full => Nodes / (A * B);

    int Rest => Nodes % (A * B);

    /// <summary>Board column, board row, and place on the board of a node.</summary>
    public (int X, int Y, int Column, int Line) Place(int node)
    {
        var (board, place) = Math.DivRem(node, A * B);
        return (board % X, board / X, place % A, place / A);
    }

    /// <summary>Whether a trace leads east of a node.</summary>
    public bool HasEast(int node) => node % A != A - 1 && node + 1 < Nodes;

    /// <summary>Whether a trace leads south of a node.</summary>
    public bool HasSouth(int node) => node % (A * B) / A < B - 1 && node + A < Nodes;

    /// <summary>Traces of all boards.</summary>
    public long Traces()
    {
        var (lines, more) = Math.DivRem(Rest, A);
        var rest = (lines * (A - 1)) + Math.Max(0, more - 1) + Math.Max(0, Rest - A);
        return ((long)Full * ((B * (A - 1)) + (A * (B - 1)))) + rest;
    }

    /// <summary>Board rows that are alike, and how many edges of cards each of their lines has.</summary>
    public IEnumerable<(int BoardRows, int[] Edges)> RowLines()
    {
        var (rows, beside) = Math.DivRem(Full, X);
        if (rows > 0) yield return (rows, [.. Enumerable.Repeat(2 * X, B)]);
        if (rows == Y) yield break;
        // West of a line that has a node, east of one that has all.
        yield return (1, [.. Enumerable.Range(0, B).Select(line => (2 * beside) + (Rest > line * A ? 1 : 0) + (Rest >= (line + 1) * A ? 1 : 0))]);
        if (rows + 1 < Y) yield return (Y - rows - 1, new int[B]);
    }

    /// <summary>Board columns that are alike, and how many edges of cards each of their lines has.</summary>
    public IEnumerable<(int BoardColumns, int[] Edges)> ColumnLines()
    {
        var (rows, beside) = Math.DivRem(Full, X);
        if (beside > 0) yield return (beside, [.. Enumerable.Repeat(2 * (rows + 1), A)]);
        // North of a column that has a node, south of one that has all.
        yield return (1, [.. Enumerable.Range(0, A).Select(column => (2 * rows) + (Rest > column ? 1 : 0) + (Rest > (A * (B - 1)) + column ? 1 : 0))]);
        if (beside + 1 < X) yield return (X - beside - 1, [.. Enumerable.Repeat(2 * rows, A)]);
    }
}
