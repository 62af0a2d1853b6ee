using System.Globalization;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

// Devices of a rack are stacked from the floor up: systems first, then switches tier by tier and plane by plane, then fabric managers,
// which stand with the first switch that they use. Rack unit 1 is the lowest (EIA-310).
//
// Worked example: 4 systems of 8 units and 2 switches of 1 unit in one rack: systems at U1, U9, U17, U25, switches at U33 and U34.

/// <summary>A device in its rack.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">"system", "management", "ocs", or the name of its tier.</param>
/// <param name="Unit">Its lowest rack unit, from 1.</param>
/// <param name="Height">Rack units that it takes.</param>
/// <param name="Power">Power at its limit, a module in each cage included.</param>
/// <param name="Mass">Its mass, or null where the catalogue doesn't say.</param>
/// <param name="Device">The device in the graph; the first card of a system, −1 for an optical circuit switch.</param>
public sealed record RackedDevice(string Name, string Kind, int Unit, int Height, Power Power, Mass? Mass, int Device);

/// <summary>A rack with what stands in it.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Name">Its name: "R03-07" is place 7 of row 3.</param>
/// <param name="Devices">What stands in it, from the floor up.</param>
public sealed record Rack(RackPlace Place, string Name, IReadOnlyList<RackedDevice> Devices)
{
    /// <summary>Rack units that are taken.</summary>
    public int UnitsUsed => Devices.Sum(d => d.Height);

    /// <summary>Power of all its devices at their limits.</summary>
    public Power Power => Devices.Aggregate(Power.Zero, (sum, d) => sum + d.Power);

    /// <summary>Mass of the devices that have a known one.</summary>
    public Mass Mass => Devices.Aggregate(Mass.Zero, (sum, d) => sum + (d.Mass ?? Mass.Zero));

    /// <summary>Whether the mass of every device is known.</summary>
    public bool MassKnown => Devices.All(d => d.Mass is not null);
}

/// <summary>Where every device of a fabric stands: row, rack and rack unit.</summary>
public sealed class Elevations
{
    readonly RackPlace[] place; // of each system, manager and switch; see IndexOf
    readonly int[] unit;
    readonly List<(RackPlace Place, int Unit)> optical = [];
    readonly Lazy<IReadOnlyList<Rack>> racks;

    Elevations(FabricGraph graph, FloorPlan floor)
    {
        (Graph, Floor) = (graph, floor);
        var count = graph.Systems + graph.Devices - graph.Cards;
        (place, unit) = (new RackPlace[count], new int[count]);
        var next = new Dictionary<RackPlace, int>();
        for (var s = 0; s < graph.Systems; s++) Stack(s, floor.Layout.OfSystem(s), graph.Plan.Request.System.RackUnits.Value);
        var first = graph.Tiers.Count - graph.Plan.Tiers.Count;
        for (var t = 0; t < graph.Plan.Tiers.Count; t++)
        {
            var tier = graph.Tiers[first + t];
            var height = FloorRules.HeightOf(tier.Switch!);
            for (var d = tier.First; d < tier.First + tier.Count; d++)
                Stack(IndexOf(d), floor.Layout.OfSwitch(t, tier.PlaneOf(d), tier.IndexOf(d)), height);
        }
        for (var d = graph.Cards; d < graph.FirstSwitch; d++)
        {
            var beside = graph.Across(graph.LinksOf(d)[0], d);
            Stack(IndexOf(d), place[IndexOf(beside)], 1);
        }
        Optical = OpticalConnections.Of(graph);
        for (var o = 0; o < (Optical?.Switches ?? 0); o++)
        {
            var (where, height) = (floor.Layout.OfOpticalSwitch(o), FloorRules.HeightOf(graph.Plan.OpticalSwitches!.Switch));
            var at = next.GetValueOrDefault(where, 1);
            optical.Add((where, at));
            next[where] = at + height;
        }
        racks = new(Gather);

        void Stack(int index, RackPlace where, int height)
        {
            var at = next.GetValueOrDefault(where, 1);
            (place[index], unit[index], next[where]) = (where, at, at + height);
        }
    }

