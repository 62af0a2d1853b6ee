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
    readonly int[] laid; // of each class: its place among the floor's cables, or -1 for traces of a board
    readonly CableMedium[][] media; // of each class of cables, by bucket
    readonly long[][] upTo; // the length of each bucket, in mm
    readonly long[] lengths; // lengths that are sold, in mm
    readonly string[] codes, rackNames;
    readonly int digits;

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
                throw new ArgumentException($"expected a medium for each of {upTo[c].Length} lengths of {floor.Cables[c].Link.Name}", nameof(media));
        laid = [.. graph.Plan.Links.Select(l => floor.Cables.ToList().FindIndex(c => c.Link.Name == l.Name))];
        lengths = rules.Lengths(floor.Rows, floor.RacksPerRow);
        codes = Codes(graph.Plan.Links);
        digits = graph.Links.ToString(CultureInfo.InvariantCulture).Length;
        rackNames = new string[floor.Rows * floor.RacksPerRow];
        Count = checked((int)graph.Plan.Links.Sum(l => l.OnBoard ? 0 : l.Switched ? 2 * l.Count : l.Count));
    }

    /// <summary>Where the devices stand.</summary>
    public Elevations Elevations { get; }

    /// <summary>Cables, all together; a link through an optical circuit switch has two.</summary>
    public int Count { get; }

    /// <summary>Plans the cables of a fabric.</summary>
    /// <param name="elevations">Where the devices stand.</param>
    /// <param name="media">For each class of cables, in the floor's order, the medium of each length bucket.</param>
    public static CablePlan Of(Elevations elevations, IReadOnlyList<IReadOnlyList<CableMedium>> media)
    {
        ArgumentNullException.ThrowIfNull(elevations);
        ArgumentNullException.ThrowIfNull(media);
        return new(elevations, media);
    }

    /// <summary>The cables, one by one, in the order of the graph's links.</summary>
    public IEnumerable<Cable> Cables()
    {
        for (var link = 0; link < Elevations.Graph.Links; link++)
            foreach (var cable in Of(link)) yield return cable;
    }

    /// <summary>
    /// The cables of a link of the graph: one; none for a trace of a board; two through an optical circuit switch, the lower end's first,
    /// with "a" and "b" behind the link's label.
    /// </summary>
    public IEnumerable<Cable> Of(int link)
    {
        var graph = Elevations.Graph;
        var (lower, upper, kind) = (graph.Lower[link], graph.Upper[link], graph.ClassOf[link]);
        if (laid[kind] < 0) yield break;
        var type = graph.Plan.Links[kind];
        var (from, to) = (Elevations.PlaceOf(lower), Elevations.PlaceOf(upper));
        var run = RunOf(link);
        var bucket = Array.BinarySearch(upTo[laid[kind]], run);
        var medium = media[laid[kind]][bucket < 0 ? ~bucket : bucket];
        var (a, b) = (End(lower, graph.LowerPort[link], from), End(upper, graph.UpperPort[link], to));
        if (Elevations.Optical?.Of(link) is not { } circuit)
        {
            yield return new(LabelOf(link), type.Name, medium.Medium, type.Rate, Length.FromMillimeters(run), medium.Length, a, b,
                RowTray(from, to), CrossTray(from, to));
            yield break;
        }
        var (middle, unit) = Elevations.OpticalSwitch(circuit.Switch);
        var name = Elevations.Optical!.NameOf(circuit.Switch);
        yield return Half("a", a, new(RackName(middle), unit, name, Port(circuit.LowerPort)), from, middle, lower);
        yield return Half("b", new(RackName(middle), unit, name, Port(circuit.UpperPort)), b, middle, to, upper);

        Cable Half(string side, in CableEnd one, in CableEnd other, RackPlace start, RackPlace end, int device)
        {
            var part = rules.Run(start, end, IsSystem(device) ? 1 : 0);
            var bought = Array.BinarySearch(lengths, part);
            return new(LabelOf(link) + side, type.Name, medium.Medium, type.Rate, Length.FromMillimeters(part),
                Length.FromMillimeters(lengths[bought < 0 ? ~bought : bought]), one, other, RowTray(start, end), CrossTray(start, end));
        }

        static string Port(int port) => (port + 1).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The label of a link's cable.</summary>
    public string LabelOf(int link) =>
        $"{codes[Elevations.Graph.ClassOf[link]]}-{(link + 1).ToString("D" + digits, CultureInfo.InvariantCulture)}";

    /// <summary>The routed run of a link, slack included, in millimetres; of both cables through an optical circuit switch.</summary>
    public long RunOf(int link)
    {
        var graph = Elevations.Graph;
        var (lower, upper) = (graph.Lower[link], graph.Upper[link]);
        var (from, to) = (Elevations.PlaceOf(lower), Elevations.PlaceOf(upper));
        var (below, above) = (IsSystem(lower) ? 1 : 0, IsSystem(upper) ? 1 : 0);
        if (Elevations.Optical?.Of(link) is not { } circuit) return rules.Run(from, to, below + above);
        var middle = Elevations.OpticalSwitch(circuit.Switch).Place;
        return rules.Run(from, middle, below) + rules.Run(middle, to, above);
    }

    static int RowTray(RackPlace from, RackPlace to) => from.Column != to.Column ? from.Row + 1 : 0;

    static int CrossTray(RackPlace from, RackPlace to) => from.Row != to.Row ? to.Column + 1 : 0;

    string RackName(RackPlace where)
    {
        ref var rack = ref rackNames[(where.Row * Elevations.Floor.RacksPerRow) + where.Column];
        return rack ??= Elevations.NameOf(where);
    }

    // Fabric managers are servers: their ports sit where those of systems do.
    bool IsSystem(int device) => device < Elevations.Graph.FirstSwitch;

    CableEnd End(int device, int port, RackPlace where)
    {
        var graph = Elevations.Graph;
        var rack = RackName(where);
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
