using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>The least time that a network allows a collective, and what sets it. Lives on the stack; the default value is no time at all.</summary>
public readonly record struct CollectiveBound
{
    /// <summary>No algorithm is faster.</summary>
    public Duration Time { get; init; }

    /// <summary>Time of the bytes over the binding cut alone.</summary>
    public Duration Transfer => Cut.Transfer;

    /// <summary>Launches and sequential messages alone: what no size goes below.</summary>
    public Duration Latency { get; init; }

    /// <summary>The cut that takes longest.</summary>
    public CollectiveCut Cut { get; init; }

    /// <summary>What switches were allowed to do.</summary>
    public SwitchReduction Reduction { get; init; }

    /// <summary>Whether messages, not bytes, set the time.</summary>
    public bool BoundByLatency { get; init; }

    /// <summary>"without reducing switches" or "with reducing switches".</summary>
    public string Kind => Reduction switch
    {
        SwitchReduction.None => "without reducing switches",
        SwitchReduction.AsEquipped => "with the reducing switches that it has",
        _ => "with reducing switches everywhere",
    };

    /// <summary>What binds: a cut, or the latency of messages.</summary>
    public string Say(NetworkLevels levels, in GroupPlacement group) => BoundByLatency ? "messages that follow one another" : Cut.Say(levels, group);
}
