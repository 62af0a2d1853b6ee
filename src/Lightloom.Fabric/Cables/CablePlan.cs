using System.Globalization;
using System.Text;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

// Cables in the order of the graph's links, one at a time: nothing is held but where devices stand.
//
// A cable rises from the rack of end A to the tray over its row, follows it to the place of end B, takes the cross-tray there to the row
// of end B, and drops to its rack; FloorRules says how long that is. A cable inside one rack uses no tray.
//
// Worked example: from R01-02 to R03-05: row tray 1, cross-tray 5; 3 places and 2 rows.

/// <summary>Every cable of a fabric, with both ends, medium, run and label.</summary>
public sealed class CablePlan
{
    readonly FloorRules rules;
    readonly CableMedium[][] media; // of each class, by bucket
    readonly long[][] upTo; // the longest run of each bucket, in mm
    readonly string[] codes;
    readonly string[] rackNames;

    CablePlan(Elevations elevations, IReadOnlyList<IReadOnlyList<CableMedium>> media)
    {
        Elevations = elevations;
        var (graph, floor) = (elevations.Graph, elevations.Floor);
        rules = new(floor.Spec);
        this.media = [.. media.Select(m => m.ToArray())];
        upTo = [.. floor.Cables.Select(c => c.Buckets.Select(b => FloorRules.Millimeters(b.Purchased)).ToArray())];
        if (this.media.Length != upTo.Length) throw new ArgumentException($"expected the media of {upTo.Length} classes, found {this.media.Length}", nameof(media));
        for (var c = 0; c < upTo.Length; c++)
            if (this.media[c].Length != upTo[c].Length)
                throw new ArgumentException($"expected a medium for each of {upTo[c].Length} lengths of {graph.Plan.Links[c].Name}", nameof(media));
        codes = Codes(graph.Plan.Links);
        Digits = graph.Links.ToString(CultureInfo.InvariantCulture).Length;
        rackNames = new string[floor.Rows * floor.RacksPerRow];
    }

    /// <summary>Where the devices stand.</summary>
    public Elevations Elevations { get; }

    /// <summary>Cables, all together.</summary>
    public int Count => Elevations.Graph.Links;

    int Digits { get; }

    /// <summary>Plans the cables of a fabric.</summary>
    /// <param name="elevations">Where the devices stand.</param>
    /// <param name="media">For each class of links, in the plan's order, the medium of each length bucket of the floor.</param>
    public static CablePlan Of(Elevations elevations, IReadOnlyList<IReadOnlyList<CableMedium>> media)
    {
        ArgumentNullException.ThrowIfNull(elevations);
        ArgumentNullException.ThrowIfNull(media);
        return new(elevations, media);
    }

    /// <summary>The cables, one by one.</summary>
    public IEnumerable<Cable> Cables()
    {
        for (var link = 0; link < Count; link++) yield return Of(link);
    }

    /// <summary>The cable of a link of the graph.</summary>
    public Cable Of(int link)
    {
        var graph = Elevations.Graph;
        var (lower, upper, kind) = (graph.Lower[link], graph.Upper[link], graph.ClassOf[link]);
        var (from, to) = (Elevations.PlaceOf(lower), Elevations.PlaceOf(upper));
        var run = RunOf(link);
        var bucket = Array.BinarySearch(upTo[kind], run);
        if (bucket < 0) bucket = ~bucket;
        var medium = media[kind][bucket];
        var between = from.Row != to.Row || from.Column != to.Column;
        return new($"{codes[kind]}-{(link + 1).ToString("D" + Digits, CultureInfo.InvariantCulture)}", graph.Plan.Links[kind].Name, medium.Medium,
            graph.Plan.Links[kind].Rate, Length.FromMillimeters(run), medium.Length, End(lower, graph.LowerPort[link], from),
            End(upper, graph.UpperPort[link], to), between && from.Column != to.Column ? from.Row + 1 : 0, between && from.Row != to.Row ? to.Column + 1 : 0);
    }

    /// <summary>The label of a link's cable.</summary>
    public string LabelOf(int link) =>
        $"{codes[Elevations.Graph.ClassOf[link]]}-{(link + 1).ToString("D" + Digits, CultureInfo.InvariantCulture)}";

    /// <summary>The routed run of a link, slack included, in millimetres.</summary>
    public long RunOf(int link)
    {
        var graph = Elevations.Graph;
        var (lower, upper) = (graph.Lower[link], graph.Upper[link]);
        return rules.Run(Elevations.PlaceOf(lower), Elevations.PlaceOf(upper), (IsSystem(lower) ? 1 : 0) + (IsSystem(upper) ? 1 : 0));
    }

    // Fabric managers are servers: their ports sit where those of systems do.
    bool IsSystem(int device) => device < Elevations.Graph.FirstSwitch;

    CableEnd End(int device, int port, RackPlace where)
    {
        var graph = Elevations.Graph;
        ref var rack = ref rackNames[(where.Row * Elevations.Floor.RacksPerRow) + where.Column];
        rack ??= Elevations.NameOf(where);
        return device < graph.Cards
            ? new(rack, Elevations.UnitOf(device), graph.SystemName(device / graph.CardsPerSystem), $"nic-{device % graph.CardsPerSystem}/{port + 1}")
            : new(rack, Elevations.UnitOf(device), graph.NameOf(device), graph.PortName(device, port));
    }

    // The initials of a class, told apart where two classes share them.
    static string[] Codes(IReadOnlyList<LinkClass> classes)
    {
        var codes = new string[classes.Count];
        for (var c = 0; c < codes.Length; c++)
        {
            var code = new StringBuilder();
            foreach (var word in classes[c].Name.Split('-', StringSplitOptions.RemoveEmptyEntries)) code.Append(char.ToUpperInvariant(word[0]));
            codes[c] = code.ToString();
            for (var other = 0; other < c; other++)
                if (codes[other] == codes[c]) codes[c] += (c + 1).ToString(CultureInfo.InvariantCulture);
        }
        return codes;
    }
}
