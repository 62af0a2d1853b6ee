// Worst-case loss budget of directly detected optics between two standard interfaces.
//
//   P_T   = max( OMA_min, (OMA−TDECQ)_min + TDECQ_max )    dBm, outer OMA that any transmitter launches with its worst eye
//   S     = stressed receiver sensitivity                  dBm, outer OMA that every receiver decodes with that eye
//   P     = P_T − S                                        dB, power budget of one direction
//   D     = multipath interference and other penalties     dB, set aside by the standard
//   B     = min over both directions of P − D              dB, left to the channel
//   IL    = fibre · length + Σ connectors + Σ others       dB
//   margin = B − IL
//
// Where an interface gives no levels, B is its channel insertion loss; where it gives both they agree ("closure"):
//   (OMA−TDECQ)_min + TDECQ_max − S = channel loss + D.
//
// Engines that no standard describes at the fibre give both levels from the inside: P_T and S by ExternalLaserBudget.
//
// A receiver bears at least what a transmitter of its own standard may send over no loss at all, so that mixing standards can
// overload it: loss needed = max(0, average power at most of either transmitter − that of the other's standard).
//
// Example: 400GBASE-DR4: −2.2 + 3.4 − (−1.9) = 3.1 = 3.0 + 0.1 dB. 300 m (0.12 dB), four MPO of 0.35 dB and an optical circuit
// switch of 1.5 dB leave 3.0 − 0.12 − 1.4 − 1.5 = −0.02 dB: it doesn't close; 400GBASE-FR4 on the same plant has +0.98 dB.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>What two optical interfaces leave to the channel between them, in the worse direction.</summary>
/// <param name="Power">Launched OMA less stressed sensitivity, or the channel loss where levels are not given.</param>
/// <param name="Penalties">What the standard sets aside for multipath interference and other penalties.</param>
/// <param name="Launch">Launched outer OMA, where levels are given.</param>
/// <param name="Sensitivity">Stressed sensitivity, where levels are given.</param>
/// <param name="Source">Where the figures come from.</param>
/// <param name="Grade">The weakest grade among them.</param>
/// <remarks>IEEE 802.3 clauses 121, 124, 139, 140, 151 and 167: illustrative link power budgets; closure holds for each of them.</remarks>
public sealed record OpticalBudget(
    Decibels Power, Decibels Penalties, DecibelMilliwatts? Launch, DecibelMilliwatts? Sensitivity, string Source, Grade Grade)
{
    /// <summary>What is left to fibre, connectors and everything else in the path.</summary>
    public Decibels Channel => Power - Penalties;

    /// <summary>How <see cref="Power"/> comes about from a laser to a photodiode, for engines with an external laser; empty for others.</summary>
    public IReadOnlyList<BudgetTerm> Inside { get; init; } = [];

    /// <summary>Outer OMA that a transmitter launches with its worst eye; null where the interface doesn't say.</summary>
    public static DecibelMilliwatts? LaunchOf(OpticalInterface given)
    {
        ArgumentNullException.ThrowIfNull(given);
        if (given.ExternalLaser is { } inside) return ExternalLaserBudget.Launch(inside);
        DecibelMilliwatts? eye = given is { TransmitOmaLessTdecq: { } less, TdecqMaximum: { } tdecq } ? less.Value + tdecq.Value : null;
        return (eye, given.TransmitOmaMinimum?.Value) switch
        {
            ({ } a, { } b) => DecibelMilliwatts.FromDbm(Math.Max(a.Si, b.Si)),
            ({ } a, null) => a,
            // The smallest OMA alone says nothing of the eye at which the sensitivity holds.
            _ => null,
        };
    }

    /// <summary>How far an interface's levels miss its channel loss and penalties; null where it doesn't give them all.</summary>
    public static Decibels? ClosureError(OpticalInterface given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return given is { TransmitOmaLessTdecq: { } less, TdecqMaximum: { } tdecq, StressedSensitivity: { } needed, ChannelLoss: { } loss }
            && given.Penalties is { } penalties
            ? less.Value + tdecq.Value - needed.Value - loss.Value - penalties.Value
            : null;
    }

    /// <summary>The budget between two interfaces; null where neither levels nor channel losses are given.</summary>
    public static OpticalBudget? Between(OpticalInterface a, OpticalInterface b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (OneWay(a, b) is { } there && OneWay(b, a) is { } back)
        {
            var worse = there.Channel.Si <= back.Channel.Si ? there : back;
            return ReferenceEquals(a, b) || a == b ? HeldToStandard(worse, a) : worse;
        }
        if (a.ChannelLoss is not { } lossA || b.ChannelLoss is not { } lossB) return null;
        var smaller = lossA.Value.Si <= lossB.Value.Si ? lossA : lossB;
        return new(smaller.Value, Decibels.Zero, null, null, smaller.Source, Weaker(lossA.Grade, lossB.Grade));
    }

    /// <summary>
    /// Loss that must lie between two interfaces so that neither receiver gets more average power than a transmitter of its own
    /// standard may send: zero for two of the same.
    /// </summary>
    public static Decibels Overload(OpticalInterface a, OpticalInterface b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return a.TransmitAverageMaximum is { } most && b.TransmitAverageMaximum is { } other
            ? Decibels.FromDecibels(Math.Round(Math.Abs(most.Value.Si - other.Value.Si), 9))
            : Decibels.Zero;
    }

    // Levels that promise more than the standard's channel loss are not believed.
    static OpticalBudget HeldToStandard(OpticalBudget budget, OpticalInterface standard) =>
        standard.ChannelLoss is { } loss && Math.Abs(budget.Channel.Si - loss.Value.Si) > 1e-9 && loss.Value.Si < budget.Channel.Si
            ? budget with { Penalties = budget.Power - loss.Value }
            : budget;

    static OpticalBudget? OneWay(OpticalInterface from, OpticalInterface to)
    {
        if (from.ExternalLaser is { } sender && to.ExternalLaser is { } receiver)
        {
            if (ExternalLaserBudget.Launch(sender) is not { } light) return null;
            var inside = ExternalLaserBudget.Steps(sender, receiver);
            var needs = ExternalLaserBudget.Needed(receiver);
            var weakest = inside.Aggregate(Grade.Standard, (g, t) => Weaker(g, t.Grade));
            return new(Rounded(light - needs), Decibels.Zero, light, needs, inside[0].Source, weakest) { Inside = inside };
        }
        // Levels inside an engine and levels of a standard are not taken at the same point.
        if (from.ExternalLaser is not null || to.ExternalLaser is not null) return null;
        if (LaunchOf(from) is not { } launch || to.StressedSensitivity is not { } needed) return null;
        var penalties = Math.Max(from.Penalties?.Value.Si ?? 0, to.Penalties?.Value.Si ?? 0);
        var grade = Weaker(from.TransmitOmaLessTdecq!.Value.Grade, needed.Grade);
        grade = Weaker(grade, from.TdecqMaximum!.Value.Grade);
        return new(Rounded(launch - needed.Value), Decibels.FromDecibels(penalties), launch, needed.Value, needed.Source, grade);
    }

    // Standards give levels in tenths; a nanodecibel of binary rounding must not decide whether a link closes.
    static Decibels Rounded(Decibels value) => Decibels.FromDecibels(Math.Round(value.Si, 9));

    internal static Grade Weaker(Grade a, Grade b) => a > b ? a : b;
}
