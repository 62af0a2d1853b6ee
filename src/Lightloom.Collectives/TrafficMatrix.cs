// Who sends how much to whom, for all-to-all exchanges whose pairs differ (all-to-all-v).
//
//   M[i, j]   bytes from rank i to rank j; M[i, i] stays at home and counts for nothing
//   row i     what rank i sends; column j: what rank j receives
//   L         the longest of all rows and columns: over ports of bandwidth B no exchange takes less than L / B
//   the same holds for units of u ranks: L_u / (u B) with the sums of blocks of u x u
//
// Example: three ranks, 0 -> 1: 6 B, 0 -> 2: 2 B, 1 -> 2: 4 B, 2 -> 0: 5 B: rows 8, 4, 5, columns 5, 6, 6, L = 8 B.
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>Whole bytes from every rank to every other. Immutable.</summary>
public sealed class TrafficMatrix
{
    /// <summary>The most ranks that a matrix may have: 2 GiB of it.</summary>
    public const int MaxRanks = 16_384;

    readonly long[] bytes; // bytes[i * n + j], from i to j; zero where i = j
    readonly long[] rows, columns;

    TrafficMatrix(int ranks, long[] bytes)
    {
        Ranks = ranks;
        this.bytes = bytes;
        rows = new long[ranks];
        columns = new long[ranks];
        for (var i = 0; i < ranks; i++)
            for (var j = 0; j < ranks; j++)
            {
                rows[i] = checked(rows[i] + bytes[i * ranks + j]);
                columns[j] = checked(columns[j] + bytes[i * ranks + j]);
            }
    }

    /// <summary>A matrix of whole bytes, from the rank of the row to the rank of the column.</summary>
    /// <exception cref="InputException">It is not square, has no rank or too many, or an entry is negative or beyond 1 EiB in a row or column.</exception>
    public static TrafficMatrix FromBytes(long[,] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var n = bytes.GetLength(0);
        if (n != bytes.GetLength(1) || n < 1) throw new InputException($"expected as many rows as columns, found {n:N0} and {bytes.GetLength(1):N0}");
        return Of(n, (i, j) => bytes[i, j]);
    }

    /// <summary>The same from every rank to every other.</summary>
    /// <param name="ranks">Ranks.</param>
    /// <param name="perPair">Data of one pair, in whole bytes.</param>
    /// <exception cref="InputException">There is no rank or there are too many, or the data is not a whole, sane number of bytes.</exception>
    public static TrafficMatrix Uniform(int ranks, DataSize perPair)
    {
        if (perPair.Bytes != Math.Floor(perPair.Bytes) || perPair.Bytes > 1L << 50) throw new InputException($"expected whole bytes for each pair, found {perPair.Bytes} B");
        return Of(ranks, (_, _) => (long)perPair.Bytes);
    }

    static TrafficMatrix Of(int n, Func<int, int, long> of)
    {
        if (n is < 1 or > MaxRanks) throw new InputException($"expected 1 to {MaxRanks:N0} ranks, found {n:N0}");
        var bytes = new long[(long)n * n];
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
            {
                var value = of(i, j);
                // 2^14 entries of 2^50 B can't overflow a sum.
                if (value is < 0 or > 1L << 50) throw new InputException($"expected 0 B to 1 PiB from rank {i:N0} to rank {j:N0}, found {value:N0} B");
                if (i != j) bytes[i * n + j] = value;
            }
        return new(n, bytes);
    }

    /// <summary>Ranks.</summary>
    public int Ranks { get; }

    /// <summary>Data from one rank to another; nothing from a rank to itself.</summary>
    public DataSize this[int from, int to] => DataSize.FromBytes(bytes[from * Ranks + to]);

    /// <summary>What a rank sends.</summary>
    public DataSize Sent(int rank) => DataSize.FromBytes(rows[rank]);

    /// <summary>What a rank receives.</summary>
    public DataSize Received(int rank) => DataSize.FromBytes(columns[rank]);

    /// <summary>All of it.</summary>
    public DataSize Total => DataSize.FromBytes(rows.Sum(r => (double)r));

    /// <summary>The most that one rank sends or receives: what no exchange through one port per rank can beat.</summary>
    public DataSize LongestLine => DataSize.FromBytes(Longest);

    /// <summary>The traffic between units of ranks that follow one another.</summary>
    /// <param name="unitRanks">Ranks of a unit; divides the ranks.</param>
    /// <exception cref="InputException">It doesn't.</exception>
    public TrafficMatrix Between(int unitRanks)
    {
        if (unitRanks < 1 || Ranks % unitRanks != 0) throw new InputException($"expected units that divide {Ranks:N0} ranks, found units of {unitRanks:N0}");
        var units = Ranks / unitRanks;
        var sums = new long[units * units];
        for (var i = 0; i < Ranks; i++)
            for (var j = 0; j < Ranks; j++)
                if (i / unitRanks != j / unitRanks) sums[i / unitRanks * units + j / unitRanks] += bytes[i * Ranks + j];
        return new(units, sums);
    }

    internal long Longest => Math.Max(rows.Max(), columns.Max());

    internal long At(int from, int to) => bytes[from * Ranks + to];

    internal long Row(int rank) => rows[rank];

    internal long Column(int rank) => columns[rank];
}
