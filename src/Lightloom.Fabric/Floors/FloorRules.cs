using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

// What every floor plan goes by: what fits a rack, how long a run is, in which lengths cables are sold. All in whole millimetres, so
// that a run of exactly 10 m is bought as 10 m on every machine.
//
//   run = (tray − port) + |Δplace| · rack pitch + |Δrow| · aisle pitch + |Δhall| · hall distance + (tray − port) + 2 · slack,
//         or half the rack's height (the difference of port heights if that is more) + 2 · slack inside one rack.
//
// Trays run over every row, cross-trays over every place.

/// <summary>The figures of a floor, checked, in millimetres.</summary>
sealed class FloorRules
{
    const double RackUnitMillimeters = 44.45;

    readonly FloorSpec spec;
    readonly long systemPort, switchPort, slack, half, hallDistance;

    public FloorRules(FloorSpec spec)
    {
        this.spec = spec;
        Check();
        (RackPitch, AislePitch) = (Millimeters(spec.RackPitch), Millimeters(spec.AislePitch));
        (systemPort, switchPort) = (Millimeters(spec.SystemPortHeight), Millimeters(spec.SwitchPortHeight));
        slack = 2 * Millimeters(spec.Slack);
        hallDistance = Millimeters(spec.HallDistance);
        half = (long)Math.Round(spec.RackUnits * RackUnitMillimeters / 2);
    }

    public long RackPitch { get; }

    public long AislePitch { get; }

    /// <summary>Up and down and slack of a run between two racks.</summary>
    /// <param name="systems">Its ends at systems: 0 to 2; the others are at switches.</param>
    public long Between(int systems)
    {
        var tray = Millimeters(spec.TrayHeight);
        return (systems * Math.Abs(tray - systemPort)) + ((2 - systems) * Math.Abs(tray - switchPort)) + slack;
    }

    /// <summary>A run inside a rack.</summary>
    /// <param name="systems">Its ends at systems: 0 to 2; the others are at switches.</param>
    public long Inside(int systems) => (systems == 1 ? Math.Max(half, Math.Abs(systemPort - switchPort)) : half) + slack;

    /// <summary>A run between two places, in millimetres.</summary>
    /// <param name="from">One place.</param>
    /// <param name="to">The other.</param>
    /// <param name="systems">Its ends at systems: 0 to 2; the others are at switches.</param>
    public long Run(RackPlace from, RackPlace to, int systems) => from == to
        ? Inside(systems)
        : Between(systems) + (Math.Abs(from.Column - to.Column) * RackPitch) + (Math.Abs(from.Row - to.Row) * AislePitch) +
            (Math.Abs(HallOf(from.Row) - HallOf(to.Row)) * hallDistance);

    /// <summary>The hall that a row lies in, from 0.</summary>
    public int HallOf(int row) => spec.Halls > 1 ? row / spec.Rows!.Value : 0;

    /// <summary>Lengths that can be bought, ascending, up to one that no run exceeds on a floor of so many places; nor two, for circuits.</summary>
    public long[] Lengths(int rows, int places, bool circuits = false)
    {
        var farthest = 0L;
        for (var systems = 0; systems <= 2; systems++) farthest = Math.Max(farthest, Math.Max(Between(systems), Inside(systems)));
        farthest += (rows * AislePitch) + (places * RackPitch) + (HallOf(rows) * hallDistance);
        if (circuits) farthest *= 2;
        var step = Millimeters(spec.LongRunStep);
        var lengths = spec.PurchasableLengths;
        var last = lengths.Count > 0 ? Millimeters(lengths[^1]) : 0;
        var more = farthest > last ? (int)(((farthest - 1) / step) - (last / step)) + 1 : 0;
        var all = new long[lengths.Count + more];
        for (var i = 0; i < lengths.Count; i++) all[i] = Millimeters(lengths[i]);
        for (var i = 0; i < more; i++) all[lengths.Count + i] = ((last / step) + i + 1) * step;
        return all;
    }

