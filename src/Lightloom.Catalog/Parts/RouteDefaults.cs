using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>What is assumed of routes between sites, of what stands along them and of sites as a whole, where a design doesn't say.</summary>
[PartKind("route-defaults")]
public sealed record RouteDefaults : Part
{
    /// <summary>Length of a span: distance of the huts in which amplifiers stand.</summary>
    [Limits(Minimum = 1e3, Maximum = 1e6)]
    public required Sourced<Length> Span { get; init; }

    /// <summary>Loss of the connector at each end of a span.</summary>
    [Limits(Minimum = 0, Maximum = 10)]
    public required Sourced<Decibels> ConnectorLoss { get; init; }

    /// <summary>Loss of the multiplexer, and once more of the demultiplexer.</summary>
    [Limits(Minimum = 0, Maximum = 30)]
    public required Sourced<Decibels> MultiplexerLoss { get; init; }

    /// <summary>Margin that every channel of a new line must have, for repairs, ageing and what the models leave out.</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public required Sourced<Decibels> Margin { get; init; }

    /// <summary>Yearly price of one dark fibre per length, lit by whoever leases it.</summary>
    [Limits(Minimum = 0, Maximum = 1000)]
    public required Sourced<MoneyPerLength> DarkFibre { get; init; }

    /// <summary>Yearly price of a leased wave of 100 Gb/s, both ends, whatever its length.</summary>
    [Limits(Minimum = 0, Maximum = 1e9)]
    public required Sourced<Money> WaveEnds { get; init; }

    /// <summary>Yearly price of a leased wave of 100 Gb/s per length of its route, beside its ends.</summary>
    [Limits(Minimum = 0, Maximum = 1e4)]
    public required Sourced<MoneyPerLength> WaveLength { get; init; }

    /// <summary>Price of a hut with its power for the amplifiers of one place.</summary>
    [Limits(Minimum = 0, Maximum = 1e8)]
    public required Sourced<Money> Hut { get; init; }

    /// <summary>Time over which modules and amplifiers of a route are written off; huts last as long as the building.</summary>
    [Limits(Minimum = 1, Maximum = 3.2e9)]
    public required Sourced<Duration> LineLife { get; init; }

    /// <summary>Cuts of a cable along 1,000 km of route.</summary>
    [Limits(Minimum = 0, Maximum = 1e-4)]
    public required Sourced<FailureRate> CutsPerThousandKilometers { get; init; }

    /// <summary>Time until a cut cable carries light again.</summary>
    [Limits(Minimum = 1, Maximum = 1e8)]
    public required Sourced<Duration> CutRepair { get; init; }

    /// <summary>Failures of one amplifier.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public required Sourced<FailureRate> AmplifierFailures { get; init; }

    /// <summary>Time until a failed amplifier is exchanged.</summary>
    [Limits(Minimum = 1, Maximum = 1e8)]
    public required Sourced<Duration> AmplifierRepair { get; init; }

    /// <summary>Failures of a whole site: power, cooling, or its way to all routes.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public required Sourced<FailureRate> SiteFailures { get; init; }

    /// <summary>Time until a failed site trains again.</summary>
    [Limits(Minimum = 1, Maximum = 1e8)]
    public required Sourced<Duration> SiteRepair { get; init; }
}
