using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation;

/// <summary>Sends one by one, for traffic without a rule.</summary>
public sealed class ListedSends : SendPattern
{
    readonly int[] source, destination;
    readonly double[] bytes;

    /// <summary>Lists sends.</summary>
    /// <param name="source">Who sends.</param>
    /// <param name="destination">Who receives.</param>
    /// <param name="bytes">Bytes of each.</param>
    /// <exception cref="InputException">The lists differ in length, a size is negative or not a number, or a rank sends to itself.</exception>
    public ListedSends(ReadOnlySpan<int> source, ReadOnlySpan<int> destination, ReadOnlySpan<double> bytes)
    {
        if (source.Length != destination.Length || source.Length != bytes.Length)
            throw new InputException($"expected lists of equal length, found {source.Length:N0} senders, {destination.Length:N0} receivers and {bytes.Length:N0} sizes");
        foreach (var size in bytes)
            if (!double.IsFinite(size) || size < 0) throw new InputException($"expected at least 0 B in each send, found {size} B");
        for (var i = 0; i < source.Length; i++)
            if (source[i] == destination[i] || source[i] < 0 || destination[i] < 0)
                throw new InputException($"expected two different ranks, found a send from {source[i]:N0} to {destination[i]:N0}");
        this.source = source.ToArray();
        this.destination = destination.ToArray();
        this.bytes = bytes.ToArray();
    }

    /// <inheritdoc/>
    public override long Count => source.Length;

    /// <summary>Bytes of all of them.</summary>
    public double TotalBytes => bytes.Sum();

    internal override bool Fits(int ranks, int vertices) => source.All(r => r < ranks) && destination.All(r => r < ranks);

    internal override bool ChannelsAlike => true;

    internal override ReadOnlySpan<double> OwnBytes => bytes;

    internal override long Inside(RankLayout layout, int channel, int repeat) => Where(layout.DomainRanks, false) * repeat;

    internal override long Leaving(RankLayout layout, int level, int channel, int repeat) => Where(layout.UnitRanks(level - 1), true) * repeat;

    /// <summary>Bytes of sends that stay in a unit, or that leave one.</summary>
    internal double Bytes(int unit, bool leaving)
    {
        var sum = 0.0;
        for (var i = 0; i < source.Length; i++)
            if (source[i] / unit != destination[i] / unit == leaving) sum += bytes[i];
        return sum;
    }

    long Where(int unit, bool leaving)
    {
        var count = 0L;
        for (var i = 0; i < source.Length; i++)
            if (source[i] / unit != destination[i] / unit == leaving) count++;
        return count;
    }

    internal override void Fill(int channel, int repetition, Span<int> source, Span<int> destination)
    {
        this.source.CopyTo(source);
        this.destination.CopyTo(destination);
    }
}
