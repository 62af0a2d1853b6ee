using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>
/// What an algorithm does to the network, without time: bytes and sequential messages over each level. The busiest rank counts;
/// over levels beyond the first, bytes are those that leave a unit, divided by the unit's ranks of the group.
/// </summary>
public struct CollectiveFootprint
{
    LevelValues bytes;
    LevelValues messages;
    LevelValues inNetworkBytes;
    LevelValues inNetworkMessages;
    LevelValues stages;
    int used; // bit l: level l is crossed
    bool ring;

    /// <summary>Sequential steps from the first send to the last receive.</summary>
    public double Steps { get; private set; }

    /// <summary>Data that one rank sends over a level.</summary>
    public readonly DataSize Volume(int level) => DataSize.FromBytes(bytes[level]);

    /// <summary>Data that one rank sends over a level for the switches to reduce or copy.</summary>
    public readonly DataSize InNetworkVolume(int level) => DataSize.FromBytes(inNetworkBytes[level]);

    /// <summary>Messages over a level that follow one another.</summary>
    public readonly double Messages(int level) => messages[level];

    /// <summary>Reductions by the switches of a level that follow one another.</summary>
    public readonly double InNetworkMessages(int level) => inNetworkMessages[level];

    /// <summary>Stages of the pipeline that lie on a level.</summary>
    public readonly double Stages(int level) => stages[level];

    /// <summary>Whether anything crosses a level.</summary>
    public readonly bool Uses(int level) => (used & (1 << level)) != 0;

    // One pipeline runs through all levels of the fabric: its stages count on the first of them; those of level 0 follow from its ranks.
    internal void Send(int level, double volume, double sequential) => Send(level, volume, sequential, level <= 1 ? 1 : 0);

    internal void Send(int level, double volume, double sequential, double pipelined)
    {
        used |= 1 << level;
        bytes[level] += volume;
        messages[level] += sequential;
        stages[level] += pipelined;
        Steps += sequential;
    }

    /// <summary>Says that every rank takes every step, so that the slowest kind of step paces all.</summary>
    internal void PaceByPosting() => ring = true;

    internal void Reduce(int level, double volume, double sequential)
    {
        used |= 1 << level;
        inNetworkBytes[level] += volume;
        inNetworkMessages[level] += sequential;
        if (level <= 1) stages[level] += 1;
        Steps += sequential;
    }

    // The equations stand in CollectiveModel.cs.
    // A kernel is launched whether or not the group uses the scale-up links, so level 0's launch always counts; the fabric's
    // proxies start once, however many levels their messages pass. One pipeline runs through all levels: it is filled once, as slowly
    // as its slowest level fills.
    internal readonly CollectiveTime Time(CollectiveAlgorithm algorithm, CollectiveProtocol protocol, in GroupPlacement group, NetworkLevels levels)
    {
        var small = protocol == CollectiveProtocol.LowLatency;
        double latency = 0, launch = 0, transfer = 0, ramp = 0;
        var binding = 0;
        var paced = 0.0;
        if (ring)
        {
            for (var i = 1; i < group.LevelCount; i++)
                if (Uses(i)) paced = Math.Max(paced, levels.At(i).Posting * (small ? SmallPosting : 1));
        }
        for (var i = 0; i < group.LevelCount; i++)
        {
            if (!Uses(i)) continue;
            ref readonly var level = ref levels.At(i);
            if (i > 0 && level.Launch > launch) launch = level.Launch;
            latency += messages[i] * Math.Max(paced, small ? level.LowLatency : level.Latency);
            var wire = bytes[i] * SecondsPerByte(algorithm, small, i, level);
            if (inNetworkMessages[i] > 0)
            {
                latency += inNetworkMessages[i] * level.InNetworkLatency;
                wire += inNetworkBytes[i] * level.InNetworkSecondsPerByte;
            }
            if (wire > 0 && !small)
            {
                var depth = i == 0 ? (group.Within(0) - 1) / EightRanks : stages[i];
                var until = depth * level.Saturation;
                ramp = Math.Max(ramp, 2 * Math.Sqrt(depth * level.Pipeline * wire * until / (wire + until)));
            }
            if (wire <= transfer) continue;
            transfer = wire;
            binding = i;
        }
        return new(levels.At(0).Launch + launch + latency, ramp, transfer, algorithm, protocol, binding, Steps);
    }

    // The bulk protocol posts three times: data, size and flag (NCCL 2.30's selector).
    const double SmallPosting = 1.0 / 3;

    // Links of a chain of eight: the domain that the mechanisms' figures speak of.
    const double EightRanks = 7;

    // Between pairs the flags halve what a fabric carries; in chains of dependent steps they cost it far more, which is measured.
    static double SecondsPerByte(CollectiveAlgorithm algorithm, bool small, int index, in NetworkLevels.Flat level) => (small, algorithm.BetweenPairs) switch
    {
        (true, true) when index > 0 => 2 * level.PointToPointSecondsPerByte,
        (true, _) => level.LowLatencySecondsPerByte,
        (false, true) => level.PointToPointSecondsPerByte,
        _ => level.SecondsPerByte,
    };
}
