namespace Lightloom.Planning;

/// <summary>Factors by which each resource of a cluster is better or worse than designed; 1 leaves it as it is.</summary>
public readonly record struct Betterment()
{
    /// <summary>Matrix and attention rates of the accelerators.</summary>
    public double Compute { get; init; } = 1;

    /// <summary>Bandwidth of the accelerators' memory.</summary>
    public double MemoryBandwidth { get; init; } = 1;

    /// <summary>Bandwidth of the scale-up domain.</summary>
    public double ScaleUp { get; init; } = 1;

    /// <summary>Bandwidth of network cards with their links to the leaves.</summary>
    public double Nic { get; init; } = 1;

    /// <summary>Bandwidth between leaves and spines.</summary>
    public double LeafSpine { get; init; } = 1;

    /// <summary>Bandwidth between spines and cores.</summary>
    public double SpineCore { get; init; } = 1;

    /// <summary>Load balancing: divides what the fullest link carries above the mean.</summary>
    public double LoadBalance { get; init; } = 1;

    /// <summary>Latency of switches.</summary>
    public double SwitchLatency { get; init; } = 1;

    /// <summary>Latency of fibre, modules and error correction.</summary>
    public double LinkLatency { get; init; } = 1;

    /// <summary>Failures and flaps of links.</summary>
    public double LinkFailures { get; init; } = 1;

    /// <summary>Frames lost to bit errors.</summary>
    public double BitErrors { get; init; } = 1;
}
