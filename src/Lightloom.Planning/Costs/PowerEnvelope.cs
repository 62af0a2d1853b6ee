// How many accelerators a fixed feed of power carries.
//
//   fits            the most systems S with   provisioned power of S systems and their fabric x PUE  ≤  envelope
//   exact           the fabric is planned anew for every S that is tried: halving finds S, for a larger cluster never needs less power; where a
//                   topology can't be built at a size that is tried (grids, groups), shares of the design's own fabric stand for it
//   by shares       S = ⌊ envelope / PUE / (P_system + P_fabric / systems of the design) ⌋
//   a watt saved    in the fabric of every accelerator: n·δ / (p - δ) more accelerators, n those that fit, p the power that each takes with its
//                   fabric, δ = 1 W
//
// Worked example (Lambda on NVIDIA Q3450): 100 switches that take 3.95 kW in place of 7.0 kW save 305 kW, 217 accelerators of 1.4 kW.

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Planning.Costs;

/// <summary>A part of the fabric's power, and what it keeps out of an envelope.</summary>
/// <param name="Name">The component.</param>
/// <param name="PerAccelerator">Its power for each accelerator, provisioned.</param>
/// <param name="MoreAccelerators">Accelerators, in whole systems, that would fit beside those that do if it drew nothing.</param>
public sealed record EnvelopeSaving(string Name, Power PerAccelerator, long MoreAccelerators);

/// <summary>What fits a fixed feed of power; see the equations at the head of this file.</summary>
public sealed record PowerEnvelope
{
    /// <summary>Power at the meter that there is.</summary>
    public required Power Envelope { get; init; }

    /// <summary>The part of it that is left for IT.</summary>
    public required Power ForIt { get; init; }

    /// <summary>Systems that fit.</summary>
    public required long Systems { get; init; }

    /// <summary>Accelerators that fit.</summary>
    public required long Accelerators { get; init; }

    /// <summary>Accelerators of the design itself.</summary>
    public required long Designed { get; init; }

    /// <summary>IT power that those which fit are provisioned with.</summary>
    public required Power Used { get; init; }

    /// <summary>Whether the fabric was planned anew for what fits; else by shares of the design's own.</summary>
    public required bool IsPlanned { get; init; }

    /// <summary>Power of an accelerator with its share of host and cards, provisioned.</summary>
    public required Power PerAccelerator { get; init; }

    /// <summary>Power of the fabric for each accelerator, provisioned.</summary>
    public required Power FabricPerAccelerator { get; init; }

    /// <summary>Accelerators that would fit if the fabric drew nothing.</summary>
    public required long WithoutFabric { get; init; }

    /// <summary>More accelerators for each watt that the fabric of an accelerator saves.</summary>
    public required double PerWattSaved { get; init; }

    /// <summary>What each component of the fabric keeps out, the largest first.</summary>
    public required IReadOnlyList<EnvelopeSaving> Savings { get; init; }

    /// <summary>Whole units that a power feeds.</summary>
    /// <param name="power">The power.</param>
    /// <param name="each">What one takes.</param>
    public static long Fed(Power power, Power each) => (long)Math.Floor((power / each) + 1e-9);

    /// <summary>What fits, for a design and everything of it in proportion.</summary>
    /// <param name="evaluation">The design.</param>
    /// <param name="envelope">Power at the meter.</param>
    /// <param name="catalog">Where parts are looked up.</param>
    /// <exception cref="InputException">Not even one system fits.</exception>
    public static PowerEnvelope Of(Evaluation evaluation, Power envelope, PartCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        ArgumentNullException.ThrowIfNull(catalog);
        var build = evaluation.Build;
        var (power, systems, each) = (evaluation.Power, build.Plan.Request.Systems, build.Plan.Request.System.Accelerators.Value);
        var forIt = envelope / build.Site.PowerUsageEffectiveness.Value;
        var network = power.NetworkProvisioned / systems;
        var system = (power.Provisioned - power.NetworkProvisioned) / systems;
        if (system <= Power.Zero) throw new InputException("the catalogue has no power for this design's systems, so that nothing can be said of an envelope");
        var shared = Fed(forIt, system + network);
        var (fits, used, planned) = Planned(build, catalog, forIt, Fed(forIt, system)) is { } exact ? (exact.Systems, exact.Power, true) : (shared, shared * (system + network), false);
        if (fits < 1)
            throw new InputException($"--power: {envelope.ToString("G4")} at a PUE of {build.Site.PowerUsageEffectiveness.Value:0.##} leaves {forIt.ToString("G4")} for IT, less than one system with its fabric; expected at least {((system + network) * build.Site.PowerUsageEffectiveness.Value).ToString("G4")}");
        var whole = (system + network) / each;
        return new()
        {
            Envelope = envelope,
            ForIt = forIt,
            Systems = fits,
            Accelerators = fits * each,
            Designed = build.Plan.AcceleratorCount,
            Used = used,
            IsPlanned = planned,
            PerAccelerator = system / each,
            FabricPerAccelerator = network / each,
            WithoutFabric = Fed(forIt, system) * each,
            PerWattSaved = fits * each / (whole.Watts - 1),
            Savings =
            [
                .. power.Items.Where(i => i.IsNetwork && i.Provisioned > Power.Zero)
                    .Select(i => new EnvelopeSaving(i.Name, i.Provisioned / (systems * (double)each), (Fed(forIt, system + network - (i.Provisioned / systems)) - shared) * each))
                    .OrderByDescending(s => s.PerAccelerator),
            ],
        };
    }

    // The most systems whose fabric, planned for them, fits; null where some size on the way can't be built.
    static (long Systems, Power Power)? Planned(ClusterBuild build, PartCatalog catalog, Power forIt, long most)
    {
        var engineer = new LinkEngineer(catalog);
        (long, Power)? best = (0, Power.Zero);
        for (long low = 1, high = Math.Min(most, 1_000_000); low <= high;)
        {
            var middle = low + ((high - low) / 2);
            Power needed;
            try
            {
                needed = PowerUse.Of(build.WithSystems((int)middle, catalog, engineer)).Provisioned;
            }
            catch (Exception e) when (e is InputException or FabricException)
            {
                return null;
            }
            if (needed <= forIt) (best, low) = ((middle, needed), middle + 1);
            else high = middle - 1;
        }
        return best;
    }
}
