using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>How long a dispatch or a combine takes, what it sends and what binds. The default value is nothing sent in no time.</summary>
public readonly struct ExpertExchangeTime
{
    readonly double latency;
    readonly double transfer;
    readonly double expected;
    readonly double almostAll;
    readonly LevelValues bytes;
    readonly LevelValues wire;
    readonly double fabricCounted;
    readonly double scaleUpCounted;

    internal ExpertExchangeTime(double latency, double transfer, double expected, double almostAll, in LevelValues bytes, in LevelValues wire,
        double fabricCounted, double scaleUpCounted, double messages, int bindingLevel, ExpertRouting routing)
    {
        this.latency = latency;
        this.transfer = transfer;
        this.expected = expected;
        this.almostAll = almostAll;
        this.bytes = bytes;
        this.wire = wire;
        this.fabricCounted = fabricCounted;
        this.scaleUpCounted = scaleUpCounted;
        Messages = messages;
        BindingLevel = bindingLevel;
        Routing = routing;
    }

    /// <summary>Time of a rank with the mean load: what a benchmark prints on an average rank.</summary>
    public Duration Mean => Duration.FromSeconds(latency + transfer);

    /// <summary>Expected time of the most loaded rank: what a step waits for.</summary>
    public Duration MostLoaded => Duration.FromSeconds(latency + expected);

    /// <summary>Time that the most loaded rank stays within 99 times in 100.</summary>
    public Duration MostLoaded99 => Duration.FromSeconds(latency + almostAll);

    /// <summary>The part that doesn't depend on the load.</summary>
    public Duration Latency => Duration.FromSeconds(latency);

    /// <summary>The part of <see cref="Mean"/> that does: bytes over the binding level, and overheads of messages.</summary>
    public Duration Transfer => Duration.FromSeconds(transfer);

    /// <summary>The level whose bandwidth binds.</summary>
    public int BindingLevel { get; }

    /// <summary>Messages that one rank sends over the fabric.</summary>
    public double Messages { get; }

    /// <summary>How far a token's experts lie apart.</summary>
    public ExpertRouting Routing { get; }

    /// <summary>Data that the mean rank sends over a level; what stays on the rank or in its unit doesn't count.</summary>
    public DataSize Volume(int level) => DataSize.FromBytes(bytes[level]);

    /// <summary>Time of that over the level's bandwidth.</summary>
    public Duration Wire(int level) => Duration.FromSeconds(wire[level]);

    /// <summary>
    /// Bandwidth as DeepEP prints it for the fabric: one copy for each domain that a token reaches (throughput) or for each expert (low
    /// latency), those at home included, over the time.
    /// </summary>
    public Bandwidth CountedFabric => DataSize.FromBytes(fabricCounted) / Mean;

    /// <summary>Bandwidth as DeepEP prints it for NVLink: one copy for each rank that a token reaches, its own included, over the time.</summary>
    public Bandwidth CountedScaleUp => DataSize.FromBytes(scaleUpCounted) / Mean;

    /// <summary>Data that <see cref="CountedFabric"/> counts.</summary>
    public DataSize CountedFabricData => DataSize.FromBytes(fabricCounted);

    /// <summary>Data that <see cref="CountedScaleUp"/> counts.</summary>
    public DataSize CountedScaleUpData => DataSize.FromBytes(scaleUpCounted);

    /// <summary>Bandwidth of what really crosses a level, over the whole time.</summary>
    public Bandwidth Crossing(int level) => Volume(level) / Mean;

    /// <summary>Prints the mean time.</summary>
    public override string ToString() => Mean.ToString();
}
