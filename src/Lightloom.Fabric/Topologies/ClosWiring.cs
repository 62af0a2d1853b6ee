namespace Lightloom.Fabric;

// Which port of a folded Clos meets which; the numbers of a leaf and a spine are those of ClosShape, within their pod.
//
//   node-leaf    (with c > 1 leaves for each card, card i / c takes the place of port i, in leaf c · (...) + i mod c)
//                port i of system s of a unit    leaf i / e of the unit, port (s mod U) · e + i mod e        e ports of a system per leaf
//   leaf-spine   link i of leaf l: n = l·u₁ + i   spine n mod s of the pod, port n / s
//   spine-core   link i of spine j of pod p: n = p·u₂ + i   core n mod c of group j, port n / c
//
// Ports down come first; ports up begin at the next cage. With whole bundles, leaf l meets every spine at ports l·b to l·b + b − 1.

/// <summary>The wiring of a folded Clos of one to three tiers.</summary>
public sealed class ClosWiring : FabricWiring
{
    readonly int cardPorts, splitDown, splitUp, splitSpine, splitCore;

    internal ClosWiring(ClosShape shape, int cardPorts, int splitDown, int splitUp, int splitSpine, int splitCore) =>
        (Shape, this.cardPorts, this.splitDown, this.splitUp, this.splitSpine, this.splitCore) = (shape, cardPorts, splitDown, splitUp, splitSpine, splitCore);

    /// <summary>The counts.</summary>
    public ClosShape Shape { get; }

    /// <summary>Whether a group is a unit, and the spines stand apart; else it is a pod with its spines.</summary>
    public bool GroupsAreUnits { get; private init; }

    /// <inheritdoc/>
    public override int Groups => GroupsAreUnits ? Shape.Units : Shape.Pods;

    /// <summary>The same wiring with units for groups, for a fabric of one pod that stands in several halls.</summary>
    public ClosWiring ByUnits() => new(Shape, cardPorts, splitDown, splitUp, splitSpine, splitCore) { GroupsAreUnits = true };

    /// <inheritdoc/>
    public override int GroupOfSystem(int system) => system / Shape.SystemsPerUnit / (GroupsAreUnits ? 1 : Shape.UnitsPerPod);

    /// <inheritdoc/>
    public override int GroupOfSwitch(int tier, int index) => tier switch
    {
        0 => index / Shape.LeavesPerUnit / (GroupsAreUnits ? 1 : Shape.UnitsPerPod),
        1 when !GroupsAreUnits => index / Shape.SpinesPerPod,
        _ => -1,
    };

    /// <inheritdoc/>
    public override void Wire(FabricGraphBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        for (var plane = 0; plane < Shape.Planes; plane++)
        {
            WireSystems(builder, plane);
            if (Shape.UplinksPerLeaf > 0) WireLeaves(builder, plane);
            if (Shape.UplinksPerSpine > 0) WireSpines(builder, plane);
        }
    }

    void WireSystems(FabricGraphBuilder builder, int plane)
    {
        var ports = builder.PortsPerSystemAndPlane;
        for (var system = 0; system < Shape.Systems; system++)
        {
            var (unit, inUnit) = Math.DivRem(system, Shape.SystemsPerUnit);
            for (var i = 0; i < ports; i++)
            {
                // Port j of the cards of a rail goes to leaf j of that rail's leaves.
                var (rail, within) = Math.DivRem(i / cardPorts, Shape.PortsPerSystemAndLeaf);
                rail = (rail * cardPorts) + (i % cardPorts);
                var (card, cardPort) = builder.CardOf(system, plane, i);
                builder.Link(0, card, cardPort, builder.Switch(0, plane, (unit * Shape.LeavesPerUnit) + rail),
                    builder.Port(0, 0, splitDown, (inUnit * Shape.PortsPerSystemAndLeaf) + within));
            }
        }
        WireManagers(builder, plane);
    }

    // Fabric managers take the ports that systems leave free, leaf after leaf.
    void WireManagers(FabricGraphBuilder builder, int plane)
    {
        var management = builder.Plan.Links.Count - 1;
        var (leaf, used) = (-1, 0);
        var most = Shape.UplinksPerLeaf == 0 ? builder.Plan.Tiers[0].Radix : Shape.SystemsPerUnit * Shape.PortsPerSystemAndLeaf;
        for (var manager = 0; manager < builder.Plan.Request.ManagementLinks; manager++)
        {
            while (leaf < 0 || used == most)
            {
                leaf++;
                var inUnit = Math.Clamp(Shape.Systems - ((long)(leaf / Shape.LeavesPerUnit) * Shape.SystemsPerUnit), 0, Shape.SystemsPerUnit);
                used = (int)inUnit * Shape.PortsPerSystemAndLeaf;
            }
            builder.Link(management, builder.Manager(plane, manager), 0, builder.Switch(0, plane, leaf), builder.Port(0, 0, splitDown, used++));
        }
    }

    void WireLeaves(FabricGraphBuilder builder, int plane)
    {
        var up = FirstUp(builder, 0, Shape.SystemsPerUnit * Shape.PortsPerSystemAndLeaf, splitDown, Shape.UplinksPerLeaf, splitUp);
        var perPod = Shape.UnitsPerPod * Shape.LeavesPerUnit;
        for (var leaf = 0; leaf < Shape.Leaves; leaf++)
        {
            var (pod, inPod) = Math.DivRem(leaf, perPod);
            for (var i = 0; i < Shape.UplinksPerLeaf; i++)
            {
                var (port, spine) = Math.DivRem(((long)inPod * Shape.UplinksPerLeaf) + i, Shape.SpinesPerPod);
                builder.Link(1, builder.Switch(0, plane, leaf), builder.Port(0, up, splitUp, i),
                    builder.Switch(1, plane, (pod * Shape.SpinesPerPod) + (int)spine), builder.Port(1, 0, splitSpine, (int)port));
            }
        }
    }

    void WireSpines(FabricGraphBuilder builder, int plane)
    {
        var up = FirstUp(builder, 1, builder.Plan.Tiers[1].PortsDown, splitSpine, Shape.UplinksPerSpine, splitSpine);
        for (var spine = 0; spine < Shape.Spines; spine++)
        {
            var (pod, group) = Math.DivRem(spine, Shape.SpinesPerPod);
            for (var i = 0; i < Shape.UplinksPerSpine; i++)
            {
                var (port, core) = Math.DivRem(((long)pod * Shape.UplinksPerSpine) + i, Shape.CoresPerGroup);
                builder.Link(2, builder.Switch(1, plane, spine), builder.Port(1, up, splitSpine, i),
                    builder.Switch(2, plane, (group * Shape.CoresPerGroup) + (int)core), builder.Port(2, 0, splitCore, (int)port));
            }
        }
    }

    // The first port up: at a cage of its own where there is room for that. Ports that are split alike may share a physical one.
    static int FirstUp(FabricGraphBuilder builder, int tier, int down, int splitDown, int up, int splitUp)
    {
        var part = builder.Plan.Tiers[tier].Switch;
        var finest = Math.Max(splitDown, splitUp);
        var cage = (part.PortsPerCage?.Value ?? 1) * finest;
        var taken = splitDown == splitUp ? down : (down + splitDown - 1) / splitDown * finest;
        var wanted = splitDown == splitUp ? up : (up + splitUp - 1) / splitUp * finest;
        return Math.Min((taken + cage - 1) / cage * cage, (part.Ports.Value * finest) - wanted);
    }
}
