// A fabric, expanded link by link, with the scale-up domains of its systems, as ranks that communicate.
//
//   A, C   accelerators and cards of a system        k   cards that forward as one, where cards are joined to each other
//
//   accelerators   the ranks, system by system
//   scale-up       switched: one switch for each domain, links of B_0 (its chips can turn all ports round); a mesh or torus link by link; none
//                  where cards forward and the scale-up links are a torus, since these are then the fabric's
//   cards          part of their accelerator where C is a multiple of A (and, where cards forward, C = A k); otherwise nodes of their own,
//                  joined by all that their ports carry to the accelerators that they are dealt to, or to all where that isn't whole
//   switches       one by one; links by their rates
//
// Divisions, for bounds by cuts: an accelerator; a system; what hangs on one switch alone; units and groups of the hall; halves of the
// groups, and of a torus along each dimension.
//
// Example: 2 DGX H100 on one switch of 64 ports: 16 ranks, 2 scale-up switches, 1 switch; 64 directed links.
using Lightloom.Catalog;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>Who communicates over a fabric, and the ways to cut it.</summary>
public sealed class FabricCommunication
{
    /// <summary>The division into single accelerators.</summary>
    public const string OfAccelerators = "one accelerator's ports";

    /// <summary>The division into systems, each a scale-up domain.</summary>
    public const string OfDomains = "one scale-up domain";

    /// <summary>The division into switches and the systems that hang on them alone.</summary>
    public const string OfSwitches = "one switch with what hangs on it";

    readonly FabricGraph fabric;
    readonly int each, scaleUpSwitches, together, forwarders;
    readonly bool forward, merged;
    readonly int firstCard, firstSwitch, nodes;

    FabricCommunication(FabricGraph fabric, int each)
    {
        this.fabric = fabric;
        this.each = each;
        var system = fabric.Plan.Request.System;
        var (accelerators, cards) = (system.Accelerators.Value, fabric.CardsPerSystem);
        forward = fabric.SwitchCount == 0;
        for (var l = 0; l < fabric.Links && !forward; l++) forward = fabric.Upper[l] < fabric.Cards;
        if (forward && each != accelerators) throw new ArgumentException("where cards forward, all accelerators of a system take part");
        together = forward ? fabric.Plan.Wiring.CardsPerForwarder : 1;
        merged = cards % accelerators == 0 && (!forward || together == cards / accelerators);
        forwarders = cards / together;
        Ranks = checked(fabric.Systems * each);
        scaleUpSwitches = each > 1 && system.Accelerator.ScaleUpTopology == ScaleUpTopology.Switched ? fabric.Systems : 0;
        firstCard = Ranks + scaleUpSwitches;
        firstSwitch = firstCard + (merged ? 0 : fabric.Systems * forwarders);
        nodes = firstSwitch + fabric.SwitchCount;
    }

    /// <summary>Ranks.</summary>
    public int Ranks { get; }

    /// <summary>Ranks, switches and links.</summary>
    public required CommunicationGraph Graph { get; init; }

    /// <summary>Ways to cut it along its own lines.</summary>
    public required IReadOnlyList<GraphParts> Divisions { get; init; }

    /// <summary>All accelerators of a fabric.</summary>
    /// <param name="fabric">The fabric.</param>
    /// <param name="ranksPerSystem">Ranks on each system; all its accelerators unless given. Cards of others carry nothing.</param>
    /// <param name="scaleUpShare">Share of the scale-up links' rate that counts; all unless given.</param>
    /// <param name="fabricShare">Share of the fabric's rates that counts; all unless given.</param>
    /// <exception cref="ArgumentException">The fabric is too large, or takes part in no such way.</exception>
    public static FabricCommunication Of(FabricGraph fabric, int? ranksPerSystem = null, Ratio? scaleUpShare = null, Ratio? fabricShare = null)
    {
        ArgumentNullException.ThrowIfNull(fabric);
        var each = ranksPerSystem ?? fabric.Plan.Request.System.Accelerators.Value;
        if (each < 1 || each > fabric.Plan.Request.System.Accelerators.Value) throw new ArgumentException($"a system has {fabric.Plan.Request.System.Accelerators.Value} accelerators, not {each}");
        var shape = new FabricCommunication(fabric, each) { Graph = null!, Divisions = null! };
        return new(fabric, each) { Graph = shape.Links(scaleUpShare?.Si ?? 1, fabricShare?.Si ?? 1), Divisions = shape.Divide() };
    }

