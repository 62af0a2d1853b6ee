namespace Lightloom.Fabric;

// Parts that look the same from everywhere fail the same way. Devices are told apart by colour refinement [Weisfeiler and Leman 1968]:
//
//   c₀(d) = kind and plane-free place of d;   c(d) ← hash(c(d), Σ over links hash(c(other end), class, direction))   until stable
//
// and links besides by the cards that both ends share and by their load under all-to-all, which tells apart what degrees don't (links of a random regular graph). On a
// folded Clos, torus, HyperX or dragonfly the classes are the orbits of its symmetry: one of each class speaks for all. On graphs
// without symmetry, parts of equal colour and equal load are taken for alike, which is then an assumption; there are as many classes
// as loads.

/// <summary>A class of parts that fail alike.</summary>
/// <param name="Kind">"link", "module", "switch" or "plane".</param>
/// <param name="Name">The class: "leaf-spine", "spine", "leaf end of leaf-spine".</param>
/// <param name="Count">Parts of the class.</param>
/// <param name="Example">The first of them, by name.</param>
/// <param name="Failed">That one, down.</param>
public sealed record FailureClass(string Kind, string Name, int Count, string Example, FailedParts Failed);

/// <summary>Finds the classes of parts that fail alike.</summary>
sealed class SymmetryClasses
{
    const int MostRounds = 32;
    const double LoadGrain = 1e-7;

    readonly FabricGraph graph;
    readonly ulong[] colour;
    readonly ulong[] linkKey;
    readonly bool[] managed;

    public SymmetryClasses(FabricGraph graph, LinkLoads uniform)
    {
        this.graph = graph;
        managed = [.. graph.Plan.Links.Select(l => l.Lower.Tier == "management")];
        colour = new ulong[graph.Devices];
        for (var t = 0; t < graph.Tiers.Count; t++)
            Array.Fill(colour, Router.Mix(1, (ulong)t), graph.Tiers[t].First, graph.Tiers[t].Count);
        linkKey = new ulong[graph.Links];
        for (var l = 0; l < graph.Links; l++)
        {
            var (up, down) = (uniform.Load(l, true), uniform.Load(l, false));
            // Which end is the lower says nothing between devices of one kind.
            var (a, b) = graph.Plan.Links[graph.ClassOf[l]] is { } c && c.Lower.Tier == c.Upper.Tier && up > down ? (down, up) : (up, down);
            linkKey[l] = Router.Mix(Router.Mix(Router.Mix(graph.ClassOf[l], OrdinalOf(l) + (ulong)CommonCards(l)), (ulong)Math.Round(a / LoadGrain)), (ulong)Math.Round(b / LoadGrain));
        }
        Refine();
    }

    /// <summary>All classes: links, modules of several links, switches, planes.</summary>
    public IReadOnlyList<FailureClass> All()
    {
        var classes = new List<FailureClass>();
        var links = Enumerable.Range(0, graph.Links).Where(l => !managed[graph.ClassOf[l]]).ToArray();
        foreach (var same in links.GroupBy(KeyOf).OrderBy(g => g.First()))
        {
            var l = same.First();
            classes.Add(new("link", graph.Plan.Links[graph.ClassOf[l]].Name, same.Count(), NameOf(l), new FailedParts(graph).AddLink(l)));
        }
        foreach (var same in Modules().GroupBy(m => m.Key).OrderBy(g => g.Min(m => m.Device)).ThenBy(g => g.Min(m => m.Port)))
        {
            var m = same.First();
            var kinds = FailedParts.LinksOfModule(graph, m.Device, m.Port).Select(l => graph.Plan.Links[graph.ClassOf[l]].Name).Distinct().Order(StringComparer.Ordinal);
            classes.Add(new("module", $"{graph.TierOf(m.Device).Name} end of {string.Join(" and ", kinds)}", same.Count(), $"{graph.NameOf(m.Device)}:{m.Port}",
                new FailedParts(graph).AddModule(m.Device, m.Port)));
        }
        var switches = Enumerable.Range(graph.FirstSwitch, graph.SwitchCount);
        foreach (var same in switches.GroupBy(d => colour[d]).OrderBy(g => g.First()))
        {
            var d = same.First();
            classes.Add(new("switch", graph.TierOf(d).Name, same.Count(), graph.NameOf(d), new FailedParts(graph).AddDevice(d)));
        }
        var planes = graph.Plan.Request.Planes;
        if (planes > 1) classes.Add(new("plane", "plane", planes, "plane 0", new FailedParts(graph).AddPlane(0)));
        return classes;
    }

