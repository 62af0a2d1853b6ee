using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Planning.Reliability;
using Lightloom.Planning.Serving;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Planning;

/// <summary>What a fabric speaks, by the name that a design uses.</summary>
public enum FabricProtocol
{
    /// <summary>InfiniBand.</summary>
    Infiniband,

    /// <summary>RoCEv2 over Ethernet.</summary>
    [DocumentName("rocev2")]
    RoCEv2,

    /// <summary>Ultra Ethernet.</summary>
    UltraEthernet,
}

/// <summary>A cluster and the job that it is to run, as a design document describes them.</summary>
public sealed record Design
{
    /// <summary>Version of the document format: 1.</summary>
    [Limits(Minimum = 1, Maximum = 1)]
    public required int Lightloom { get; init; }

    /// <summary>What the design is called in reports.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for, in a sentence or two.</summary>
    public string? Description { get; init; }

    /// <summary>The accelerators.</summary>
    public required AcceleratorsSection Accelerators { get; init; }

    /// <summary>The training fabric.</summary>
    public required FabricSection Fabric { get; init; }

    /// <summary>How collectives use the links, where that was measured; those of the parts unless given.</summary>
    public CollectivesSection? Collectives { get; init; }

    /// <summary>The hall, its cables, money and operation.</summary>
    public SiteSection Site { get; init; } = new();

    /// <summary>The job; a design without one is engineered and priced, but not timed.</summary>
    public JobSection? Job { get; init; }

    /// <summary>The model that the cluster serves to users, in place of a job or beside it.</summary>
    public ServingSection? Serving { get; init; }

    /// <summary>What the job does about failures.</summary>
    public RecoverySection? Recovery { get; init; }

    /// <summary>Sites that train the job together, each built as this design says; one unless given.</summary>
    public IReadOnlyList<TrainingSiteSection>? Sites { get; init; }

    /// <summary>Routes between the sites; several may join the same two.</summary>
    public IReadOnlyList<SiteRouteSection>? Routes { get; init; }

    /// <summary>What is assumed of routes and sites where neither says; a part of the catalogue, or one based on it.</summary>
    public RouteDefaults? RouteAssumptions { get; init; }
}

/// <summary>The accelerators of a design.</summary>
public sealed record AcceleratorsSection
{
    /// <summary>The system that carries them.</summary>
    public required AcceleratorSystem System { get; init; }

    /// <summary>How many systems.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000)]
    public required int Systems { get; init; }
}

/// <summary>The training fabric of a design.</summary>
public sealed record FabricSection
{
    /// <summary>What it speaks.</summary>
    public required FabricProtocol Protocol { get; init; }

    /// <summary>How it is built: the name of a topology (fat-tree, rail-optimized, dragonfly, torus, ...).</summary>
    public required string Topology { get; init; }

    /// <summary>The switch of every tier that has none of its own.</summary>
    public required Switch Switch { get; init; }

    /// <summary>The leaf switch, where it differs.</summary>
    public Switch? LeafSwitch { get; init; }

    /// <summary>The spine switch, where it differs.</summary>
    public Switch? SpineSwitch { get; init; }

    /// <summary>The core switch, where it differs.</summary>
    public Switch? CoreSwitch { get; init; }

    /// <summary>Switch tiers; the fewest that can join all systems unless given.</summary>
    [Limits(Minimum = 1, Maximum = 3)]
    public int? Tiers { get; init; }

    /// <summary>Bandwidth down over bandwidth up.</summary>
    public OversubscriptionSection Oversubscription { get; init; } = new();

    /// <summary>Systems that share a leaf, or a set of rail leaves; as many as the ports allow unless given.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int? SystemsPerUnit { get; init; }

    /// <summary>Systems of one pod of a fabric of three tiers; the fewest pods of about one size unless given.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000)]
    public int? SystemsPerPod { get; init; }

    /// <summary>Rails of a rail-optimised fabric; one for each network card of a system unless given.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int? Rails { get; init; }

    /// <summary>Separate, equal fabrics over which the ports of each system are divided.</summary>
    [Limits(Minimum = 1, Maximum = 1_000)]
    public int Planes { get; init; } = 1;

