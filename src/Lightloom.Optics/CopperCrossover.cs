// Where copper ends.
//
//   passive, cartridge:  L(g) = (channel − host − C) / A_g(f)             see TwinaxLoss; A_g loss per metre of gauge g
//   linear, retimed:     what the electronics make up for is what the cable as sold bears: budget = A_g0(f)·reach + C_g0;
//                        L(g) = (budget − C_g) / A_g(f)
//
// and for links of a rate, by engineering every standard length of copper: the longest that closes at all, the longest at which copper
// is the cheapest, and the longest at which copper burns least.
//
// Example: 100G lanes, 19.75 dB at 26.56 GHz with 4 dB of connectors: 30 AWG 1.77 m, 26 AWG 2.67 m; 200G lanes, 17 dB at 53.125 GHz
// with 5 dB: 0.92 m and 1.36 m.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>The longest cable of a class and a gauge that closes.</summary>
/// <param name="Class">What the cable does to the signal.</param>
/// <param name="Gauge">American wire gauge.</param>
/// <param name="Reach">The longest by loss.</param>
/// <param name="Basis">What bounds the loss: an interface, or a cable that is sold.</param>
/// <param name="Grade">The weakest grade among the figures.</param>
public sealed record CopperReach(CopperClass Class, int Gauge, Length Reach, string Basis, Grade Grade);

/// <summary>Where optics take over from copper for links of a rate.</summary>
/// <param name="Rate">Rate of the links.</param>
/// <param name="LaneRate">Rate of a lane.</param>
/// <param name="OpticsNeededBeyond">The longest copper that closes; zero where none does.</param>
/// <param name="Longest">The cable that it is, or null.</param>
/// <param name="OpticsCheaperBeyond">The longest length at which the cheapest that closes is copper; zero where optics are cheaper throughout.</param>
/// <param name="OpticsCoolerBeyond">The longest length at which what burns least is copper; zero where optics burn less throughout.</param>
/// <param name="Steps">What is best at each standard length.</param>
public sealed record CopperCrossing(
    Bandwidth Rate, Bandwidth LaneRate, Length OpticsNeededBeyond, string? Longest, Length OpticsCheaperBeyond, Length OpticsCoolerBeyond,
    IReadOnlyList<CopperStep> Steps);

/// <summary>Copper against optics at one length.</summary>
/// <param name="Length">The length.</param>
/// <param name="CheapestCopper">The cheapest copper that closes, or null.</param>
/// <param name="CheapestOptics">The cheapest optics that close, or null.</param>
/// <param name="CoolestCopper">The copper that burns least, or null.</param>
/// <param name="CoolestOptics">The optics that burn least, or null.</param>
public sealed record CopperStep(
    Length Length, EngineeredLink? CheapestCopper, EngineeredLink? CheapestOptics, EngineeredLink? CoolestCopper, EngineeredLink? CoolestOptics);

/// <summary>How far copper goes, and where optics take over.</summary>
/// <remarks>The twinax model of <see cref="TwinaxLoss"/>; an insertion loss budget stands in for COM. IEEE 802.3bj, cd, ck and P802.3dj.</remarks>
public static class CopperCrossover
{
    const double Near = 0.15; // as the binder: 100G lanes are sold as 100, 106.25 and 112

    /// <summary>The longest cable of each class and gauge at a lane rate; classes without a cable at that rate are left out.</summary>
    /// <param name="laneRate">Rate of a lane.</param>
    /// <param name="cables">Cables that are sold; they say which interface bounds passive ones and what electronics make up for.</param>
    /// <param name="pairs">Pairs of each gauge.</param>
    public static IReadOnlyList<CopperReach> Reaches(Bandwidth laneRate, IReadOnlyList<CopperCable> cables, IReadOnlyList<Twinax> pairs)
    {
        ArgumentNullException.ThrowIfNull(cables);
        ArgumentNullException.ThrowIfNull(pairs);
        if (!(laneRate.Si > 0) || !double.IsFinite(laneRate.Si)) throw new ArgumentException($"the rate of a lane must be above 0, not {laneRate}");
        var made = new List<CopperReach>();
        foreach (var kind in Enum.GetValues<CopperClass>())
        {
            foreach (var pair in pairs)
            {
                CopperReach? best = null;
                foreach (var cable in cables)
                {
                    if (cable.Class != kind || Math.Abs(cable.LaneRate.Value / laneRate - 1) >= Near) continue;
                    var reach = ReachOf(cable, pair);
                    if (best is null || reach.Reach.Si > best.Reach.Si) best = reach;
                }
                if (best is not null) made.Add(best);
            }
        }
        return made;
    }

