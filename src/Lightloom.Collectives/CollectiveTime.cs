using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>How long a collective takes, by whom and why. The default value is no time by no algorithm.</summary>
public readonly struct CollectiveTime
{
    readonly double latency;
    readonly double ramp;
    readonly double wire;

    internal CollectiveTime(double latency, double ramp, double wire, CollectiveAlgorithm? algorithm, int bindingLevel, double steps)
    {
        this.latency = latency;
        this.ramp = ramp;
        this.wire = wire;
        Algorithm = algorithm;
        BindingLevel = bindingLevel;
        Steps = steps;
    }

    /// <summary>From the call to the last rank's end.</summary>
    public Duration Total => Duration.FromSeconds(latency + ramp + wire);

    /// <summary>The part that doesn't depend on the size: launches and sequential messages.</summary>
    public Duration Latency => Duration.FromSeconds(latency);

    /// <summary>The part that does: bytes over the binding level, and filling the pipeline.</summary>
    public Duration Transfer => Duration.FromSeconds(ramp + wire);

    /// <summary>The part of <see cref="Transfer"/> that filling and draining the pipeline costs; grows with the root of the size.</summary>
    public Duration Ramp => Duration.FromSeconds(ramp);

    /// <summary>The algorithm, or null where there is nothing to do.</summary>
    public CollectiveAlgorithm? Algorithm { get; }

    /// <summary>The level whose bandwidth binds.</summary>
    public int BindingLevel { get; }

    /// <summary>Sequential steps.</summary>
    public double Steps { get; }

    internal double Seconds => latency + ramp + wire;

    /// <summary>Prints the time and the algorithm.</summary>
    public override string ToString() => $"{Total} ({Algorithm?.Name ?? "nothing"})";
}