    /// <summary>Switches that one network rack takes, and what a full one draws.</summary>
    /// <param name="tiers">Tiers that stand in network racks.</param>
    /// <param name="findings">Where it is told when not even one fits.</param>
    public (int Switches, Power Power) NetworkRack(IEnumerable<SwitchTier> tiers, List<FloorFinding> findings)
    {
        var (units, power, any) = (1, Power.Zero, false);
        foreach (var tier in tiers)
        {
            units = Math.Max(units, HeightOf(tier.Switch));
            power = Quantity.Max(power, PowerOf(tier.Switch));
            any = true;
        }
        var most = Math.Max(1, Math.Min(spec.RackUnits / units, power.Si > 0 ? (int)Math.Min(spec.RackPower / power, 1000) : 1000));
        if (any)
        {
            if (units > spec.RackUnits)
                findings.Add(new(FloorProblem.RackTooHigh, "rackUnits", $"a switch of {units} rack units doesn't fit a rack of {spec.RackUnits}"));
            if (power > spec.RackPower)
                findings.Add(new(FloorProblem.RackPowerTooHigh, "rackPower", $"a switch with its modules draws {power}; a rack may draw {spec.RackPower}"));
        }
        return (most, power * most);
    }

    /// <summary>Systems that one rack takes, and what a full one draws.</summary>
    /// <param name="system">The system.</param>
    /// <param name="beside">The switch that stands in the racks of systems, or null.</param>
    /// <param name="switches">How many of that switch stand in a rack of so many systems.</param>
    /// <param name="findings">Where it is told when they don't fit.</param>
    public (int Systems, Power Power, Mass? Mass) SystemRack(AcceleratorSystem system, Switch? beside, Func<int, int> switches, List<FloorFinding> findings)
    {
        var each = PowerOf(system);
        var (units, power) = beside is null ? (0, Power.Zero) : (HeightOf(beside), PowerOf(beside));
        int Units(int count) => (count * system.RackUnits.Value) + (switches(count) * units);
        Power Drawn(int count) => (each * count) + (power * switches(count));

        var chosen = spec.SystemsPerRack ?? Math.Max(1, spec.RackUnits / system.RackUnits.Value);
        if (spec.SystemsPerRack is null)
            while (chosen > 1 && (Units(chosen) > spec.RackUnits || Drawn(chosen) > spec.RackPower)) chosen--;
        var content = $"{chosen} {(chosen == 1 ? "system" : "systems")}{(beside is null ? "" : " and their leaves")}";
        var most = chosen;
        while (most > 0 && (Units(most) > spec.RackUnits || Drawn(most) > spec.RackPower)) most--;
        var mend = most > 0 ? $"; {most} would fit" : "";
        if (Units(chosen) > spec.RackUnits)
            findings.Add(new(FloorProblem.RackTooHigh, spec.SystemsPerRack is null ? "rackUnits" : "systemsPerRack",
                $"a rack with {content} takes {Units(chosen)} rack units of {spec.RackUnits}{mend}"));
        if (Drawn(chosen) > spec.RackPower)
            findings.Add(new(FloorProblem.RackPowerTooHigh, spec.SystemsPerRack is null ? "rackPower" : "systemsPerRack",
                $"a rack with {content} draws {Drawn(chosen)} of {spec.RackPower}{mend}"));
        var (systems, switchesBeside) = (chosen, switches(chosen));
        Mass? mass = system.Mass is { } one ? (one.Value * systems) + (beside is null ? Mass.Zero : MassOf(beside) * switchesBeside) : null;
        if (mass > spec.RackLoad)
            findings.Add(new(FloorProblem.RackTooHeavy, spec.SystemsPerRack is null ? "rackLoad" : "systemsPerRack",
                $"a rack with {content} weighs {mass}; a rack and its floor bear {spec.RackLoad}"));
        return (chosen, Drawn(chosen), mass);
    }

