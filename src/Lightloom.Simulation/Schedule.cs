// What moves between ranks, and after what: one schedule for every network engine. Symbolic; expanded only when asked.
//
//   data      K pieces x C channels x B blocks; block b of channel c in piece k has the number (k C + c) B + b
//   steps     t = 0, 1, ...: each a list of classes of sends, repeated; a repetition is a step of its own
//   sends     K sum over steps of repetitions x sum over classes of channels x sends of the pattern
//   order     a send that waits starts when everything has arrived that its sender receives, on the same channel in the same piece, in
//             earlier steps: it never depends on a later one. Pieces and channels depend on nothing of each other.
//   queues    sends of one rank in one channel and track leave in the order of pieces and steps; so pieces pipeline through tracks
//   level 0   bytes that stay inside scale-up domains; level l > 0: bytes that leave a unit of level l - 1
//
// Counts come from the classes: a schedule of a million ranks has as many classes as one of eight.
//
// Example: ring all-reduce of 8 MB over 8 ranks in domains of 4, one channel: B = 8, two steps repeated 7 times, 2 x 7 x 8 = 112 sends of
//   1 MB, of which 2 x 7 x 2 = 28 leave a domain: 28 MB.
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Simulation;

/// <summary>A schedule of sends between ranks, and switches that reduce or copy. Immutable; safe to share between threads.</summary>
public sealed class Schedule
{
    /// <summary>Sends that <see cref="Expand"/> makes at most unless told otherwise: about 600 MB.</summary>
    public const long DefaultExpansionLimit = 10_000_000;

    internal Schedule(string name, RankLayout layout, IReadOnlyList<SwitchTier> tiers, int channels, int pieces, long blocks, DataSize blockSize,
        IReadOnlyList<ScheduleStep> steps)
    {
        Name = name;
        Layout = layout;
        Tiers = tiers;
        Channels = channels;
        Pieces = pieces;
        Blocks = blocks;
        BlockSize = blockSize;
        Steps = steps;
    }

    /// <summary>What it is a schedule of.</summary>
    public string Name { get; }

    /// <summary>Where its ranks stand.</summary>
    public RankLayout Layout { get; }

    /// <summary>Switches that reduce or copy, innermost first; none where the network only forwards.</summary>
    public IReadOnlyList<SwitchTier> Tiers { get; }

    /// <summary>Ranks and switches: 0 to n - 1 are ranks.</summary>
    public int Vertices => Tiers.Count == 0 ? Layout.Ranks : Tiers[^1].End;

    /// <summary>Channels that share the data.</summary>
    public int Channels { get; }

    /// <summary>Pieces into which the data is cut, one behind the other through all steps.</summary>
    public int Pieces { get; }

    /// <summary>Blocks of one channel in one piece; 0 where the data is not told apart.</summary>
    public long Blocks { get; }

    /// <summary>Data of one block.</summary>
    public DataSize BlockSize { get; }

    /// <summary>The steps of one piece.</summary>
    public IReadOnlyList<ScheduleStep> Steps { get; }

    /// <summary>Steps of one piece, repetitions counted.</summary>
    public long StepCount => Steps.Sum(s => (long)s.Repeat);

    /// <summary>Sends of all pieces.</summary>
    /// <exception cref="OverflowException">There are more than 2⁶³.</exception>
    public long SendCount => Sum(c => checked(c.ChannelCount * c.Pattern.Count));

    /// <summary>Data of all sends.</summary>
    public DataSize TotalBytes => Bytes(c => c.Pattern.Count * c.Bytes.Bytes);

    /// <summary>Data that ranks add to theirs.</summary>
    public DataSize ReducedByRanks => Bytes(c => c.Combine == Combine.Reduce && !c.Pattern.ToSwitch ? c.Pattern.Count * c.Bytes.Bytes : 0);

    /// <summary>Data that switches add up.</summary>
    public DataSize ReducedBySwitches => Bytes(c => c.Combine == Combine.Reduce && c.Pattern.ToSwitch ? c.Pattern.Count * c.Bytes.Bytes : 0);

    /// <summary>Sends over a level: inside scale-up domains for 0, out of units of the level below for others.</summary>
    public long SendsOver(int level)
    {
        Check(level);
        return checked(Pieces * Steps.Sum(s => s.Classes.Sum(c => Over(c, level, s.Repeat))));
    }

    /// <summary>Data over a level: inside scale-up domains for 0, out of units of the level below for others.</summary>
    public DataSize BytesOver(int level)
    {
        Check(level);
        return DataSize.FromBytes(Pieces * Steps.Sum(s => s.Classes.Sum(c => c.Pattern is ListedSends listed
            ? c.ChannelCount * s.Repeat * listed.Bytes(Layout.UnitRanks(Math.Max(0, level - 1)), level > 0)
            : Over(c, level, s.Repeat) * c.Bytes.Bytes)));
    }

    /// <summary>Lists every send.</summary>
    /// <param name="limit">Sends that may be listed at most.</param>
    /// <param name="withBlocks">Whether the blocks that each carries are listed too.</param>
    /// <exception cref="InputException">There are more.</exception>
    public ExpandedSchedule Expand(long limit = DefaultExpansionLimit, bool withBlocks = false) => new ScheduleExpansion(this, limit, withBlocks).Run();

    void Check(int level)
    {
        if (level < 0 || level >= Layout.LevelCount) throw new ArgumentOutOfRangeException(nameof(level), $"expected a level below {Layout.LevelCount}, found {level}");
    }

    long Over(SendClass c, int level, int repeat)
    {
        long Of(int channel) => level == 0 ? c.Pattern.Inside(Layout, channel, repeat) : c.Pattern.Leaving(Layout, level, channel, repeat);
        if (c.Pattern.ChannelsAlike) return c.ChannelCount * Of(c.FirstChannel);
        var sum = 0L;
        for (var i = 0; i < c.ChannelCount; i++) sum += Of(c.FirstChannel + i);
        return sum;
    }

    long Sum(Func<SendClass, long> of)
    {
        checked
        {
            var sum = 0L;
            foreach (var step in Steps) sum += step.Repeat * step.Classes.Sum(of);
            return Pieces * sum;
        }
    }

    DataSize Bytes(Func<SendClass, double> of) => DataSize.FromBytes(Pieces * Steps.Sum(s => s.Repeat * s.Classes.Sum(c => c.ChannelCount * of(c))));

    /// <summary>Prints its name and counts.</summary>
    public override string ToString() => $"{Name}: {Layout.Ranks:N0} ranks, {Pieces * StepCount:N0} steps, {SendCount:N0} sends, {TotalBytes}";
}
