// What one failure takes down, and what its repair takes down besides.
//
//   module of a cage      the links of the cage; swapped from the front, nothing else goes down
//   laser in a module     the module
//   external laser        ports / laser modules; swapped from the front
//   engine                ports / engines; where it is not field replaceable the box is swapped: all its ports go down for that
//   cable                 its links
//   switch                its ports
//   time lost a year      parts in a box · failures of one a year · (links + links during repair) · time to repair        link-hours
//
// Time to repair counts from the failure until the spare carries traffic; nobody publishes it, so that it is an assumption with a range.
//
// Example: a box of 144 × 800G with 72 engines and 18 lasers: an engine takes down 2 links and its repair the other 142; a laser 8, and
// none besides. With twin-port pluggables a laser or a module takes down 2 and none besides.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>What can fail between two switches.</summary>
public enum FailingElement
{
    /// <summary>A laser.</summary>
    Laser,

    /// <summary>An optical engine on the package.</summary>
    Engine,

    /// <summary>A pluggable module, or a cable's fixed one.</summary>
    Module,

    /// <summary>A copper cable, or a fibre cable.</summary>
    Cable,

    /// <summary>A switch.</summary>
    Switch,
}

/// <summary>What the failure of one element takes down.</summary>
/// <param name="Element">What fails.</param>
/// <param name="Links">Links that go down with it.</param>
/// <param name="Lost">Bandwidth of those links, one direction.</param>
/// <param name="LinksDuringRepair">Links that go down besides while it is replaced.</param>
/// <param name="Replaced">What is swapped.</param>
/// <param name="FieldReplaceable">Whether it is swapped without taking its switch out.</param>
/// <param name="PerBox">How many of it a box has.</param>
/// <param name="Rate">Rate at which one of it fails.</param>
/// <param name="Source">Where the rate comes from.</param>
/// <param name="Grade">How far the rate can be trusted.</param>
/// <param name="Repair">Time until what failed is replaced.</param>
public sealed record Blast(
    FailingElement Element, double Links, Bandwidth Lost, double LinksDuringRepair, string Replaced, bool FieldReplaceable, double PerBox,
    FailureRate Rate, string Source, Grade Grade, Sourced<Duration> Repair)
{
    /// <summary>Hours that links of a box are down in a year by this element, those during its repairs included.</summary>
    public double LinkHoursPerYear => LinkFailuresPerYear * Repair.Value.Hours;

    /// <summary>Link failures a year in a box by this element, those of its repairs included.</summary>
    public double LinkFailuresPerYear => PerBox * Rate.PerYear * (Links + LinksDuringRepair);
}

/// <summary>What failures of a box and of its links take down, by technology.</summary>
/// <remarks>Counts from the parts; rates from the parts, or the assumptions of <see cref="LinkAssumptions"/> and of this class.</remarks>
public static class BlastRadius
{
    /// <summary>Failures of one laser.</summary>
    public static Sourced<FailureRate> LaserFailures { get; } = new(FailureRate.FromFit(125), FailureRate.FromFit(50), FailureRate.FromFit(200),
        2025, "50 to 200 FIT at 70 °C by a vendor's blog", Grade.Estimate);

    /// <summary>Failures of a fibre cable: cuts, bends and dirt.</summary>
    public static Sourced<FailureRate> FibreFailures { get; } = new(FailureRate.FromFit(50), FailureRate.FromFit(10), FailureRate.FromFit(500),
        2026, "chosen; dirt on connectors shows as flaps first", Grade.Assumption);

    /// <summary>Failures of a switch.</summary>
    public static Sourced<FailureRate> SwitchFailures { get; } = new(FailureRate.FromPerYear(0.081), FailureRate.FromPerYear(0.026),
        FailureRate.FromPerYear(0.081), 2021, "2 % in three months of 180,000 switches, a third of them hardware (Azure, CCR 2021)", Grade.Measured);

    /// <summary>Time to swap something from the front: a module, a laser module, a cable in the same place.</summary>
    public static Sourced<Duration> FrontSwap { get; } = Repaired(1, 0.25, 8, "chosen: a spare on site, somebody walks there");

    /// <summary>Time to replace or mend a fibre cable in its tray.</summary>
    public static Sourced<Duration> FibreRepair { get; } = Repaired(4, 1, 24, "chosen: finding it, cleaning it or pulling another");

    /// <summary>Time to swap a switch and bring it up.</summary>
    public static Sourced<Duration> SwitchSwap { get; } = Repaired(6, 2, 48, "chosen: recabling and bringing up; liquid cooling takes longer");