    public static int HeightOf(Switch part) => part.RackUnits?.Value ?? 1;

    public static int HeightOf(OpticalCircuitSwitch part) => part.RackUnits?.Value ?? 8;

    /// <summary>A switch with a module in each cage.</summary>
    public Power PowerOf(Switch part)
    {
        var box = part.Power?.Value ?? part.AsicPower?.Value ?? Power.Zero;
        return part.CoPackaged is null ? box + (spec.ModulePower * Ceiling(part.Ports.Value, part.PortsPerCage?.Value ?? 1)) : box;
    }

    /// <summary>A switch with its modules.</summary>
    public Mass MassOf(Switch part) => part.Mass?.Value ?? (spec.SwitchMassPerUnit * HeightOf(part));

    /// <summary>A system with accelerators and cards at their limits.</summary>
    public static Power PowerOf(AcceleratorSystem system) => system.HostPower.Value
        + ((system.Accelerator.Power?.Value ?? Power.Zero) * system.Accelerators.Value)
        + ((system.Nic.Power?.Value ?? Power.Zero) * system.Nics.Value);

    public static int Ceiling(int count, int by) => (int)(((long)count + by - 1) / by);

    public static long Millimeters(Length length) => (long)Math.Round(length.Millimeters, MidpointRounding.AwayFromZero);

    void Check()
    {
        Positive("rackPitch", spec.RackPitch);
        Positive("aislePitch", spec.AislePitch);
        Positive("longRunStep", spec.LongRunStep);
        NotNegative("trayHeight", spec.TrayHeight);
        NotNegative("systemPortHeight", spec.SystemPortHeight);
        NotNegative("switchPortHeight", spec.SwitchPortHeight);
        NotNegative("slack", spec.Slack);
        NotNegative("hallDistance", spec.HallDistance);
        AtLeastOne("halls", spec.Halls);
        if (spec.Halls > 1 && spec.Rows is null)
            throw new FabricException("rows", $"{spec.Halls} halls need the rows of one; the floor says none");
        AtLeastOne("rows", spec.Rows);
        AtLeastOne("racksPerRow", spec.RacksPerRow);
        AtLeastOne("systemsPerRack", spec.SystemsPerRack);
        AtLeastOne("rackUnits", spec.RackUnits);
        if (!(spec.RackPower.Si > 0)) throw new FabricException("rackPower", $"a rack of {spec.RackPower} feeds nothing");
        if (!(spec.RackLoad.Si > 0)) throw new FabricException("rackLoad", $"a rack that bears {spec.RackLoad} holds nothing");
        if (!(spec.SwitchMassPerUnit.Si >= 0)) throw new FabricException("switchMassPerUnit", $"a switch of {spec.SwitchMassPerUnit} is not possible");
        if (!(spec.ModulePower.Si >= 0)) throw new FabricException("modulePower", $"a module of {spec.ModulePower} is not possible");
        var before = 0L;
        foreach (var length in spec.PurchasableLengths)
        {
            Positive("purchasableLengths", length);
            if (Millimeters(length) <= before)
                throw new FabricException("purchasableLengths", $"purchasable lengths ascend, and {length} comes after a length that is not shorter");
            before = Millimeters(length);
        }
    }

    static void Positive(string field, Length value)
    {
        if (!(value.Millimeters >= 1 && value.Kilometers <= 1000))
            throw new FabricException(field, $"{field} is {value}; it lies between 1 mm and 1000 km", value.Millimeters >= 1 ? null : 0.001);
    }

    static void NotNegative(string field, Length value)
    {
        if (!(value.Si >= 0 && value.Kilometers <= 1000)) throw new FabricException(field, $"{field} is {value}; it lies between 0 m and 1000 km", null, 0);
    }

    static void AtLeastOne(string field, int? value)
    {
        if (value < 1) throw new FabricException(field, $"{field} is {value}; the nearest possible is 1", null, 1);
    }
}
