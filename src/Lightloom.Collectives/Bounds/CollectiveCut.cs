using System.Globalization;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>A cut of the network that a collective has to cross: what passes it, and how long that takes at least. Lives on the stack.</summary>
public readonly record struct CollectiveCut
{
    /// <summary>The level of <see cref="Level"/> that stands for the ports of one rank.</summary>
    public const int Ports = -1;

    /// <summary>The boundary that is crossed: level l &gt; 0 is the way out of a unit of level l − 1, <see cref="Ports"/> that out of one rank.</summary>
    public int Level { get; init; }

    /// <summary>Ranks on the inner side.</summary>
    public double Ranks { get; init; }

    /// <summary>Bytes that have to cross it in the busier direction.</summary>
    public DataSize Volume { get; init; }

    /// <summary>Bandwidth of the cut, one direction.</summary>
    public Bandwidth Bandwidth { get; init; }

    /// <summary>Time of one message across it: the last byte takes that long when it has left.</summary>
    public Duration Latency { get; init; }

    /// <summary>Whether switches outside of it were taken to reduce or copy.</summary>
    public bool Reduced { get; init; }

    /// <summary>Time of the bytes alone.</summary>
    public Duration Transfer => Volume.Bytes > 0 ? Volume / Bandwidth : Duration.Zero;

    /// <summary>Bytes, and the way of the last of them.</summary>
    public Duration Time => Transfer + Latency;

    /// <summary>What is cut: "out of one NVLink domain: 8 x 50 GB/s", "one rank's ports: 450 + 50 GB/s".</summary>
    /// <param name="levels">The network that the cut is of.</param>
    /// <param name="group">Where the ranks sit.</param>
    public string Say(NetworkLevels levels, in GroupPlacement group)
    {
        ArgumentNullException.ThrowIfNull(levels);
        var of = (CollectiveBounds.Rate(levels, Math.Max(0, Level), Reduced) / 1e9).ToString("G4", CultureInfo.InvariantCulture);
        if (Level == Ports)
        {
            var (inside, outside) = CollectiveBounds.PortsOf(levels, group, Reduced);
            var parts = new[] { inside, outside }.Where(p => p > 0).Select(p => (p / 1e9).ToString("G4", CultureInfo.InvariantCulture));
            return $"one rank's ports: {string.Join(" + ", parts)} GB/s";
        }
        return string.Create(CultureInfo.InvariantCulture, $"out of {UnitOf(levels, Level - 1)}: {Math.Round(Ranks, 2)} x {of} GB/s");
    }

    static string UnitOf(NetworkLevels levels, int level) => level == 0 ? "one scale-up domain" : $"one {levels[level].Name} unit";
}
