using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>How long a collective takes, by whom and why. The default value is no time by no algorithm.</summary>
public readonly struct CollectiveTime
{
    readonly double latency;
    readonly double ramp;
    readonly double wire;
    readonly double host;

    internal CollectiveTime(double latency, double ramp, double wire, CollectiveAlgorithm? algorithm, CollectiveProtocol protocol, int bindingLevel,
        double steps)
    {
        Protocol = protocol;
        this.latency = latency;
        this.ramp = ramp;
        this.wire = wire;
        Algorithm = algorithm;
        BindingLevel = bindingLevel;
        Steps = steps;
    }

    CollectiveTime(in CollectiveTime other, double host)
    {
        this = other;
        this.host = host;
    }

    /// <summary>From the call to the last rank's end; what one call after another takes where the hosts' launches are slower.</summary>
    public Duration Total => Duration.FromSeconds(Seconds);

    /// <summary>What the accelerators and the network take: <see cref="Total"/> where the hosts launch fast enough.</summary>
    public Duration Device => Duration.FromSeconds(latency + ramp + wire);

    /// <summary>Whether the hosts' launches, and neither accelerators nor network, set the time.</summary>
    public bool BoundByHosts => host > latency + ramp + wire;

    /// <summary>The part that doesn't depend on the size: launches and sequential messages.</summary>
    public Duration Latency => Duration.FromSeconds(latency);

    /// <summary>The part that does: bytes over the binding level, and filling the pipeline.</summary>
    public Duration Transfer => Duration.FromSeconds(ramp + wire);

    /// <summary>The part of <see cref="Transfer"/> that filling and draining the pipeline costs; grows with the root of the size.</summary>
    public Duration Ramp => Duration.FromSeconds(ramp);

    /// <summary>The algorithm, or null where there is nothing to do.</summary>
    public CollectiveAlgorithm? Algorithm { get; }

    /// <summary>The protocol of its messages.</summary>
    public CollectiveProtocol Protocol { get; }

    /// <summary>The level whose bandwidth binds.</summary>
    public int BindingLevel { get; }

    /// <summary>Sequential steps.</summary>
    public double Steps { get; }

    internal double Seconds => Math.Max(host, latency + ramp + wire);

    internal CollectiveTime LaunchedIn(double seconds) => new(this, seconds);

    /// <summary>Prints the time, the algorithm and its protocol.</summary>
    public override string ToString() => Algorithm is null ? $"{Total} (nothing)" : $"{Total} ({Algorithm.Name}, {Protocol.Name()})";
}