    CommunicationGraph Links(double scaleUpShare, double fabricShare)
    {
        var builder = new CommunicationGraph.Builder(Ranks, nodes - Ranks);
        builder.Kind("accelerator", 0);
        if (scaleUpSwitches > 0) builder.Kind("scale-up switch", Ranks);
        if (!merged) builder.Kind("card", firstCard);
        foreach (var tier in fabric.Tiers)
            if (tier.Switch is not null) builder.Kind(tier.Name, firstSwitch + tier.First - fabric.FirstSwitch);
        ScaleUp(builder, scaleUpShare);
        if (!merged) Cards(builder, fabricShare);
        for (var l = 0; l < fabric.Links; l++)
        {
            var (a, b) = (NodeOf(fabric.Lower[l]), NodeOf(fabric.Upper[l]));
            if (a >= 0 && b >= 0) builder.Both(a, b, RateOf(l) * fabricShare);
        }
        return builder.Finish();
    }

    void ScaleUp(CommunicationGraph.Builder builder, double share)
    {
        // Where cards forward, the links of a scale-up torus are those of the fabric.
        if (each == 1 || (forward && fabric.Plan.Request.System.Accelerator.ScaleUpTopology == ScaleUpTopology.Torus)) return;
        var system = fabric.Plan.Request.System;
        var rate = system.Accelerator.ScaleUpBandwidth.Value.BytesPerSecond * share;
        if (scaleUpSwitches > 0)
        {
            for (var r = 0; r < Ranks; r++) builder.Both(r, Ranks + (r / each), rate);
            return;
        }
        var domain = ScaleUpDomain.Of(system);
        for (var s = 0; s < fabric.Systems; s++)
            for (var l = 0; l < domain.Links; l++)
                if (domain.Lower[l] < each && domain.Upper[l] < each) builder.Both((s * each) + domain.Lower[l], (s * each) + domain.Upper[l], domain.LinkRate.BytesPerSecond * share);
    }

    void Cards(CommunicationGraph.Builder builder, double share)
    {
        var accelerators = fabric.Plan.Request.System.Accelerators.Value;
        for (var f = 0; f < fabric.Systems * forwarders; f++)
        {
            var (system, card) = Math.DivRem(f, forwarders);
            var rate = 0.0;
            for (var c = f * together; c < (f + 1) * together; c++)
                foreach (var l in fabric.LinksOf(c)) rate += RateOf(l) * share;
            for (var a = 0; a < each; a++)
            {
                var deals = accelerators % forwarders == 0 ? a / (accelerators / forwarders) == card
                    : forwarders % accelerators != 0 || card / (forwarders / accelerators) == a;
                if (deals) builder.Both((system * each) + a, firstCard + f, rate);
            }
        }
    }

    double RateOf(int link) => fabric.Plan.Links[fabric.ClassOf[link]].Rate.BytesPerSecond;

    /// <summary>The node of a device, or −1 where it takes no part.</summary>
    int NodeOf(int device)
    {
        if (device >= fabric.FirstSwitch) return firstSwitch + device - fabric.FirstSwitch;
        if (device >= fabric.Cards) return -1;
        if (!merged) return firstCard + (device / together);
        var (system, card) = Math.DivRem(device, fabric.CardsPerSystem);
        var accelerator = card / (fabric.CardsPerSystem / fabric.Plan.Request.System.Accelerators.Value);
        return accelerator < each ? (system * each) + accelerator : -1;
    }