    // Port i of a card talks to port i of others: which one it is, of those in a plane, tells ports apart.
    ulong OrdinalOf(int link)
    {
        if (graph.Lower[link] >= graph.Cards || graph.Upper[link] < graph.Cards) return 0;
        var (ports, planes) = (graph.Tiers[0].Ports, graph.Plan.Request.Planes);
        return ports % planes == 0 ? (ulong)(graph.LowerPort[link] % (ports / planes)) : graph.LowerPort[link];
    }

    // Cards of several ports may meet both switches of a link; colours of the ends don't see that it is the same card.
    int CommonCards(int link)
    {
        if (graph.Lower[link] < graph.FirstSwitch || graph.Tiers[0].Ports <= graph.Plan.Request.Planes) return 0;
        var cards = new HashSet<int>();
        foreach (var l in graph.LinksOf(graph.Lower[link]))
            if (graph.Across(l, graph.Lower[link]) is var card && card < graph.Cards) cards.Add(card);
        var common = 0;
        foreach (var l in graph.LinksOf(graph.Upper[link]))
            if (cards.Remove(graph.Across(l, graph.Upper[link]))) common++;
        return common;
    }

    string NameOf(int link) => $"{graph.NameOf(graph.Lower[link])}:{graph.NameOf(graph.Upper[link])}";

    ulong KeyOf(int link)
    {
        var (a, b) = (colour[graph.Lower[link]], colour[graph.Upper[link]]);
        return Router.Mix(linkKey[link], a + b); // Alike in whichever direction.
    }

    // Cages of switches that hold more than one link.
    IEnumerable<(ulong Key, int Device, int Port)> Modules()
    {
        for (var d = graph.FirstSwitch; d < graph.Devices; d++)
        {
            var tier = graph.TierOf(d);
            var cage = Math.Max(1, (tier.Switch?.PortsPerCage?.Value ?? 1) * tier.Split);
            if (cage == 1) continue;
            var links = graph.LinksOf(d).ToArray();
            for (var i = 0; i < links.Length;)
            {
                var (first, key, count) = (graph.PortOf(links[i], d), 0UL, 0);
                for (var at = first / cage; i < links.Length && graph.PortOf(links[i], d) / cage == at; i++)
                {
                    if (managed[graph.ClassOf[links[i]]]) continue;
                    key += KeyOf(links[i]);
                    count++;
                }
                if (count > 1) yield return (Router.Mix(colour[d], key), d, first);
            }
        }
    }

    void Refine()
    {
        var next = new ulong[colour.Length];
        var before = 0;
        for (var round = 0; round < MostRounds; round++)
        {
            colour.CopyTo(next, 0);
            for (var d = 0; d < next.Length; d++) next[d] = Router.Mix(colour[d], 0);
            for (var l = 0; l < graph.Links; l++)
            {
                if (managed[graph.ClassOf[l]]) continue;
                var (a, b) = (graph.Lower[l], graph.Upper[l]);
                next[a] += Router.Mix(colour[b], linkKey[l]);
                next[b] += Router.Mix(colour[a], linkKey[l]);
            }
            for (var d = 0; d < next.Length; d++) colour[d] = Router.Mix(next[d], 1);
            var now = new HashSet<ulong>(colour).Count;
            if (now == before) return;
            before = now;
        }
    }
}
