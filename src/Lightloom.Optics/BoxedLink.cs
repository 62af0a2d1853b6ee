// A link in the box that it is plugged into: what optics save and what a failure takes down are questions about boxes, not about links.
//
// Which box: one whose ports have the link's rate and lanes and whose power the catalogue knows; where several have, the one with as many
// ports to a cage as the link's ends, then the one with most ports. Compared with it are the same box with every other medium that closes,
// and boxes whose optics are on the package with ports of the same rate, over the same run; with a chosen box whose optics are on the package,
// the pluggable one as well.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>A box with all its ports on one kind of link.</summary>
/// <param name="Box">The switch.</param>
/// <param name="Link">A link of one of its ports.</param>
/// <param name="Energy">Its power, by what it is divided by; null where the catalogue gives no power for the box.</param>
/// <param name="Blasts">What each failure takes down.</param>
public sealed record BoxedLink(Switch Box, EngineeredLink Link, EnergyAccount? Energy, IReadOnlyList<Blast> Blasts)
{
    /// <summary>Hours that links of the box are down in a year, all elements together.</summary>
    public double LinkHoursPerYear => Blasts.Where(b => !IsPartOfAnother(b)).Sum(b => b.LinkHoursPerYear);

    /// <summary>The same of a link's own elements: everything but the switch, which takes all technologies down alike.</summary>
    public double LinkHoursPerYearOfOptics =>
        Blasts.Where(b => b.Element != FailingElement.Switch && !IsPartOfAnother(b)).Sum(b => b.LinkHoursPerYear);

    /// <summary>Whether an element's failures are among those of another: a module's rate counts its lasers.</summary>
    public bool IsPartOfAnother(Blast blast)
    {
        ArgumentNullException.ThrowIfNull(blast);
        return blast.Element == FailingElement.Laser && Blasts.Any(b => b.Element == FailingElement.Module);
    }

    /// <summary>A box and a link of its ports.</summary>
    /// <param name="box">The switch.</param>
    /// <param name="link">A link of one of its ports.</param>
    /// <param name="assumptions">Rates and energies where the parts give none; the default ones if null.</param>
    /// <exception cref="ArgumentException">The link is none.</exception>
    public static BoxedLink Of(Switch box, EngineeredLink link, LinkAssumptions? assumptions = null)
    {
        ArgumentNullException.ThrowIfNull(box);
        ArgumentNullException.ThrowIfNull(link);
        var blasts = BlastRadius.Of(box, link, assumptions);
        return new(box, link, HasPower(box) ? EnergyAccount.Of(box, link, assumptions) : null, blasts);
    }

    /// <summary>The box that a link is taken to stand in; null where no switch has ports of its rate.</summary>
    /// <param name="request">What the link was engineered for.</param>
    /// <param name="switches">The switches to choose from.</param>
    public static Switch? BoxFor(LinkRequest request, IEnumerable<Switch> switches)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(switches);
        if (request.A.IsBackplane) return null;
        return switches.Where(s => HasPower(s) && HasPortsOf(s, request) && ReferenceEquals(s.CoPackaged, request.A.Engine))
            .OrderBy(s => Math.Abs(s.LaneRate.Value / request.LaneRate - 1) < 0.15 ? 0 : 1)
            .ThenBy(s => (s.PortsPerCage?.Value ?? 1) == request.A.PortsPerCage ? 0 : 1)
            .ThenByDescending(s => s.Ports.Value)
            .ThenBy(s => s.Key, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    /// <summary>
    /// The chosen link in its box first, then the other media that close in it, then boxes with co-packaged optics over the same run.
    /// </summary>
    /// <param name="engineer">Who engineers the links of other boxes.</param>
    /// <param name="request">What the link was engineered for.</param>
    /// <param name="chosen">The chosen link.</param>
    /// <param name="candidates">The other links between the same ends.</param>
    /// <param name="box">The box of the chosen link.</param>
    /// <param name="switches">The switches to look for co-packaged optics in.</param>
    public static IReadOnlyList<BoxedLink> Compare(
        LinkEngineer engineer, LinkRequest request, EngineeredLink chosen, IReadOnlyList<EngineeredLink> candidates, Switch box,
        IEnumerable<Switch> switches)
    {
        ArgumentNullException.ThrowIfNull(engineer);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(chosen);
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(box);
        ArgumentNullException.ThrowIfNull(switches);
        var made = new List<BoxedLink> { Of(box, chosen, engineer.Assumptions) };
        foreach (var other in candidates)
            if (other.Closes && other.Name != chosen.Name) made.Add(Of(box, other, engineer.Assumptions));
        if (box.CoPackaged is not null && BoxFor(request with { A = LinkEnd.SinglePort, B = LinkEnd.SinglePort }, switches) is { } plugged)
        {
            var end = LinkEnd.Of(plugged);
            var link = engineer.Best(request with { LaneRate = plugged.LaneRate.Value, A = end, B = end, Policy = new() });
            if (link.Class != MediaClasses.None) made.Add(Of(plugged, link, engineer.Assumptions));
        }
        foreach (var packaged in switches)
        {
            if (packaged.CoPackaged is null || packaged.Key == box.Key || !HasPortsOf(packaged, request)) continue;
            var end = LinkEnd.Of(packaged);
            var link = engineer.Best(request with { LaneRate = packaged.LaneRate.Value, A = end, B = end, Policy = new() });
            if (link.Class != MediaClasses.None && link.HasBudget) made.Add(Of(packaged, link, engineer.Assumptions));
        }
        return made;
    }

    static bool HasPower(Switch box) => box.Power is not null && (box.CoPackaged is not { } engine || engine.Power is not null || engine.EnergyPerBit is not null);

    static bool HasPortsOf(Switch box, LinkRequest request) => Math.Abs(box.PortRate.Value / request.Rate - 1) < 0.01;
}
