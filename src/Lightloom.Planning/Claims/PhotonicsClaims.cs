// What fits on a chip's edge and into a fibre.
//
//   C09   fibres x wavelengths x rate of one, both directions together
//   C10   wavelengths x rate of one: gross as lines run, net as their payload
//
// Worked example: 256 fibres of 8 wavelengths of 56 Gb/s are 114.7 Tb/s; 16 wavelengths of 112 Gb/s are 1.792 Tb/s, of 100 Gb/s net 1.6.

using Lightloom.Catalog;

namespace Lightloom.Planning.Claims;

/// <summary>Claims about photonic interposers and wavelengths; see the head of this file.</summary>
static class PhotonicsClaims
{
    const double SaidInterposer = 114, SaidFibre = 1.6; // Tb/s
    const int Fibres = 256, FibreWavelengths = 16;

    public static ClaimAnswer Interposer(ClaimContext context, Claim claim)
    {
        var part = context.Catalog.Get<Transceiver>("lightmatter-m1000");
        // Lanes of both directions over the fibres: what one fibre carries.
        var (lanes, rate) = (2.0 * part.Lanes!.Value.Value, part.LaneRate!.Value);
        var perFibre = lanes / Fibres;
        double Total(double gigabits) => Fibres * perFibre * gigabits / 1000;
        // The catalogue's rate is the published sum over lanes; what lines of such engines run at checks it.
        var total = Total(rate.High.GigabitsPerSecond);
        var holds = Math.Abs((total / SaidInterposer) - 1) <= 0.01;
        return new()
        {
            Claim = claim,
            Verdict = holds ? ClaimVerdict.Holds : ClaimVerdict.DoesNotHold,
            Reason = $"{Fibres} fibres of {perFibre:0} wavelengths at {rate.High.GigabitsPerSecond:0.#} Gb/s carry {total:0.0} Tb/s, both directions added: {total / 2:0} Tb/s each way.",
            Figures =
            [
                new("both directions", total, "Tb/s") { Low = Total(rate.Low.GigabitsPerSecond) },
                new("one direction", part.Rate.Value.BitsPerSecond / 1e12, "Tb/s"),
                new("one fibre", total * 1000 / Fibres, "Gb/s"),
            ],
            On = [$"transceiver {part.Key}"],
            Assumptions = [$"{Fibres} fibres as published; lanes and their rate, 56 Gb/s NRZ, are recalled"],
            Flips = [new("rate of a wavelength", SaidInterposer * 0.99 * 1000 / (Fibres * perFibre), "Gb/s", "below it the sum misses by more than 1 %")],
            Weakest = rate.Grade,
        };
    }

    public static ClaimAnswer Fibre(ClaimContext context, Claim claim)
    {
        var (part, optics) = (context.Catalog.Get<Transceiver>("lightmatter-cpo-16-lambda"), context.Catalog.Get<ExternalLaserOptics>("passage-16x112g"));
        var wavelengths = optics.Laser.Wavelengths!.Value.Value;
        const double Gross = 112; // Gb/s on the line, for which the optics are named
        var net = wavelengths * part.LaneRate!.Value.Value.GigabitsPerSecond / 1000;
        var holds = Math.Abs((net / SaidFibre) - 1) <= 0.01;
        return new()
        {
            Claim = claim,
            Verdict = holds ? ClaimVerdict.Holds : ClaimVerdict.DoesNotHold,
            Reason = $"{wavelengths} wavelengths of {part.LaneRate.Value.Value} are {net:0.00} Tb/s of payload; on the line run {wavelengths * Gross / 1000:0.00} Tb/s of PAM4 with error correction.",
            Figures = [new("net", net, "Tb/s"), new("gross", wavelengths * Gross / 1000, "Tb/s"), new("wavelengths", wavelengths, "")],
            On = [$"transceiver {part.Key}", $"external-laser-optics {optics.Key}"],
            Assumptions = [$"{FibreWavelengths} wavelengths in one direction of a fibre"],
            Flips = [new("net rate of a wavelength", SaidFibre * 0.99 * 1000 / wavelengths, "Gb/s", "below it the sum misses by more than 1 %")],
            Weakest = part.LaneRate.Value.Grade,
        };
    }
}
