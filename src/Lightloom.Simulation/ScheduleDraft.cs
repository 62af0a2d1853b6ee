using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Simulation;

/// <summary>A schedule while it is written. Not for several threads.</summary>
public sealed class ScheduleDraft
{
    readonly List<SwitchTier> tiers = [];
    readonly List<ScheduleStep> steps = [];
    readonly string name;

    /// <summary>An empty schedule.</summary>
    /// <param name="name">What it is a schedule of.</param>
    /// <param name="layout">Where the ranks stand.</param>
    /// <param name="size">The data that pieces, channels and blocks divide.</param>
    /// <param name="pieces">Pieces into which it is cut.</param>
    /// <exception cref="InputException">The size is negative or not a number, or there are no pieces.</exception>
    public ScheduleDraft(string name, RankLayout layout, DataSize size, int pieces = 1)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (!double.IsFinite(size.Bytes) || size.Bytes < 0) throw new InputException($"expected data of at least 0 B, found {size}");
        if (pieces < 1) throw new InputException($"expected at least one piece, found {pieces:N0}");
        this.name = name;
        Layout = layout;
        Size = size;
        Pieces = pieces;
        Divide(1, 1);
    }

    /// <summary>Where the ranks stand.</summary>
    public RankLayout Layout { get; }

    /// <summary>The data of the whole schedule.</summary>
    public DataSize Size { get; }

    /// <summary>Pieces into which it is cut.</summary>
    public int Pieces { get; }

    /// <summary>Channels.</summary>
    public int Channels { get; private set; }

    /// <summary>Blocks of one channel in one piece.</summary>
    public long Blocks { get; private set; }

    /// <summary>Data of one block.</summary>
    public DataSize BlockSize { get; private set; }

    /// <summary>Divides the data of a piece among channels, and that of a channel into blocks. Comes before the first step.</summary>
    /// <param name="channels">Channels.</param>
    /// <param name="blocks">Blocks of a channel.</param>
    /// <param name="share">Blocks that make up a channel's part of the data; as many as there are unless given.</param>
    public void Divide(int channels, long blocks, long? share = null)
    {
        if (steps.Count > 0) throw new InvalidOperationException("the data is divided before the first step");
        Channels = channels;
        Blocks = blocks;
        BlockSize = DataSize.FromBytes(Size.Bytes / Pieces / channels / (share ?? blocks));
    }

    /// <summary>Adds switches that reduce or copy.</summary>
    /// <param name="level">Their level; higher than those added before.</param>
    /// <param name="width">Switches in each unit, one for each head or rail.</param>
    public SwitchTier AddSwitches(int level, int width)
    {
        if (tiers.Count > 0 && level <= tiers[^1].Level) throw new InvalidOperationException("switches are added from the inside out");
        var unit = Layout.UnitRanks(level);
        var tier = new SwitchTier(tiers.Count == 0 ? Layout.Ranks : tiers[^1].End, level, unit, width, checked(Layout.Ranks / unit * width));
        tiers.Add(tier);
        return tier;
    }

    /// <summary>Sends that carry blocks, on every channel.</summary>
    /// <param name="pattern">Who sends to whom.</param>
    /// <param name="combine">What becomes of what arrives.</param>
    /// <param name="count">Blocks that one send carries.</param>
    /// <param name="blocks">Which.</param>
    /// <param name="waits">Whether a send waits for what its sender received before.</param>
    /// <param name="track">Which of its channel's queues a sender uses.</param>
    public SendClass Send(SendPattern pattern, Combine combine, int count, BlockRule blocks, bool waits = true, int track = 0) =>
        Send(pattern, combine, count, blocks, 0, Channels, waits, track);

    /// <summary>Sends that carry blocks, on some channels.</summary>
    /// <param name="pattern">Who sends to whom.</param>
    /// <param name="combine">What becomes of what arrives.</param>
    /// <param name="count">Blocks that one send carries.</param>
    /// <param name="blocks">Which.</param>
    /// <param name="firstChannel">The first channel.</param>
    /// <param name="channelCount">Channels.</param>
    /// <param name="waits">Whether a send waits for what its sender received before.</param>
    /// <param name="track">Which of its channel's queues a sender uses.</param>
    public SendClass Send(SendPattern pattern, Combine combine, int count, BlockRule blocks, int firstChannel, int channelCount, bool waits = true,
        int track = 0) =>
        new(pattern, combine, DataSize.FromBytes(BlockSize.Bytes * count))
        {
            BlockCount = count,
            Blocks = blocks,
            FirstChannel = firstChannel,
            ChannelCount = channelCount,
            Waits = waits,
            Track = track,
        };

    /// <summary>The rule of sends that carry the only block of their channel.</summary>
    public static void OnlyBlock(in SendPlace send, Span<int> blocks) => blocks[0] = 0;

    /// <summary>Sends one by one, whose data is not told apart.</summary>
    /// <param name="sends">The sends.</param>
    /// <param name="waits">Whether a send waits for what its sender received before.</param>
    public static SendClass Send(ListedSends sends, bool waits = true)
    {
        ArgumentNullException.ThrowIfNull(sends);
        return new(sends, Combine.Copy, DataSize.FromBytes(sends.Count == 0 ? 0 : sends.TotalBytes / sends.Count)) { ChannelCount = 1, Waits = waits };
    }

    /// <summary>Adds a step; one without sends adds nothing.</summary>
    /// <param name="repeat">How often it is repeated, one after the other.</param>
    /// <param name="classes">Its sends.</param>
    /// <exception cref="InputException">They name ranks, switches or channels that the schedule doesn't have.</exception>
    public void Step(int repeat, params ReadOnlySpan<SendClass> classes)
    {
        List<SendClass> kept = [];
        var vertices = tiers.Count == 0 ? Layout.Ranks : tiers[^1].End;
        foreach (var c in classes)
        {
            if (!c.Pattern.Fits(Layout.Ranks, vertices)) throw new InputException($"expected sends among the {Layout.Ranks:N0} ranks of '{name}' and its switches, found others");
            if (c.FirstChannel < 0 || c.FirstChannel + c.ChannelCount > Channels)
                throw new InputException($"expected channels below the {Channels:N0} of '{name}', found {c.FirstChannel:N0} to {c.FirstChannel + c.ChannelCount - 1:N0}");
            if (c.Pattern.Count > 0 && c.ChannelCount > 0) kept.Add(c);
        }
        if (repeat > 0 && kept.Count > 0) steps.Add(new(repeat, kept));
    }

    /// <summary>The schedule as written so far.</summary>
    public Schedule Finish() => new(name, Layout, [.. tiers], Channels, Pieces, Blocks, BlockSize, [.. steps]);
}