    /// <summary>Where optics take over for links of a rate between two ends.</summary>
    /// <param name="engineer">The parts to choose among.</param>
    /// <param name="request">Rate, ends and connectors; its run is not used, and of its policy only whether optics must retime.</param>
    /// <param name="longest">The longest length that is looked at; 12 m if null.</param>
    public static CopperCrossing Of(LinkEngineer engineer, LinkRequest request, Length? longest = null)
    {
        ArgumentNullException.ThrowIfNull(engineer);
        ArgumentNullException.ThrowIfNull(request);
        var steps = new List<CopperStep>();
        var last = longest?.Meters ?? 12;
        for (var meters = 0.5; meters <= last + 1e-9; meters += meters < 3 - 1e-9 ? 0.5 : 1)
        {
            EngineeredLink? Best(MediaClasses allow, LinkGoal goal) => engineer.Best(request with
            {
                Run = Length.FromMeters(meters),
                Policy = new() { Allow = allow, Goal = goal, RetimedOnly = request.Policy.RetimedOnly },
            }) is { Closes: true } link ? link : null;
            steps.Add(new(Length.FromMeters(meters), Best(MediaClasses.Copper, LinkGoal.Cheapest), Best(MediaClasses.Optics, LinkGoal.Cheapest),
                Best(MediaClasses.Copper, LinkGoal.FewestWatts), Best(MediaClasses.Optics, LinkGoal.FewestWatts)));
        }
        var end = steps.LastOrDefault(s => s.CheapestCopper is not null);
        return new(request.Rate, request.LaneRate, end?.Length ?? Length.Zero, end?.CheapestCopper?.Name,
            LastOf(s => s.CheapestCopper is { } c && (s.CheapestOptics is not { } o || c.Price.Value.Si <= o.Price.Value.Si)),
            LastOf(s => s.CoolestCopper is { } c && (s.CoolestOptics is not { } o || c.Power.Si <= o.Power.Si)), steps);

        // The length up to which it holds without a gap.
        Length LastOf(Func<CopperStep, bool> holds) => steps.TakeWhile(holds).LastOrDefault()?.Length ?? Length.Zero;
    }

    static CopperReach ReachOf(CopperCable cable, Twinax pair)
    {
        var given = cable.Interface;
        var grade = OpticalBudget.Weaker(pair.SkinLoss.Grade, pair.DielectricLoss.Grade);
        if (cable.Class is CopperClass.Passive or CopperClass.Cartridge && given is not null)
        {
            return new(cable.Class, pair.Gauge, TwinaxLoss.Reach(pair, given), given.Name, OpticalBudget.Weaker(grade, given.ChannelLoss.Grade));
        }
        var frequency = given?.Frequency.Value ?? TwinaxLoss.Nyquist(cable.LaneRate.Value);
        var budget = TwinaxLoss.PerLength(cable.Twinax, frequency).Si * cable.Reach.Value.Si + TwinaxLoss.Connectors(cable.Twinax, frequency, given).Si;
        var left = budget - TwinaxLoss.Connectors(pair, frequency, given).Si;
        return new(cable.Class, pair.Gauge, Length.FromMeters(Math.Max(0, left / TwinaxLoss.PerLength(pair, frequency).Si)),
            $"{(cable.Key.Length > 0 ? cable.Key : cable.Name)} of {cable.Reach.Value}", OpticalBudget.Weaker(grade, cable.Reach.Grade));
    }
}