    /// <summary>Time to swap a backplane's cartridge, which empties the rack.</summary>
    public static Sourced<Duration> CartridgeSwap { get; } = Repaired(12, 4, 72, "chosen: all trays of the rack come out");

    /// <summary>A box with modules, active cables or copper cables in all its cages.</summary>
    /// <param name="box">The switch.</param>
    /// <param name="link">A link of one of its ports.</param>
    /// <param name="assumptions">Rates where the parts give none; the default ones if null.</param>
    /// <exception cref="ArgumentException">The link is none.</exception>
    public static IReadOnlyList<Blast> Of(Switch box, EngineeredLink link, LinkAssumptions? assumptions = null)
    {
        ArgumentNullException.ThrowIfNull(box);
        ArgumentNullException.ThrowIfNull(link);
        var given = assumptions ?? LinkAssumptions.Default;
        var ports = box.Ports.Value;
        var rate = box.PortRate.Value;
        Bandwidth Times(double links) => Bandwidth.FromBitsPerSecond(links * rate.BitsPerSecond);
        var made = new List<Blast>();
        if (box.CoPackaged is { } engine)
        {
            var engines = box.OpticalEngines?.Value ?? Math.Max(1, (int)Math.Round(ports * (rate / engine.Rate.Value)));
            var failures = engine.FailureRate ?? given.EngineFailures;
            var each = (double)ports / engines;
            made.Add(new(FailingElement.Engine, each, Times(each), engine.FieldReplaceable ? 0 : ports - each,
                engine.FieldReplaceable ? "the engine" : "the switch", engine.FieldReplaceable, engines, failures.Value, failures.Source, failures.Grade,
                engine.FieldReplaceable ? FrontSwap : SwitchSwap));
            if (box.LaserModules is { } lasers)
            {
                var fed = (double)ports / lasers.Value;
                made.Add(new(FailingElement.Laser, fed, Times(fed), 0, "the laser module", true, lasers.Value, LaserFailures.Value,
                    LaserFailures.Source, OpticalBudget.Weaker(LaserFailures.Grade, lasers.Grade), FrontSwap));
            }
        }
        else
        {
            var share = box.PortsPerCage?.Value ?? 1;
            var cages = (double)ports / share;
            if (link.Parts.Select(p => p.Part).OfType<Transceiver>().FirstOrDefault() is { } module)
            {
                var fixedOn = module.Class == TransceiverClass.ActiveCable;
                var failures = module.FailureRate ?? given.PluggableFailures;
                made.Add(new(FailingElement.Module, share, Times(share), 0, fixedOn ? "the cable with both its ends" : "the module",
                    module.FieldReplaceable, cages, failures.Value, failures.Source, failures.Grade, FrontSwap));
                made.Add(new(FailingElement.Laser, share, Times(share), 0, fixedOn ? "the cable with both its ends" : "the module",
                    module.FieldReplaceable, cages, LaserFailures.Value, LaserFailures.Source, LaserFailures.Grade, FrontSwap));
            }
            else if (link.Parts.Select(p => p.Part).OfType<CopperCable>().FirstOrDefault() is { } cable)
            {
                var failures = cable.FailureRate ?? given.CopperFailures;
                // A cartridge holds the links of all trays of a rack: its swap takes the box's other ports down as well.
                var cartridge = cable.Class == CopperClass.Cartridge;
                made.Add(new(FailingElement.Cable, cartridge ? 1 : share, Times(cartridge ? 1 : share), cartridge ? ports - 1 : 0,
                    cartridge ? "the cartridge" : "the cable", !cartridge, cartridge ? ports : cages, failures.Value, failures.Source, failures.Grade,
                    cartridge ? CartridgeSwap : FrontSwap));
            }
            else if (link.Class == MediaClasses.None) throw new ArgumentException("there is no link to fail", nameof(link));
        }
        if (link.Parts.Any(p => p.Measure == PartMeasure.FibreMeters))
        {
            made.Add(new(FailingElement.Cable, 1, Times(1), 0, "the fibre cable", true, ports, FibreFailures.Value, FibreFailures.Source, FibreFailures.Grade, FibreRepair));
        }
        made.Add(new(FailingElement.Switch, ports, Times(ports), 0, "the switch", true, 1, SwitchFailures.Value, SwitchFailures.Source, SwitchFailures.Grade, SwitchSwap));
        return made;
    }

    static Sourced<Duration> Repaired(double hours, double low, double high, string why) =>
        new(Duration.FromHours(hours), Duration.FromHours(low), Duration.FromHours(high), null, why, Grade.Assumption);
}
