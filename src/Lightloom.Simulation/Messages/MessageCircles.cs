using System.Globalization;
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation.Messages;

/// <summary>Finds operations that wait for each other in a circle, one rank at a time, in the memory of those that wait for later ones.</summary>
public static class MessageCircles
{
    /// <summary>How many operations of a rank wait in circles or for these, and the first.</summary>
    /// <param name="source">The operations.</param>
    /// <param name="rank">The rank.</param>
    public static (long Count, int First) Of(IMessageSource source, int rank)
    {
        ArgumentNullException.ThrowIfNull(source);
        var served = new Dictionary<int, int>();  // of operations ahead: how many of those that they wait for are done
        var blocked = new Dictionary<int, int>(); // of operations behind: how many are not
        var free = new Stack<int>();
        for (var n = 0; n < source.OperationsOfRank(rank); n++)
        {
            served.Remove(n, out var done);
            var left = source.Read(rank, n).Needs - done;
            if (left > 0)
            {
                blocked[n] = left;
                continue;
            }
            free.Push(n);
            while (free.TryPop(out var i))
            {
                var node = source.Read(rank, i);
                Pass(source.AfterEnd(rank, node), n);
                Pass(source.AfterStart(rank, node), n);
            }
        }
        return (blocked.Count, blocked.Count == 0 ? -1 : blocked.Keys.Min());

        void Pass(ReadOnlySpan<int> after, int at)
        {
            foreach (var d in after)
            {
                if (d > at) served[d] = served.GetValueOrDefault(d) + 1;
                else if (--blocked[d] == 0)
                {
                    blocked.Remove(d);
                    free.Push(d);
                }
            }
        }
    }

    /// <summary>That there is a circle.</summary>
    /// <param name="source">The operations.</param>
    /// <param name="count">How many wait.</param>
    /// <param name="rank">The rank of the first.</param>
    /// <param name="first">The first.</param>
    public static InputException Told(IMessageSource source, long count, int rank, int first)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new(string.Create(CultureInfo.InvariantCulture, $"{count:N0} operations wait in a circle, such as {MessageNames.Describe(rank, first, source.Read(rank, first).What)}"));
    }
}
