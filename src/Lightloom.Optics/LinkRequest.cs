using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>Which loss of connectors and other elements a budget counts with.</summary>
public enum LossBasis
{
    /// <summary>The typical loss of each: what most links of a plant have.</summary>
    Typical,

    /// <summary>The largest loss that the specification of each allows: what every link has at worst.</summary>
    Maximum,
}

/// <summary>A link to be engineered: one fabric port to another.</summary>
public sealed record LinkRequest
{
    /// <summary>Rate of the link, one direction.</summary>
    public required Bandwidth Rate { get; init; }

    /// <summary>Rate of one electrical lane of the ports.</summary>
    public required Bandwidth LaneRate { get; init; }

    /// <summary>Length of the routed run, slack included.</summary>
    public required Length Run { get; init; }

    /// <summary>One end.</summary>
    public LinkEnd A { get; init; } = LinkEnd.SinglePort;

    /// <summary>The other end.</summary>
    public LinkEnd B { get; init; } = LinkEnd.SinglePort;

    /// <summary>Mated pairs of optical connectors between the ends, patch panels included; direct cables have none of them.</summary>
    public int Connectors { get; init; }

    /// <summary>The connector of those pairs; the one that the optics are specified with if null.</summary>
    public Connector? Connector { get; init; }

    /// <summary>Return loss of each of those pairs where the connector's own is not meant: dirty or scratched ones, say.</summary>
    public Sourced<Decibels>? ReturnLoss { get; init; }

    /// <summary>Fusion splices between the ends; cables in one piece have none.</summary>
    public int Splices { get; init; }

    /// <summary>
    /// Fibre that is laid instead of the one that the optics are specified on, hollow-core say; null for the latter. It must guide
    /// as many modes. Loss, delay and price are its own; cables in one piece keep theirs. The optics' reach holds all the same:
    /// what dispersion would allow on the other fibre is not modelled.
    /// </summary>
    public Fibre? Fibre { get; init; }

    /// <summary>
    /// The hosts' Reed-Solomon code where the interface's own is not meant: KP4 or the low-latency code. A code that corrects less asks for
    /// more margin, for the same frame loss. Null for the interface's own.
    /// </summary>
    public FecScheme? Fec { get; init; }

    /// <summary>What else is in the optical path; neither copper nor active cables pass through it.</summary>
    public IReadOnlyList<PathElement> Elements { get; init; } = [];

    /// <summary>Which losses decide whether the link closes.</summary>
    public LossBasis Basis { get; init; } = LossBasis.Typical;

    /// <summary>Which media may be used and which is best.</summary>
    public LinkPolicy Policy { get; init; } = LinkPolicy.CheapestFeasible;

    /// <summary>Refuses what is no link.</summary>
    /// <exception cref="ArgumentException">A rate is not above 0, the run is negative or not a number, or a count is negative.</exception>
    public void Validate()
    {
        if (!(Rate.Si > 0) || !double.IsFinite(Rate.Si)) throw new ArgumentException($"the rate of a link must be above 0, not {Rate}");
        if (!(LaneRate.Si > 0) || !double.IsFinite(LaneRate.Si))
            throw new ArgumentException($"the rate of a lane must be above 0, not {LaneRate}");
        if (!(Run.Si >= 0) || !double.IsFinite(Run.Si)) throw new ArgumentException($"the run of a link must be 0 or longer, not {Run}");
        if (Connectors < 0) throw new ArgumentException($"the number of connectors must be 0 or more, not {Connectors}");
        if (Splices < 0) throw new ArgumentException($"the number of splices must be 0 or more, not {Splices}");
        if (Fec is not (null or FecScheme.Kp4 or FecScheme.LowLatency))
            throw new ArgumentException($"hosts run KP4 or the low-latency code, not {Fec}");
        if (ReturnLoss is { } back && !(back.Value.Si >= 0 && back.Low.Si >= 0))
            throw new ArgumentException($"a return loss must be 0 dB or more, not {back}");
        if (A is null || B is null) throw new ArgumentException("a link needs two ends");
        if (Policy is null) throw new ArgumentException("a link needs a policy");
        if (Elements is null) throw new ArgumentException("the elements of a path may be none, but not null");
        for (var i = 0; i < Elements.Count; i++)
        {
            var loss = Elements[i].Loss;
            if (!(loss.Value.Si >= 0) || !(loss.High.Si >= loss.Value.Si) || !double.IsFinite(loss.High.Si))
                throw new ArgumentException($"the loss of '{Elements[i].Name}' must be 0 dB or more, not {loss}");
            if (Elements[i].ReturnLoss is { } reflected && !(reflected.Si >= 0))
                throw new ArgumentException($"the return loss of '{Elements[i].Name}' must be 0 dB or more, not {reflected}");
        }
    }
}
