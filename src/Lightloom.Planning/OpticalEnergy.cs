// Power of a cluster's links over each thing that it is divided by, so that a saving can be read on the denominator that is meant.
//
//   end      P_links / (2 n)                 n links of a class;  over R: pJ/bit of one end
//   link     P_links / n                     both ends; over R
//   + hosts  with the SerDes of both hosts
//   box      P_box + modules in its ports;  co-packaged: P_box holds them;  over the rate of the ports that are used
//   cluster  P_links / P_IT,   P_links / accelerators
//
// Every bit crosses as many links as its path has: pJ/bit of a link is not pJ/bit of the network.

using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>Power of one class of links by what it is divided by.</summary>
/// <param name="Links">The class.</param>
/// <param name="Count">Its links.</param>
/// <param name="Power">Modules, engines and cable ends of all of them.</param>
/// <param name="PerEnd">Mean energy of one end per bit.</param>
/// <param name="PerLink">Mean energy of both ends per bit.</param>
/// <param name="PerLinkWithHost">The same with the SerDes of both hosts.</param>
/// <param name="ShareOfCluster">Share of the IT power in use.</param>
public sealed record LinkEnergy(
    string Links, long Count, Power Power, EnergyPerBit PerEnd, EnergyPerBit PerLink, EnergyPerBit PerLinkWithHost, Ratio ShareOfCluster);

/// <summary>Power of one tier's switches with what is plugged into them.</summary>
/// <param name="Tier">The tier.</param>
/// <param name="Switch">The switch.</param>
/// <param name="Count">How many.</param>
/// <param name="Box">One of them with the modules of its ports, on average.</param>
/// <param name="Modules">The modules' part; nothing where engines are part of the switch.</param>
/// <param name="PerBit">Energy per bit of the ports that are used; null where none is.</param>
public sealed record BoxEnergy(string Tier, string Switch, long Count, Power Box, Power Modules, EnergyPerBit? PerBit);

/// <summary>Energy of a cluster's optics and cables by denominator.</summary>
/// <remarks>See <see cref="EnergyAccount"/> for one box and one link. Made when it is asked for; an evaluation doesn't need it.</remarks>
public sealed record OpticalEnergy
{
    /// <summary>By class of links.</summary>
    public required IReadOnlyList<LinkEnergy> Links { get; init; }

    /// <summary>By tier of switches.</summary>
    public required IReadOnlyList<BoxEnergy> Boxes { get; init; }

    /// <summary>Modules, engines and cable ends of all links.</summary>
    public required Power Power { get; init; }

    /// <summary>The same over the cluster's IT power in use.</summary>
    public required Ratio ShareOfCluster { get; init; }

    /// <summary>The same for each accelerator.</summary>
    public required Power PerAccelerator { get; init; }

    /// <summary>The energy of an evaluated design's links.</summary>
    public static OpticalEnergy Of(Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var (build, plan) = (evaluation.Build, evaluation.Build.Plan);
        var cluster = evaluation.Power.InUse;
        var links = new List<LinkEnergy>();
        var total = Power.Zero;
        foreach (var summary in build.Links)
        {
            double count = summary.Groups.Sum(g => g.Count);
            if (count == 0) continue;
            double Mean(Func<EngineeredLink, EnergyPerBit> of) => summary.Groups.Sum(g => g.Count * of(g.Link).JoulesPerBit) / count;
            var each = EnergyPerBit.FromJoulesPerBit(Mean(l => l.EnergyPerBit));
            links.Add(new(summary.Class.Name, (long)count, summary.Power, 0.5 * each, each,
                EnergyPerBit.FromJoulesPerBit(Mean(l => l.EnergyPerBitWithHost)), Share(summary.Power)));
            total += summary.Power;
        }
        var boxes = new List<BoxEnergy>();
        foreach (var tier in plan.Tiers)
        {
            if (tier.Switch.Power is not { } power || tier.Count == 0) continue;
            double modules = 0, bits = 0;
            foreach (var summary in build.Links)
            {
                foreach (var group in summary.Groups)
                {
                    // End A of a link is the lower one.
                    if (summary.Class.Upper.Tier == tier.Name) Add(group, group.Link.PowerB);
                    if (summary.Class.Lower.Tier == tier.Name) Add(group, group.Link.PowerA);
                }

                void Add(LinkGroup group, Power end)
                {
                    bits += group.Count * summary.Class.Rate.BitsPerSecond;
                    if (tier.Switch.CoPackaged is null) modules += group.Count * end.Watts;
                }
            }
            var plugged = Power.FromWatts(modules / tier.Count);
            var box = power.Value + plugged;
            boxes.Add(new(tier.Name, tier.Switch.Name, tier.Count, box, plugged,
                bits > 0 ? EnergyPerBit.FromJoulesPerBit(box.Watts * tier.Count / bits) : null));
        }
        return new()
        {
            Links = links,
            Boxes = boxes,
            Power = total,
            ShareOfCluster = Share(total),
            PerAccelerator = total / Math.Max(1, plan.AcceleratorCount),
        };

        Ratio Share(Power power) => Ratio.FromSi(cluster.Si > 0 ? power / cluster : 0);
    }
}
