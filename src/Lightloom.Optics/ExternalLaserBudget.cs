// Budget of an engine that modulates the light of a laser elsewhere, one lane at one wavelength: from the laser's connector to the
// photodiode, for engines that no standard describes at the fibre.
//
//   P_L      power of the wavelength at the laser's connector                            dBm
//   P_1    = P_L − laser path − splitting − coupling − waveguide − modulator            highest level sent, before the chip's edge
//   OMA    = P_1 + 10 log10(1 − 1/e)                       e  extinction ratio
//   launch   = OMA − coupling                              outer OMA in the fibre        dBm
//   needed   = S + penalties + filter + waveguide + coupling      S  OMA at the photodiode, clean    dBm
//   budget   = launch − needed
//
// Losses add as they are given: none of them is a worst case of a specification, and each has a range. The spread of the budget takes
// them as independent and their ranges as four standard deviations: σ = √Σ ((high − low)/4)², passages counted as often as they happen.
//
// Example: 8 dBm, 0.5 dB to a chip with 2 dB of coupling, 0.5 dB of waveguides, 4 dB of modulator at 5 dB of extinction (−1.65 dB):
// 8 − 0.5 − 2 − 0.5 − 4 − 1.65 − 2 = −2.65 dBm launched. A photodiode that needs −10.5 dBm behind 1 + 1.5 + 0.5 + 2 dB needs −5.5 dBm in
// the fibre: 2.85 dB are left for the channel.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>Levels of engines with an external laser.</summary>
/// <remarks>Sums of losses; Bogaerts and others, Laser and Photonics Reviews 6 (2012), for rings. Nothing here allocates but <see cref="Steps"/>.</remarks>
public static class ExternalLaserBudget
{
    /// <summary>Outer OMA that a lane launches into the fibre; null where the laser's power is not known.</summary>
    public static DecibelMilliwatts? Launch(ExternalLaserOptics given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return given.Laser.PowerPerWavelength is { } laser
            ? laser.Value - given.LaserPath.Value - SplittingOf(given) - given.Coupling.Value - given.Waveguide.Value - given.Modulator.Value
                - AmplitudeLoss(given) - given.Coupling.Value
            : null;
    }

    /// <summary>Outer OMA that a lane needs in the fibre.</summary>
    public static DecibelMilliwatts Needed(ExternalLaserOptics given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return given.PhotodiodeSensitivity.Value + given.Penalties.Value + given.Filter.Value + given.Waveguide.Value + given.Coupling.Value;
    }

    /// <summary>How far the outer OMA lies below the highest level: −10 log10(1 − 1/e).</summary>
    public static Decibels AmplitudeLoss(ExternalLaserOptics given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return -Decibels.FromRatio(1 - 1 / given.ExtinctionRatio.Value.Ratio);
    }

    /// <summary>Standard deviation of the budget between two such ends, from the ranges of the sender's and the receiver's figures.</summary>
    public static Decibels Spread(ExternalLaserOptics sender, ExternalLaserOptics receiver)
    {
        ArgumentNullException.ThrowIfNull(sender);
        ArgumentNullException.ThrowIfNull(receiver);
        var laser = sender.Laser.PowerPerWavelength is { } power ? Square((power.High - power.Low).Si) : 0;
        var sum = laser + Of(sender.LaserPath) + (sender.Splitting is { } split ? Of(split) : 0) + 2 * Of(sender.Coupling)
            + Of(sender.Waveguide) + Of(sender.Modulator)
            + Of(receiver.Coupling) + Of(receiver.Waveguide) + Of(receiver.Filter) + Of(receiver.Penalties)
            + Square((receiver.PhotodiodeSensitivity.High - receiver.PhotodiodeSensitivity.Low).Si);
        return Decibels.FromSi(Math.Sqrt(sum) / 4);

        static double Of(Sourced<Decibels> loss) => Square(loss.High.Si - loss.Low.Si);
        static double Square(double x) => x * x;
    }

    /// <summary>
    /// The budget step by step from the laser to the photodiode, the channel left out: what each changes, and the level of light behind it.
    /// The first is the laser over the photodiode; all together they are the budget.
    /// </summary>
    /// <exception cref="ArgumentException">The power of the sender's laser is not known.</exception>
    public static IReadOnlyList<BudgetTerm> Steps(ExternalLaserOptics sender, ExternalLaserOptics receiver)
    {
        ArgumentNullException.ThrowIfNull(sender);
        ArgumentNullException.ThrowIfNull(receiver);
        if (sender.Laser.PowerPerWavelength is not { } laser) throw new ArgumentException($"the catalogue gives no power for '{sender.Laser.Name}'");
        var steps = new List<BudgetTerm>();
        var level = laser.Value;
        var left = Decibels.Zero;
        var needed = receiver.PhotodiodeSensitivity;
        Add($"{laser.Value} a wavelength from the laser over {needed.Value} at the photodiode", laser.Value - needed.Value, laser.Source,
            OpticalBudget.Weaker(laser.Grade, needed.Grade));
        Take("connectors and fibre from the laser", sender.LaserPath);
        if (sender.Splitting is { } split) Take("splitting among lanes", split);
        Take("coupling into the chip", sender.Coupling);
        Take("waveguides of the sender", sender.Waveguide);
        Take("modulator at its highest level", sender.Modulator);
        level -= AmplitudeLoss(sender);
        Add($"amplitude at {sender.ExtinctionRatio.Value} of extinction", -AmplitudeLoss(sender), sender.ExtinctionRatio.Source, sender.ExtinctionRatio.Grade);
        Take("coupling into the fibre", sender.Coupling);
        Lose("coupling out of the fibre", receiver.Coupling);
        Lose("waveguides of the receiver", receiver.Waveguide);
        Lose("filter of the wavelength", receiver.Filter);
        Lose("crosstalk, drift and eye closure", receiver.Penalties);
        return steps;

        void Take(string name, Sourced<Decibels> loss)
        {
            level -= loss.Value;
            Lose(name, loss);
        }

        // Behind the channel; the level shown stays that in the fibre.
        void Lose(string name, Sourced<Decibels> loss) => Add(name, -loss.Value, loss.Source, loss.Grade);

        void Add(string name, Decibels change, string source, Grade grade)
        {
            left += change;
            steps.Add(new(name, change, left, level, source, grade));
        }
    }

    static Decibels SplittingOf(ExternalLaserOptics given) => given.Splitting?.Value ?? Decibels.Zero;
}
