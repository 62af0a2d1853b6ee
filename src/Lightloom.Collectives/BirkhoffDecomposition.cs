// A matrix whose rows and columns all sum to L is a sum of permutations with weights that sum to L.
//
//   pad      whole bytes are added to rows and columns that fall short, one after the other, until all sum to L
//   round    a perfect matching on positive entries exists (Hall, König); its least entry is the weight, which is taken off every
//            matched entry: at least one becomes 0, and the rest still has equal sums
//   In exact arithmetic of whole bytes nothing is left over.
//
// Between rounds only matches whose entry became 0 are looked for again, by augmenting paths: O(n^2) each.
//
// Example: [[0 6 2] [4 0 4] [5 0 0]], L = 9 (column 0): padded by 1 in row 0, 1 in row 1 and 4 in row 2.
namespace Lightloom.Collectives;

/// <summary>Takes a traffic matrix apart into rounds.</summary>
sealed class BirkhoffDecomposition
{
    readonly int n;
    readonly TrafficMatrix traffic;
    readonly long[] real, padding; // by row and column: what is left
    readonly int[] columnOf, rowOf; // the matching; -1: none
    readonly int[] cameFrom, queue; // of the search: the row from which a column was reached

    public BirkhoffDecomposition(TrafficMatrix traffic)
    {
        this.traffic = traffic;
        n = traffic.Ranks;
        real = new long[n * n];
        padding = new long[n * n];
        columnOf = new int[n];
        rowOf = new int[n];
        cameFrom = new int[n];
        queue = new int[n];
        Array.Fill(columnOf, -1);
        Array.Fill(rowOf, -1);
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++) real[i * n + j] = traffic.At(i, j);
        Pad();
    }

    void Pad()
    {
        var longest = traffic.Longest;
        var (i, j) = (0, 0);
        var (row, column) = (longest - traffic.Row(0), longest - traffic.Column(0));
        while (true)
        {
            var more = Math.Min(row, column);
            padding[i * n + j] += more;
            row -= more;
            column -= more;
            if (row == 0)
            {
                if (++i == n) return;
                row = longest - traffic.Row(i);
            }
            else
            {
                if (++j == n) return;
                column = longest - traffic.Column(j);
            }
        }
    }

    /// <summary>The rounds: who sends how much to whom, at most once each.</summary>
    public IEnumerable<(int From, int To, long Bytes)[]> Rounds()
    {
        for (var left = traffic.Longest; left > 0;)
        {
            for (var i = 0; i < n; i++)
                if (columnOf[i] < 0) Match(i);
            var weight = left;
            for (var i = 0; i < n; i++) weight = Math.Min(weight, Entry(i, columnOf[i]));
            var round = new (int, int, long)[n];
            for (var i = 0; i < n; i++) round[i] = (i, columnOf[i], Take(i, columnOf[i], weight));
            left -= weight;
            yield return round;
        }
    }

    long Entry(int i, int j) => real[i * n + j] + padding[i * n + j];

    /// <summary>Takes a weight off an entry, real bytes first, and drops the match where nothing is left.</summary>
    long Take(int i, int j, long weight)
    {
        var sent = Math.Min(weight, real[i * n + j]);
        real[i * n + j] -= sent;
        padding[i * n + j] -= weight - sent;
        if (Entry(i, j) == 0) columnOf[i] = rowOf[j] = -1;
        return sent;
    }

    void Match(int start)
    {
        Array.Fill(cameFrom, -1);
        var (head, tail) = (0, 0);
        queue[tail++] = start;
        while (head < tail)
        {
            var i = queue[head++];
            for (var j = 0; j < n; j++)
            {
                if (cameFrom[j] >= 0 || Entry(i, j) == 0) continue;
                cameFrom[j] = i;
                if (rowOf[j] >= 0)
                {
                    queue[tail++] = rowOf[j];
                    continue;
                }
                for (var column = j; column >= 0;)
                {
                    var row = cameFrom[column];
                    var next = columnOf[row];
                    columnOf[row] = column;
                    rowOf[column] = row;
                    column = row == start ? -1 : next;
                }
                return;
            }
        }
        throw new InvalidOperationException("equal sums without a perfect matching");
    }
}
