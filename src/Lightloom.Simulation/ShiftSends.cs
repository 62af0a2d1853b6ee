// Sends by a fixed distance on an axis: rings, exchanges with rank xor 2^k, edges of trees, rotations.
//
//   senders      x = a + i da + j P + e,  j < q, e < R     q runs of R positions, P apart, moved by da with each repetition i
//   destination  (x + k + i dk) mod m                      on the same line
//
//   Everyone: R = m. rank xor 2^k: R = 2^k, P = 2^(k+1), at distance 2^k from a = 0 and -2^k from a = 2^k.
//   A level of a binary tree: R = 1, P = 2^(j+2). A walk along a ring: R = q = 1, da = 1.
//
// How many leave units of w places without listing them: of everyone at distance k, 0 < k < m,
//   m - (m / w) (max(0, w - k) + max(0, w - m + k));
// all of any senders where min(k, m - k) >= w; none where a run and its destinations share a block of P places that divides w;
// else they are counted one by one, without being kept.
//
// Example: m = 8 places in units of w = 4: at distance 1 everyone's sends leave 8 - 2 (3 + 0) = 2 times.
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation;

/// <summary>Sends by a distance on an axis.</summary>
public sealed class ShiftSends : SendPattern
{
    readonly RankAxis axis;
    readonly int first, run, period, runs, advance, offset, offsetStep;

    ShiftSends(RankAxis axis, int first, int run, int period, int runs, int advance, int offset, int offsetStep)
    {
        this.axis = axis;
        this.first = first;
        this.run = run;
        this.period = period;
        this.runs = runs;
        this.advance = advance;
        this.offset = offset;
        this.offsetStep = offsetStep;
    }

    /// <summary>Every position sends by the same distance, which may grow with each repetition.</summary>
    /// <exception cref="InputException">The distance leads back to the sender.</exception>
    public static ShiftSends Everyone(RankAxis axis, int offset, int offsetStep = 0)
    {
        ArgumentNullException.ThrowIfNull(axis);
        return new(axis, 0, axis.Length, axis.Length, 1, 0, Distance(axis, offset), offsetStep);
    }

    /// <summary>Runs of positions at equal distances send by the same distance.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="first">The first position of the first run.</param>
    /// <param name="run">Positions of a run.</param>
    /// <param name="period">From one run to the next.</param>
    /// <param name="runs">How many there are.</param>
    /// <param name="offset">The distance.</param>
    /// <exception cref="InputException">A position lies beyond the axis, or the distance leads back to the sender.</exception>
    public static ShiftSends Some(RankAxis axis, int first, int run, int period, int runs, int offset)
    {
        ArgumentNullException.ThrowIfNull(axis);
        if (first < 0 || run < 1 || period < run || runs < 0 || (runs > 0 && first + (long)(runs - 1) * period + run > axis.Length))
            throw new InputException($"expected positions of an axis of {axis.Length:N0}, found {runs:N0} runs of {run:N0} every {period:N0} from {first:N0}");
        return new(axis, first, run, period, runs, 0, Distance(axis, offset), 0);
    }

    /// <summary>One position sends, another with each repetition.</summary>
    /// <exception cref="InputException">The distance leads back to the sender.</exception>
    public static ShiftSends Walk(RankAxis axis, int first, int advance, int offset, int offsetStep = 0)
    {
        ArgumentNullException.ThrowIfNull(axis);
        return new(axis, first, 1, 1, 1, advance, Distance(axis, offset), offsetStep);
    }

    /// <inheritdoc/>
    public override long Count => (long)axis.Lines * run * runs;

    internal override bool Fits(int ranks, int vertices) => axis.Ranks == ranks;

    internal override bool ChannelsAlike => !axis.Rooted;

    internal override long Inside(RankLayout layout, int channel, int repeat) =>
        Count * repeat - (layout.LevelCount > 1 ? Leaving(layout, 1, channel, repeat) : 0);

    internal override long Leaving(RankLayout layout, int level, int channel, int repeat)
    {
        var unit = layout.UnitRanks(level - 1);
        var (stride, length) = (axis.Stride, axis.Length);
        if (unit % ((long)stride * length) == 0) return 0;
        var all = (long)run * runs * repeat;
        if (stride % unit == 0) return all * axis.Lines;
        var width = unit / stride;
        if (unit % stride != 0 || length % width != 0 || width % axis.Turn != 0)
            throw new InputException($"units of {unit:N0} ranks cut through lines of {length:N0} ranks {stride:N0} apart; expected units that hold whole parts of them");
        return axis.Lines * (run == length ? OfEveryone(width, repeat) : OfSome(width, channel, repeat));
    }

    long OfEveryone(int width, int repeat)
    {
        if (offsetStep == 0) return repeat * OfEveryoneAt(offset, width);
        var sum = 0L;
        for (var i = 0; i < repeat; i++) sum += OfEveryoneAt(Mod(offset + (long)i * offsetStep, axis.Length), width);
        return sum;
    }

    long OfEveryoneAt(int distance, int width)
    {
        var m = axis.Length;
        return m - m / width * (Math.Max(0L, width - distance) + Math.Max(0L, width - m + distance));
    }

    long OfSome(int width, int channel, int repeat)
    {
        if (offsetStep == 0)
        {
            if (Math.Min(offset, axis.Length - offset) >= width) return (long)run * runs * repeat;
            if (KeepsToBlocks(width)) return 0;
        }
        var sum = 0L;
        for (var i = 0; i < repeat; i++)
        {
            var k = Mod(offset + (long)i * offsetStep, axis.Length);
            for (var j = 0; j < runs; j++)
            {
                var start = Mod(first + (long)i * advance, axis.Length) + j * period;
                for (var x = start; x < start + run; x++)
                    if (axis.Place(x, channel) / width != axis.Place((x + k) % axis.Length, channel) / width) sum++;
            }
        }
        return sum;
    }

    bool KeepsToBlocks(int width)
    {
        if (advance != 0 || axis.Start != 0 || axis.Rooted || axis.Mirrored || width % period != 0) return false;
        var signed = offset > axis.Length / 2 ? offset - axis.Length : offset;
        var low = first % period + Math.Min(0, signed);
        var high = first % period + run - 1 + Math.Max(0, signed);
        return low >= 0 && high < period;
    }

    internal override void Fill(int channel, int repetition, Span<int> source, Span<int> destination)
    {
        var (stride, length) = (axis.Stride, axis.Length);
        var block = stride * length;
        var blocks = axis.Ranks / block;
        var firstLine = axis.RailOfChannel ? channel % stride : 0;
        var lines = axis.RailOfChannel ? firstLine + 1 : stride;
        var k = Mod(offset + (long)repetition * offsetStep, length);
        var n = 0;
        for (var j = 0; j < runs; j++)
        {
            var start = Mod(first + (long)repetition * advance, length) + j * period;
            for (var x = start; x < start + run; x++)
            {
                var from = axis.Offset(axis.Place(x, channel), channel);
                var to = axis.Offset(axis.Place((x + k) % length, channel), channel);
                for (var o = 0; o < blocks; o++)
                    for (var e = firstLine; e < lines; e++)
                    {
                        source[n] = o * block + from + e;
                        destination[n++] = o * block + to + e;
                    }
            }
        }
    }

    static int Distance(RankAxis axis, int offset)
    {
        var distance = Mod(offset, axis.Length);
        return distance != 0 ? distance : throw new InputException($"a send by {offset:N0} on an axis of {axis.Length:N0} leads back to its sender");
    }

    static int Mod(long value, int length)
    {
        var rest = (int)(value % length);
        return rest < 0 ? rest + length : rest;
    }
}
