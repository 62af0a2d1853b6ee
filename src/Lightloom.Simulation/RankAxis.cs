// An axis: ranks in parallel lines, on each of which positions run from 0 to m - 1.
//
//   rank = o s m + y s + e      o  which block of lines, e < s  which line of the block, y  place on the line
//   y = turn((x' + b) mod m)    x' = x, or m - 1 - x where mirrored; b  place of position 0
//   turn(y) = floor(y / t) t + (y mod t + c) mod t    on channel c: positions are turned inside blocks of t, so that every channel
//                               enters a block by another rank
//
// Example: 8 ranks in domains of 4. The ring of channel 1: s = 1, m = 8, t = 4: positions 0 .. 7 are ranks 1 2 3 0 5 6 7 4.
//   The rails: s = 4, m = 2: the line of e = 1 has ranks 1 and 5.
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation;

/// <summary>Ranks in parallel lines. Immutable.</summary>
public sealed record RankAxis
{
    /// <summary>Lines of equally spaced ranks.</summary>
    /// <param name="ranks">All ranks.</param>
    /// <param name="stride">Distance of neighbours on a line, in ranks.</param>
    /// <param name="length">Ranks on a line.</param>
    /// <exception cref="InputException">The lines don't cover the ranks evenly.</exception>
    public RankAxis(int ranks, int stride, int length)
    {
        if (ranks < 1 || stride < 1 || length < 1 || ranks % stride != 0 || ranks / stride % length != 0)
            throw new InputException($"expected lines that cover {ranks:N0} ranks evenly, found {length:N0} ranks at a distance of {stride:N0}");
        Ranks = ranks;
        Stride = stride;
        Length = length;
    }

    /// <summary>All ranks in one line.</summary>
    public static RankAxis Everyone(RankLayout layout) => new(Checked(layout).Ranks, 1, layout.Ranks);

    /// <summary>A line inside each scale-up domain.</summary>
    public static RankAxis InDomains(RankLayout layout) => new(Checked(layout).Ranks, 1, layout.DomainRanks);

    /// <summary>A line for each rail: the ranks of equal place in every scale-up domain.</summary>
    public static RankAxis Rails(RankLayout layout) => new(Checked(layout).Ranks, layout.DomainRanks, layout.Domains);

    /// <summary>All ranks.</summary>
    public int Ranks { get; }

    /// <summary>Distance of neighbours on a line, in ranks.</summary>
    public int Stride { get; }

    /// <summary>Ranks on a line.</summary>
    public int Length { get; }

    /// <summary>Positions are turned by the channel inside blocks of this many; 1 where they are not.</summary>
    public int Turn { get; init; } = 1;

    /// <summary>Whether a channel uses only the line of its own rail.</summary>
    public bool RailOfChannel { get; init; }

    /// <summary>Whether positions count from the other end.</summary>
    public bool Mirrored { get; init; }

    /// <summary>The place of position 0.</summary>
    public int Start { get; init; }

    /// <summary>Whether position 0 is rank 0 on every channel, however it is turned.</summary>
    public bool Rooted { get; init; }

    /// <summary>Lines that one channel uses.</summary>
    public int Lines => RailOfChannel ? Ranks / Length / Stride : Ranks / Length;

    /// <summary>The place on its line of a position, before the channel's turn.</summary>
    internal int Place(int position, int channel)
    {
        if (Mirrored) position = Length - 1 - position;
        var start = Rooted ? (Turn - channel % Turn) % Turn : Start;
        return start == 0 ? position : (position + start) % Length;
    }

    /// <summary>The rank on the first line of a block, from the place on it.</summary>
    internal int Offset(int place, int channel) =>
        (Turn == 1 ? place : place / Turn * Turn + (place % Turn + channel) % Turn) * Stride;

    static RankLayout Checked(RankLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return layout;
    }
}