    /// <summary>Links to fabric managers (UFM).</summary>
    [Limits(Minimum = 0, Maximum = 100_000)]
    public int ManagementLinks { get; init; }

    /// <summary>Groups, dimensions, order or seed of a topology that has them; sized by the topology unless given.</summary>
    public TopologyParameters? Parameters { get; init; }

    /// <summary>How it spreads traffic over equal links; as its protocol usually does unless given.</summary>
    public LoadBalancing? LoadBalancing { get; init; }

    /// <summary>Queue pairs over which one connection of two cards sends; what the load balancing says unless given.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int? QueuePairs { get; init; }

    /// <summary>What is down while the job runs.</summary>
    public FailedSection Failed { get; init; } = new();

    /// <summary>Price of switches, modules and cables over the catalogue's, as a ratio: what a protocol or a vendor costs more; with a range where it is not sure.</summary>
    [Limits(Minimum = 0.1, Maximum = 10)]
    public Sourced<double> PriceFactor { get; init; } = Sourced<double>.Of(1, "default of the document format", Grade.Assumption);
}

/// <summary>Bandwidth down over bandwidth up at each tier; 1 is full bisection.</summary>
public sealed record OversubscriptionSection
{
    /// <summary>At the leaves.</summary>
    [Limits(Minimum = 0.1, Maximum = 1000)]
    public double Leaf { get; init; } = 1;

    /// <summary>At the spines, of a fabric of three tiers.</summary>
    [Limits(Minimum = 0.1, Maximum = 1000)]
    public double Spine { get; init; } = 1;
}

/// <summary>Parts of the fabric that are down while the job runs.</summary>
public sealed record FailedSection
{
    /// <summary>Links between one leaf and its spines.</summary>
    [Limits(Minimum = 0, Maximum = 100_000)]
    public int LeafUplinks { get; init; }

    /// <summary>Links between one spine and its cores.</summary>
    [Limits(Minimum = 0, Maximum = 100_000)]
    public int SpineUplinks { get; init; }

    /// <summary>Share of all links between leaves and spines, by chance.</summary>
    [Limits(Minimum = 0, Maximum = 0.5)]
    public double LeafSpine { get; init; }

    /// <summary>Share of all links between spines and cores, by chance.</summary>
    [Limits(Minimum = 0, Maximum = 0.5)]
    public double SpineCore { get; init; }

    /// <summary>Rails: network cards of every system, which collectives then leave out.</summary>
    [Limits(Minimum = 0, Maximum = 100_000)]
    public int Rails { get; init; }
}

/// <summary>What to prefer among the media that close.</summary>
public enum LinkPreference
{
    /// <summary>The lowest price.</summary>
    CheapestFeasible,

    /// <summary>The least power.</summary>
    FewestWatts,

    /// <summary>The shortest time from end to end.</summary>
    LowestLatency,

    /// <summary>The fewest failures.</summary>
    MostReliable,
}

/// <summary>Media that may be used.</summary>
public enum MediaChoice
{
    /// <summary>Any.</summary>
    Any,

    /// <summary>Copper cables alone.</summary>
    Copper,

    /// <summary>Optics alone.</summary>
    Optics,
}

/// <summary>The hall, its cables, money and operation.</summary>
public sealed record SiteSection
{
    /// <summary>The floor; a near-square one that fits unless given.</summary>
    public FloorSection Floor { get; init; } = new();

    /// <summary>How cables are chosen.</summary>
    public LinksSection Links { get; init; } = new();

    /// <summary>What is assumed where this section doesn't say; a part of the catalogue, or one based on it.</summary>
    public SiteDefaults? Assumptions { get; init; }

    /// <summary>Price of electricity.</summary>
    [Limits(Minimum = 0, Maximum = 1e-5)]
    public Sourced<EnergyPrice>? Electricity { get; init; }

    /// <summary>Facility over IT power.</summary>
    [Limits(Minimum = 1, Maximum = 5)]
    public Sourced<double>? PowerUsageEffectiveness { get; init; }
}

