// Power of optics over what it is divided by. A claim of "3.5 times" is true of one denominator and not of the next.
//
//   end      P_m / k                  k links share a module; over R: pJ/bit of one end
//   link     both ends                over R
//   + host   e_end + e_SerDes         the SerDes that drives the module, or the short one that drives an engine
//   box      P_box + ports/k · P_m    co-packaged: P_box holds the engines; over ports · R
//   cluster  boxes · P_box,all / P_cluster
//
// Example: a pluggable of 30 W against an engine of 9 W is 3.3 times per port; 72 modules of 25 W in a box of 5.2 kW are 7.0 kW, 1.77
// times the 3.95 kW of the co-packaged box; 216 such boxes under 10,368 accelerators of 1.9 kW save 3.3 % of the cluster.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>Power and energy per bit of optics, by what they are divided by.</summary>
public sealed record EnergyAccount
{
    /// <summary>What is accounted for.</summary>
    public required string Name { get; init; }

    /// <summary>Rate of a port, one direction.</summary>
    public required Bandwidth PortRate { get; init; }

    /// <summary>Ports of the box.</summary>
    public required int Ports { get; init; }

    /// <summary>One module or engine.</summary>
    public required Power Module { get; init; }

    /// <summary>One port's share of it: one end of a link.</summary>
    public required Power End { get; init; }

    /// <summary>Energy of one end's optics per bit.</summary>
    public EnergyPerBit PerEnd => End / PortRate;

    /// <summary>Both ends of a link between two such boxes.</summary>
    public Power Link => Power.FromWatts(2 * End.Watts);

    /// <summary>Energy of both ends' optics per bit.</summary>
    public EnergyPerBit PerLink => Link / PortRate;

    /// <summary>The SerDes behind one end.</summary>
    public required Sourced<EnergyPerBit> HostSerDes { get; init; }

    /// <summary>Energy of one end per bit, with its host's SerDes.</summary>
    public EnergyPerBit PerEndWithHost => PerEnd + HostSerDes.Value;

    /// <summary>Energy of both ends per bit, with their hosts' SerDes.</summary>
    public EnergyPerBit PerLinkWithHost => EnergyPerBit.FromJoulesPerBit(2 * PerEndWithHost.JoulesPerBit);

    /// <summary>The box with the optics of all ports.</summary>
    public required Power Box { get; init; }

    /// <summary>Energy of the box with its optics, per bit that it can take in.</summary>
    public EnergyPerBit PerBox => Box / Bandwidth.FromBitsPerSecond(Ports * PortRate.BitsPerSecond);

    /// <summary>The weakest grade among the figures.</summary>
    public required Grade WeakestGrade { get; init; }

    /// <summary>Accounts for a box with modules in all its cages.</summary>
    /// <param name="box">The switch.</param>
    /// <param name="module">The module of its cages.</param>
    /// <param name="modulePower">Power of a module where the catalogue's is not meant.</param>
    /// <param name="assumptions">The SerDes; the default ones if null.</param>
    /// <exception cref="ArgumentException">The catalogue gives no power for one of them, or the optics are co-packaged.</exception>
    public static EnergyAccount Pluggable(Switch box, Transceiver module, Power? modulePower = null, LinkAssumptions? assumptions = null)
    {
        ArgumentNullException.ThrowIfNull(box);
        ArgumentNullException.ThrowIfNull(module);
        if (box.CoPackaged is not null) throw new ArgumentException($"the optics of '{box.Name}' are co-packaged");
        if (box.Power is not { } power) throw new ArgumentException($"the catalogue gives no power for '{box.Name}'");
        var share = box.PortsPerCage?.Value ?? 1;
        var given = PowerOf(module, modulePower);
        return new()
        {
            Name = $"{box.Name} with {module.Name}",
            PortRate = box.PortRate.Value,
            Ports = box.Ports.Value,
            Module = given.Power,
            End = Power.FromWatts(given.Power.Watts / share),
            HostSerDes = (assumptions ?? LinkAssumptions.Default).HostSerDes,
            Box = Power.FromWatts(power.Value.Watts + box.Ports.Value / (double)share * given.Power.Watts),
            WeakestGrade = OpticalBudget.Weaker(power.Grade, given.Grade),
        };
    }

