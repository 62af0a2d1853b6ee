using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

/// <summary>Where switches stand.</summary>
public enum NetworkPlacement
{
    /// <summary>In network racks at the end of each row.</summary>
    EndOfRow,

    /// <summary>In network racks in the middle of each row.</summary>
    MiddleOfRow,

    /// <summary>Leaves in the racks of the systems that they serve (top of rack); spines at the end of each row.</summary>
    InRack,
}

/// <summary>The floor that a fabric stands on. Lengths are taken to the millimetre.</summary>
public sealed record FloorSpec
{
    /// <summary>Halls, one behind the other, each of <see cref="Rows"/> rows, which must then be given. Default 1.</summary>
    public int Halls { get; init; } = 1;

    /// <summary>What a cable is longer for each wall between two halls that it passes. Default 20 m.</summary>
    public Length HallDistance { get; init; } = Length.FromMeters(20);

    /// <summary>Rows of racks in one hall; null = as many as a near-square floor wants.</summary>
    public int? Rows { get; init; }

    /// <summary>Racks in one row; null = as many as a near-square floor wants, or as fit the rows.</summary>
    public int? RacksPerRow { get; init; }

    /// <summary>Systems in one rack; null = as many as height and power allow, at least 1.</summary>
    public int? SystemsPerRack { get; init; }

    /// <summary>Where switches stand.</summary>
    public NetworkPlacement NetworkRacks { get; init; } = NetworkPlacement.EndOfRow;

    /// <summary>Distance between rack centres along a row. Default 0.6 m: a rack of EIA-310 with its frame.</summary>
    public Length RackPitch { get; init; } = Length.FromMillimeters(600);

    /// <summary>Distance between rows, centre to centre. Default 3 m: a rack of 1.2 m and an aisle of 1.8 m.</summary>
    public Length AislePitch { get; init; } = Length.FromMeters(3);

    /// <summary>Height of the trays above the floor. Default 2.7 m.</summary>
    public Length TrayHeight { get; init; } = Length.FromMeters(2.7);

    /// <summary>Mean height of the ports of systems. Default 1 m.</summary>
    public Length SystemPortHeight { get; init; } = Length.FromMeters(1);

    /// <summary>Mean height of the ports of switches. Default 1 m.</summary>
    public Length SwitchPortHeight { get; init; } = Length.FromMeters(1);

    /// <summary>Slack at each end of a cable. Default 0.5 m.</summary>
    public Length Slack { get; init; } = Length.FromMeters(0.5);

    /// <summary>Usable height of a rack. Default 48 rack units of 44.45 mm (EIA-310).</summary>
    public int RackUnits { get; init; } = 48;

    /// <summary>Power that one rack can be fed and cooled with. Default 50 kW.</summary>
    public Power RackPower { get; init; } = Power.FromWatts(50_000);

    /// <summary>Mass of the devices that one rack can bear. Default 1,600 kg.</summary>
    public Mass RackLoad { get; init; } = Mass.FromKilograms(1600);

    /// <summary>Mass of one rack unit of a switch whose own is not known. Default 14 kg.</summary>
    public Mass SwitchMassPerUnit { get; init; } = Mass.FromKilograms(14);

    /// <summary>
    /// Power of a pluggable module, counted for every cage of a switch whose optics aren't co-packaged. Default 17 W, the
    /// twin-port 800G OSFP of NVIDIA's MMS4X00.
    /// </summary>
    public Power ModulePower { get; init; } = Power.FromWatts(17);

    /// <summary>
    /// Lengths in which cables are sold, ascending; a run beyond the last takes the next multiple of <see cref="LongRunStep"/>.
    /// </summary>
    public IReadOnlyList<Length> PurchasableLengths { get; init; } = UsualLengths;

    /// <summary>Step of cables longer than every purchasable length: made to order. Default 50 m.</summary>
    public Length LongRunStep { get; init; } = Length.FromMeters(50);

    /// <summary>Lengths in which short copper and multi-fibre trunks are commonly stocked, 0.5 m to 100 m.</summary>
    public static IReadOnlyList<Length> UsualLengths { get; } =
    [
        .. new[] { 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 15, 20, 25, 30, 35, 40, 50, 60, 70, 80, 90, 100 }.Select(Length.FromMeters),
    ];

    /// <summary>A floor with the pitches, heights and limits of a site.</summary>
    public static FloorSpec Of(SiteDefaults site)
    {
        ArgumentNullException.ThrowIfNull(site);
        return new()
        {
            RackPitch = site.RackPitch.Value,
            AislePitch = site.AislePitch.Value,
            HallDistance = site.HallDistance.Value,
            TrayHeight = site.TrayHeight.Value,
            SystemPortHeight = site.PortHeight.Value,
            SwitchPortHeight = site.PortHeight.Value,
            Slack = site.Slack.Value,
            RackUnits = site.RackUnits.Value,
            RackPower = site.RackPower.Value,
            RackLoad = site.RackLoad.Value,
            SwitchMassPerUnit = site.SwitchMassPerUnit.Value,
        };
    }
}
