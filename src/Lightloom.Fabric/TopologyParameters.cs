using Lightloom.Catalog;
using Lightloom.Catalog.Documents;

namespace Lightloom.Fabric;

/// <summary>
/// What single topologies have beside what every fabric has. Null = sized by the topology from its systems and switch. A parameter
/// that a topology doesn't have is an error.
/// </summary>
public sealed record TopologyParameters
{
    /// <summary>The seed that a random topology uses unless one is given.</summary>
    public const int UsualSeed = 1;

    /// <summary>Ports of an optical circuit switch that are kept as spares unless it is given how many: 8 of 136 in a TPU v4 pod.</summary>
    public const int UsualSparePorts = 8;

    /// <summary>Ports of cards on one switch: p of a dragonfly, T of a HyperX, concentration of a Slim Fly.</summary>
    [Limits(Minimum = 1, Maximum = 65_000)]
    public int? HostsPerSwitch { get; init; }

    /// <summary>Switches of a group with hosts: a of a dragonfly, the leaves of a Dragonfly+ group.</summary>
    [Limits(Minimum = 1, Maximum = 65_000)]
    public int? SwitchesPerGroup { get; init; }

    /// <summary>Switches of a Dragonfly+ group without hosts, which hold its global links.</summary>
    [Limits(Minimum = 1, Maximum = 65_000)]
    public int? SpinesPerGroup { get; init; }

    /// <summary>Links to other groups that one switch has: h of a dragonfly, those of a Dragonfly+ spine.</summary>
    [Limits(Minimum = 1, Maximum = 65_000)]
    public int? GlobalLinksPerSwitch { get; init; }

    /// <summary>Groups: g of a dragonfly.</summary>
    [Limits(Minimum = 1, Maximum = 10_000_000)]
    public int? Groups { get; init; }

    /// <summary>Links between two neighbouring switches: within a dragonfly's group, along a dimension of a HyperX.</summary>
    [Limits(Minimum = 1, Maximum = 65_000)]
    public int? LinksPerPair { get; init; }

    /// <summary>Lengths of a grid: switches of a HyperX, boards of a HammingMesh, nodes of a torus.</summary>
    public IReadOnlyList<int>? Dimensions { get; init; }

    /// <summary>Nodes of one board along each dimension: a and b of a HammingMesh, the cube of a torus.</summary>
    public IReadOnlyList<int>? Board { get; init; }

    /// <summary>The prime power q behind a Slim Fly or a PolarFly.</summary>
    [Limits(Minimum = 2, Maximum = 2_000)]
    public int? Order { get; init; }

    /// <summary>Switches of a Jellyfish.</summary>
    [Limits(Minimum = 1, Maximum = 10_000_000)]
    public int? Switches { get; init; }

    /// <summary>Links from one switch to others: r of a Jellyfish.</summary>
    [Limits(Minimum = 1, Maximum = 65_000)]
    public int? Degree { get; init; }

    /// <summary>Seed of a random topology: the same seed gives the same fabric, byte for byte.</summary>
    [Limits(Minimum = 0, Maximum = int.MaxValue)]
    public int? Seed { get; init; }

    /// <summary>The optical circuit switch that joins the boards of a torus; null joins them by cables.</summary>
    public OpticalCircuitSwitch? OpticalSwitch { get; init; }

    /// <summary>Ports of an optical circuit switch that stay free for repairs; 8 unless given.</summary>
    [Limits(Minimum = 0, Maximum = 100_000)]
    public int? SpareOpticalPorts { get; init; }

    /// <summary>The parameters that are given, by their names in a design.</summary>
    public IEnumerable<string> Given
    {
        get
        {
            if (HostsPerSwitch is not null) yield return "hostsPerSwitch";
            if (SwitchesPerGroup is not null) yield return "switchesPerGroup";
            if (SpinesPerGroup is not null) yield return "spinesPerGroup";
            if (GlobalLinksPerSwitch is not null) yield return "globalLinksPerSwitch";
            if (Groups is not null) yield return "groups";
            if (LinksPerPair is not null) yield return "linksPerPair";
            if (Dimensions is not null) yield return "dimensions";
            if (Board is not null) yield return "board";
            if (Order is not null) yield return "order";
            if (Switches is not null) yield return "switches";
            if (Degree is not null) yield return "degree";
            if (Seed is not null) yield return "seed";
            if (OpticalSwitch is not null) yield return "opticalSwitch";
            if (SpareOpticalPorts is not null) yield return "spareOpticalPorts";
        }
    }

    /// <summary>Whether a topology has all parameters that a request gives.</summary>
    /// <exception cref="FabricException">It lacks one; the message names those that it has. The field is "parameters" and the name.</exception>
    internal static TopologyParameters Of(ITopology topology, FabricRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Parameters is not { } parameters) return None;
        foreach (var name in parameters.Given)
            if (!topology.Parameters.Contains(name))
                throw new FabricException($"parameters.{name}", $"{topology.Name} has no parameter '{name}'; it has " +
                    (topology.Parameters.Count == 0 ? "none" : string.Join(", ", topology.Parameters)));
        AtLeastOne("hostsPerSwitch", parameters.HostsPerSwitch);
        AtLeastOne("switchesPerGroup", parameters.SwitchesPerGroup);
        AtLeastOne("spinesPerGroup", parameters.SpinesPerGroup);
        AtLeastOne("globalLinksPerSwitch", parameters.GlobalLinksPerSwitch);
        AtLeastOne("groups", parameters.Groups);
        AtLeastOne("linksPerPair", parameters.LinksPerPair);
        AtLeastOne("switches", parameters.Switches);
        AtLeastOne("degree", parameters.Degree);
        foreach (var (name, lengths) in ((string, IReadOnlyList<int>?)[])[("dimensions", parameters.Dimensions), ("board", parameters.Board)])
        {
            if (lengths is { Count: 0 }) throw new FabricException($"parameters.{name}", $"{name} has no length; expected at least one");
            foreach (var length in lengths ?? []) AtLeastOne(name, length);
        }
        return parameters;
    }

    static readonly TopologyParameters None = new();

    static void AtLeastOne(string name, int? value)
    {
        if (value < 1) throw new FabricException($"parameters.{name}", $"{name} is {value}; the nearest possible is 1", null, 1);
    }
}