    /// <summary>Accounts for a box with its optics on the package; the box's own power holds them.</summary>
    /// <exception cref="ArgumentException">The catalogue gives no power for the box or its engine, or the optics are pluggable.</exception>
    public static EnergyAccount CoPackaged(Switch box, LinkAssumptions? assumptions = null)
    {
        ArgumentNullException.ThrowIfNull(box);
        if (box.CoPackaged is not { } engine) throw new ArgumentException($"the optics of '{box.Name}' are pluggable");
        if (box.Power is not { } power) throw new ArgumentException($"the catalogue gives no power for '{box.Name}'");
        var given = PowerOf(engine, null);
        return new()
        {
            Name = box.Name,
            PortRate = box.PortRate.Value,
            Ports = box.Ports.Value,
            Module = given.Power,
            End = Power.FromWatts(given.Power.Watts * (box.PortRate.Value / engine.Rate.Value)),
            HostSerDes = (assumptions ?? LinkAssumptions.Default).CoPackagedSerDes,
            Box = power.Value,
            WeakestGrade = OpticalBudget.Weaker(power.Grade, given.Grade),
        };
    }

    /// <summary>Accounts for a box whose ports all have the same link, whatever it is made of.</summary>
    /// <param name="box">The switch.</param>
    /// <param name="link">A link of one of its ports; its end A is counted.</param>
    /// <param name="assumptions">The SerDes; the default ones if null.</param>
    /// <exception cref="ArgumentException">The catalogue gives no power for the box, or the link is none.</exception>
    public static EnergyAccount Of(Switch box, EngineeredLink link, LinkAssumptions? assumptions = null)
    {
        ArgumentNullException.ThrowIfNull(box);
        ArgumentNullException.ThrowIfNull(link);
        if (box.CoPackaged is not null) return CoPackaged(box, assumptions);
        if (box.Power is not { } power) throw new ArgumentException($"the catalogue gives no power for '{box.Name}'");
        if (link.Class == MediaClasses.None) throw new ArgumentException("there is no link to account for", nameof(link));
        return new()
        {
            Name = $"{box.Name} with {link.Name}",
            PortRate = box.PortRate.Value,
            Ports = box.Ports.Value,
            Module = (box.PortsPerCage?.Value ?? 1) * link.PowerA,
            End = link.PowerA,
            HostSerDes = (assumptions ?? LinkAssumptions.Default).HostSerDes,
            Box = power.Value + box.Ports.Value * link.PowerA,
            WeakestGrade = OpticalBudget.Weaker(power.Grade, link.WeakestGrade),
        };
    }

    /// <summary>Share of a cluster's power that so many boxes with their optics take.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cluster takes no power, or the number of boxes is negative.</exception>
    public Ratio ShareOfCluster(long boxes, Power cluster)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(boxes);
        if (!(cluster.Si > 0)) throw new ArgumentOutOfRangeException(nameof(cluster), cluster, "a power above 0 is needed");
        return Ratio.FromSi(boxes * Box.Si / cluster.Si);
    }

    static (Power Power, Grade Grade) PowerOf(Transceiver module, Power? instead) =>
        instead is { } given ? (given, Grade.Assumption)
        : module.Power is { } power ? (power.Value, power.Grade)
        : module.EnergyPerBit is { } energy ? (Power.FromWatts(energy.Value.JoulesPerBit * module.Rate.Value.BitsPerSecond), energy.Grade)
        : throw new ArgumentException($"the catalogue gives no power for '{module.Name}'");
}

/// <summary>One claim of a saving, on each denominator.</summary>
/// <param name="Before">What is replaced.</param>
/// <param name="After">What replaces it.</param>
public sealed record EnergyClaim(EnergyAccount Before, EnergyAccount After)
{
    /// <summary>How many times less power the optics of a port take.</summary>
    public double PerPort => Before.End / After.End;

    /// <summary>The same with the SerDes that drive them.</summary>
    public double PerPortWithHost => Before.PerEndWithHost.JoulesPerBit / After.PerEndWithHost.JoulesPerBit;

    /// <summary>How many times less power a box with all its optics takes.</summary>
    public double PerBox => Before.Box / After.Box;

    /// <summary>Power that a box saves.</summary>
    public Power SavedPerBox => Before.Box - After.Box;

    /// <summary>The part of <see cref="SavedPerBox"/> that the optics' own power doesn't explain.</summary>
    public Power NotOptics => SavedPerBox - Power.FromWatts(Before.Ports * Before.End.Watts - After.Ports * After.End.Watts);

    /// <summary>Share of a cluster's power that is saved: of the power before, everything counted.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cluster takes no power, or the number of boxes is negative.</exception>
    public Ratio ShareOfCluster(long boxes, Power clusterBefore)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(boxes);
        if (!(clusterBefore.Si > 0)) throw new ArgumentOutOfRangeException(nameof(clusterBefore), clusterBefore, "a power above 0 is needed");
        return Ratio.FromSi(boxes * SavedPerBox.Si / clusterBefore.Si);
    }
}