/// <summary>The floor of a hall.</summary>
public sealed record FloorSection
{
    /// <summary>Halls, one behind the other, each of as many rows as 'rows' says.</summary>
    [Limits(Minimum = 1, Maximum = 1000)]
    public int Halls { get; init; } = 1;

    /// <summary>What a cable is longer for each wall between two halls.</summary>
    [Limits(Minimum = 0, Maximum = 10_000)]
    public Length? HallDistance { get; init; }

    /// <summary>Rows of racks in one hall.</summary>
    [Limits(Minimum = 1, Maximum = 10_000)]
    public int? Rows { get; init; }

    /// <summary>Racks of one row.</summary>
    [Limits(Minimum = 1, Maximum = 10_000)]
    public int? RacksPerRow { get; init; }

    /// <summary>Systems in one rack; as many as its height and power allow unless given.</summary>
    [Limits(Minimum = 1, Maximum = 100)]
    public int? SystemsPerRack { get; init; }

    /// <summary>Where switches stand.</summary>
    public NetworkPlacement NetworkRacks { get; init; } = NetworkPlacement.EndOfRow;

    /// <summary>Distance between rows, centre to centre.</summary>
    [Limits(Minimum = 0.5, Maximum = 50)]
    public Length? AislePitch { get; init; }

    /// <summary>Distance between racks, centre to centre.</summary>
    [Limits(Minimum = 0.3, Maximum = 10)]
    public Length? RackPitch { get; init; }
}

/// <summary>How cables are chosen: one policy for all, or a part for a tier.</summary>
[Shorthand(nameof(Policy))]
public sealed record LinksSection
{
    /// <summary>What to prefer among the media that close.</summary>
    public LinkPreference Policy { get; init; } = LinkPreference.CheapestFeasible;

    /// <summary>Media that may be used at all.</summary>
    public MediaChoice Media { get; init; }

    /// <summary>The transceiver or copper cable between systems and leaves.</summary>
    [DocumentName("node-leaf")]
    public string? NodeLeaf { get; init; }

    /// <summary>The transceiver or copper cable between leaves and spines.</summary>
    [DocumentName("leaf-spine")]
    public string? LeafSpine { get; init; }

    /// <summary>The transceiver or copper cable between spines and cores.</summary>
    [DocumentName("spine-core")]
    public string? SpineCore { get; init; }

    /// <summary>The transceiver or copper cable of any class of links, by the class's name: <c>{ router-router: 800g-2xdr4 }</c>.</summary>
    public IReadOnlyDictionary<string, string>? Classes { get; init; }

    /// <summary>Mated connector pairs on an optical run, patch panels included.</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public int? Connectors { get; init; }
}

/// <summary>The job of a design.</summary>
public sealed record JobSection
{
    /// <summary>The model.</summary>
    public required TransformerModel Model { get; init; }

    /// <summary>Tokens of a sequence; the model's own unless given.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000_000)]
    public int? Sequence { get; init; }

    /// <summary>Sequences of one step.</summary>
    [Limits(Minimum = 1, Maximum = 100_000_000)]
    public required int GlobalBatch { get; init; }

    /// <summary>Number format of matrix multiplications.</summary>
    public Precision Precision { get; init; }

    /// <summary>Degrees of parallelism.</summary>
    public required Parallelism Parallelism { get; init; }

    /// <summary>Whether the model's own weights stand still and only small adapters learn (LoRA).</summary>
    public bool FrozenWeights { get; init; }

    /// <summary>How memory is used where the degrees don't say it.</summary>
    public MemoryPlan Memory { get; init; } = MemoryPlan.Default;

    /// <summary>Accelerators that the job runs on; all unless given.</summary>
    [Limits(Minimum = 1, Maximum = 10_000_000)]
    public int? Accelerators { get; init; }

    /// <summary>Tokens of the whole training run, in billions, for its duration and cost.</summary>
    [Limits(Minimum = 0.001, Maximum = 1e9)]
    public double? TrainingTokensBillions { get; init; }

    /// <summary>Work between two checkpoints; the best unless given.</summary>
    [Limits(Minimum = 1, Maximum = 1e7)]
    public Duration? CheckpointInterval { get; init; }
}