    /// <summary>The fabric.</summary>
    public FabricGraph Graph { get; }

    /// <summary>The floor that it stands on.</summary>
    public FloorPlan Floor { get; }

    /// <summary>What the optical circuit switches join, or null where there are none.</summary>
    public OpticalConnections? Optical { get; }

    /// <summary>All racks, row by row.</summary>
    public IReadOnlyList<Rack> Racks => racks.Value;

    /// <summary>Puts every device of a fabric into its rack.</summary>
    public static Elevations Of(FabricGraph graph, FloorPlan floor)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(floor);
        return new(graph, floor);
    }

    /// <summary>Where a device stands; a card stands with its system.</summary>
    public RackPlace PlaceOf(int device) => place[IndexOf(device)];

    /// <summary>The lowest rack unit of a device, from 1; of its system for a card.</summary>
    public int UnitOf(int device) => unit[IndexOf(device)];

    /// <summary>Where an optical circuit switch stands, and its lowest rack unit.</summary>
    public (RackPlace Place, int Unit) OpticalSwitch(int index) => optical[index];

    /// <summary>
    /// The name of a place: "R03-07" is place 7 of row 3, both from 1, with as many digits as the floor needs; "H2-R03-07" in the second
    /// of several halls.
    /// </summary>
    public string NameOf(RackPlace where)
    {
        var (hall, row) = Math.DivRem(where.Row, Floor.RowsPerHall);
        var name = $"R{Padded(row + 1, Math.Max(10, Floor.RowsPerHall))}-{Padded(where.Column + 1, Math.Max(10, Floor.RacksPerRow))}";
        return Floor.Spec.Halls > 1 ? $"H{hall + 1}-{name}" : name;
    }

    // Systems first, then managers and switches in the order of the graph.
    int IndexOf(int device) => device < Graph.Cards ? device / Graph.CardsPerSystem : Graph.Systems + device - Graph.Cards;

    List<Rack> Gather()
    {
        var devices = new Dictionary<RackPlace, List<RackedDevice>>();
        var system = Graph.Plan.Request.System;
        var systemPower = FloorRules.PowerOf(system);
        var rules = new FloorRules(Floor.Spec);
        for (var s = 0; s < Graph.Systems; s++)
            Add(s, new(Graph.SystemName(s), "system", unit[s], system.RackUnits.Value, systemPower, system.Mass?.Value, s * Graph.CardsPerSystem));
        foreach (var tier in Graph.Tiers)
        {
            if (tier.Name == "card" || tier.Name == "management") continue;
            var (height, power, mass) = (FloorRules.HeightOf(tier.Switch!), rules.PowerOf(tier.Switch!), rules.MassOf(tier.Switch!));
            for (var d = tier.First; d < tier.First + tier.Count; d++)
                Add(IndexOf(d), new(Graph.NameOf(d), tier.Name, unit[IndexOf(d)], height, power, mass, d));
        }
        for (var d = Graph.Cards; d < Graph.FirstSwitch; d++)
            Add(IndexOf(d), new(Graph.NameOf(d), "management", unit[IndexOf(d)], 1, Power.Zero, null, d));
        for (var o = 0; o < optical.Count; o++)
        {
            var part = Graph.Plan.OpticalSwitches!.Switch;
            AddTo(optical[o].Place, new(Optical!.NameOf(o), "ocs", optical[o].Unit, FloorRules.HeightOf(part), part.Power?.Value ?? Power.Zero, null, -1));
        }
        return [.. devices.OrderBy(r => r.Key.Row).ThenBy(r => r.Key.Column).Select(r => new Rack(r.Key, NameOf(r.Key), r.Value))];

        void Add(int index, RackedDevice device) => AddTo(place[index], device);

        void AddTo(RackPlace where, RackedDevice device)
        {
            if (!devices.TryGetValue(where, out var list)) devices[where] = list = [];
            list.Add(device);
        }
    }

    static string Padded(int number, int most) =>
        number.ToString("D" + most.ToString(CultureInfo.InvariantCulture).Length, CultureInfo.InvariantCulture);
}