    List<GraphParts> Divide()
    {
        var list = new List<GraphParts>();
        if (Ranks > 1) list.Add(new(OfAccelerators, [.. Enumerable.Range(0, nodes).Select(v => v < Ranks ? v : -1)]));
        if (fabric.Systems > 1 && each > 1) Add(OfDomains, system => system, _ => -1);
        if (fabric.SwitchCount > 0 && !forward && Hanging() is { } hanging) list.Add(hanging);
        if (fabric.Plan.Clos is { } shape && shape.Units > 1)
        {
            var leaf = fabric.Tiers.Count - fabric.Plan.Tiers.Count;
            Add("one leaf group", system => system / shape.SystemsPerUnit, device => fabric.Tiers[leaf].Has(device) ? fabric.Tiers[leaf].IndexOf(device) / shape.LeavesPerUnit : -1);
        }
        var groups = fabric.Plan.Wiring.Groups;
        if (groups > 1)
        {
            int Group(int system) => fabric.GroupOf(system * fabric.CardsPerSystem);
            Add("one group", Group, fabric.GroupOf);
            if (groups > 3) Add("half of the groups", system => Group(system) < groups / 2 ? 0 : 1, device => fabric.GroupOf(device) is var g && g < 0 ? -1 : g < groups / 2 ? 0 : 1);
        }
        if (forward && fabric.Plan.Wiring.Grid is { } grid) Halve(grid, list);
        return list;

        void Add(string name, Func<int, int> ofSystem, Func<int, int> ofSwitch)
        {
            var part = new int[nodes];
            for (var r = 0; r < Ranks; r++) part[r] = ofSystem(r / each);
            for (var s = 0; s < scaleUpSwitches; s++) part[Ranks + s] = ofSystem(s);
            for (var c = firstCard; c < firstSwitch; c++) part[c] = ofSystem((c - firstCard) / forwarders);
            for (var v = firstSwitch; v < nodes; v++) part[v] = ofSwitch(v - firstSwitch + fabric.FirstSwitch);
            list.Add(new(name, part));
        }
    }

    // Systems whose links all lead to one switch, with it; null where there are none.
    GraphParts? Hanging()
    {
        var at = new int[fabric.Systems];
        for (var s = 0; s < at.Length; s++)
        {
            at[s] = -2;
            for (var c = s * fabric.CardsPerSystem; c < (s + 1) * fabric.CardsPerSystem; c++)
            {
                foreach (var l in fabric.LinksOf(c))
                {
                    var device = fabric.Across(l, c);
                    if (device < fabric.FirstSwitch) continue;
                    at[s] = at[s] == -2 || at[s] == device ? device : -1;
                }
            }
        }
        if (at.All(d => d < 0) || at.Distinct().Count() == 1) return null;
        var part = new int[nodes];
        for (var r = 0; r < Ranks; r++) part[r] = Part(at[r / each]);
        for (var s = 0; s < scaleUpSwitches; s++) part[Ranks + s] = Part(at[s]);
        for (var c = firstCard; c < firstSwitch; c++) part[c] = Part(at[(c - firstCard) / forwarders]);
        for (var v = firstSwitch; v < nodes; v++) part[v] = v - firstSwitch;
        return new(OfSwitches, part);

        int Part(int device) => device < 0 ? -1 : device - fabric.FirstSwitch;
    }

    void Halve(FabricGrid grid, List<GraphParts> list)
    {
        for (var d = 0; d < grid.Sides.Count; d++)
        {
            var side = grid.Sides[d];
            if (side < 2) continue;
            var part = new int[nodes];
            Array.Fill(part, -1);
            for (var r = 0; r < Ranks; r++)
            {
                var (system, accelerator) = Math.DivRem(r, each);
                part[r] = grid.Coordinate((system * forwarders) + (accelerator * forwarders / each), d) < side / 2 ? 0 : 1;
            }
            for (var s = 0; s < scaleUpSwitches; s++) part[Ranks + s] = part[s * each];
            for (var c = firstCard; c < firstSwitch; c++) part[c] = grid.Coordinate(c - firstCard, d) < side / 2 ? 0 : 1;
            list.Add(new($"half along dimension {d + 1} of {side}", part));
        }
    }
}
