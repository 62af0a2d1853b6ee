using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Simulation.Packets;

/// <summary>What a switch does with a packet that doesn't fit.</summary>
public enum OnFull
{
    /// <summary>Cuts it, or the one that came before it, to its header, which goes ahead of data [Handley et al., NDP, SIGCOMM 2017; UEC 1.0].</summary>
    Trim,

    /// <summary>Drops it.</summary>
    Drop,

    /// <summary>It never comes to that: who sends is paused before [IEEE 802.1Qbb].</summary>
    Pause,

    /// <summary>It never comes to that: a link's sender has credits for the room behind it, and sends when they last [InfiniBand Architecture Specification 1.4, 7.9].</summary>
    Credit,
}

/// <summary>Queues of switches: one for data and one that goes before it, per port.</summary>
public sealed record SwitchSettings
{
    /// <summary>What a queue of data holds; the packet that is being sent counts. With pauses and credits: what may wait in a switch of the data that came by one wire.</summary>
    public required DataSize Buffer { get; init; }

    /// <summary>What happens beyond.</summary>
    public OnFull OnFull { get; init; } = OnFull.Trim;

    /// <summary>
    /// Above this, packets are marked when they leave, with a chance that grows to 1 at <see cref="MarkAll"/>; null: nothing is marked.
    /// Read from the queue that is left behind [RFC 3168; RED of Floyd and Jacobson 1993 without averaging].
    /// </summary>
    public DataSize? MarkFrom { get; init; }

    /// <summary>Where all are marked.</summary>
    public DataSize? MarkAll { get; init; }

    /// <summary>With <see cref="OnFull.Credit"/>: whether only ports mark that have credit for another packet, and so are not held back themselves.</summary>
    public bool MarkRootsOnly { get; init; }

    /// <summary>Whether queues towards hosts mark too; receivers that give out credits regulate those themselves.</summary>
    public bool MarkTowardsHosts { get; init; } = true;

    /// <summary>Size of a header that was cut off.</summary>
    public DataSize Header { get; init; } = DataSize.FromBytes(64);

    /// <summary>With <see cref="OnFull.Pause"/>: data from one wire that wait in a switch, from which its sender is paused.</summary>
    public DataSize? PauseFrom { get; init; }

    /// <summary>With <see cref="OnFull.Pause"/>: below this it may go on.</summary>
    public DataSize? ResumeBelow { get; init; }

    /// <summary>
    /// Whether a switch forwards a packet when its header is there instead of the whole of it, where no wire out of the switch is faster than the one by which
    /// it comes. Marks are decided and room is given back as a packet begins to be sent then, and not at its end.
    /// </summary>
    public bool CutThrough { get; init; }

    /// <summary>Queues of data per port: classes, or virtual lanes; each has room, thresholds and credits of its own.</summary>
    public int Lanes { get; init; } = 1;

    /// <summary>Whether the queue of a packet is by the switches that it has passed, and not by its flow's class.</summary>
    public bool ByHops { get; init; }

    /// <summary>What all queues of a switch hold together, instead of <see cref="Buffer"/> each; null: nothing is shared.</summary>
    public DataSize? Shared { get; init; }

    /// <summary>With <see cref="Shared"/>: what a queue may hold, over what is left of the shared room.</summary>
    public double Alpha { get; init; } = 1;

    /// <summary>With <see cref="Shared"/> and pauses: room of each wire's own for what is under way when it is paused.</summary>
    public DataSize Headroom { get; init; }

    /// <summary>Checks that thresholds can work.</summary>
    /// <exception cref="InputException">A buffer is smaller than a packet, thresholds are the wrong way round, or pauses have no room for what is under way.</exception>
    public void Check(DataSize packet, DataSize underWay)
    {
        if (Buffer < packet) throw new InputException($"a queue of {Buffer} can't hold one packet of {packet}");
        if (Buffer.Bytes > int.MaxValue / 4) throw new InputException($"expected queues of at most 512 MiB, found {Buffer}");
        if (Lanes is < 1 or > 8) throw new InputException($"expected 1 to 8 queues of data per port, found {Lanes}");
        if (Shared < packet) throw new InputException($"a shared buffer of {Shared} can't hold one packet of {packet}");
        if (Shared?.Bytes > int.MaxValue / 4) throw new InputException($"expected shared buffers of at most 512 MiB, found {Shared}");
        if (!(Alpha is > 0 and <= 128)) throw new InputException($"expected an alpha above 0 and at most 128, found {Alpha}");
        if (MarkFrom is null != MarkAll is null) throw new InputException("expected both thresholds of marking, or none");
        if (MarkFrom > MarkAll) throw new InputException($"marking begins at {MarkFrom} and is complete at {MarkAll}: expected them the other way round");
        if (OnFull != OnFull.Pause) return;
        if (PauseFrom is not { } pause || ResumeBelow is not { } resume) throw new InputException("a lossless queue needs both thresholds: from when its sender is paused, and when it may go on");
        if (resume > pause) throw new InputException($"senders are paused from {pause} and go on below {resume}: expected them the other way round");
        if (Buffer < pause + underWay)
            throw new InputException($"a queue of {Buffer} that pauses from {pause} has no room for the {underWay} that are under way until a pause takes effect (headroom): expected at least {pause + underWay}");
    }
}
