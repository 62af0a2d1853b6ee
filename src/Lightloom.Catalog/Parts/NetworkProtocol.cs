using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>What a transport does about a lost frame.</summary>
public enum OnLoss
{
    /// <summary>Sends everything again from the lost frame on.</summary>
    GoBackN,

    /// <summary>Sends the lost frame again.</summary>
    RetransmitSelectively,
}

/// <summary>A training fabric's protocol with its usual transport and load balancing.</summary>
[PartKind("protocol")]
public sealed record NetworkProtocol : Part
{
    /// <summary>What its links speak.</summary>
    public required LinkProtocol Link { get; init; }

    /// <summary>How collectives use such a fabric.</summary>
    public required CollectiveParameters Collectives { get; init; }

    /// <summary>Share of the line rate left to payload after headers and gaps.</summary>
    [Limits(Minimum = 0.1, Maximum = 1)]
    public required Sourced<double> PayloadShare { get; init; }

    /// <summary>How its fabrics usually spread traffic over equal links; a design may choose another.</summary>
    public required LoadBalancing LoadBalancing { get; init; }

    /// <summary>Software latency of one message, both ends together.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public required Sourced<Duration> SoftwareLatency { get; init; }

    /// <summary>What it does about a lost frame.</summary>
    public required OnLoss OnLoss { get; init; }

    /// <summary>Whether a link sends lost frames again itself, before the ends of the path learn of them.</summary>
    public bool LinkRetry { get; init; }

    /// <summary>Largest frame's payload.</summary>
    [Limits(Minimum = 64, Maximum = 1e6)]
    public required Sourced<DataSize> FramePayload { get; init; }

    /// <summary>Longest time without an answer that a connection survives; a flap that outlasts it interrupts the job.</summary>
    [Limits(Minimum = 0, Maximum = 1e4)]
    public required Sourced<Duration> RetryWindow { get; init; }
}
