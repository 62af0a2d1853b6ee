// Delay of fibre.
//
//   C01   n / c,  the catalogue's delay per length; "~5" with one digit is 4.5 to 5.5
//   C19   2 · d · n / c over d = 100 km, fibre alone
//
// Worked example: 4.897 ns/m: 979.4 µs there and back over 100 km, 489.7 µs one way.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Planning.Claims;

/// <summary>Claims about the delay of fibre; see the equations at the head of this file.</summary>
static class FibreClaims
{
    const double LightSpeed = 299_792_458; // m/s
    const double SaidDelay = 5, SaidRoundTrip = 500; // ns/m, µs

    public static ClaimAnswer Delay(ClaimContext context, Claim claim)
    {
        var (silica, hollow) = (context.Catalog.Get<Fibre>(SiteStudy.OrdinaryFibre), context.Catalog.Get<Fibre>(MultiSite.FibreComparison.HollowCore));
        var delay = NanosecondsPerMeter(silica);
        static bool Rounds(double nanoseconds) => Math.Round(nanoseconds, MidpointRounding.AwayFromZero) == SaidDelay;
        var flip = Threshold.Of(1, 1.6, n => Rounds(n / LightSpeed * 1e9));
        return new()
        {
            Claim = claim,
            Verdict = Rounds(delay) ? ClaimVerdict.Holds : ClaimVerdict.DoesNotHold,
            Reason = $"Light in silica takes {delay:0.000} ns/m, {100 * ((SaidDelay / delay) - 1):0.0} % less than said. In hollow-core fibre it takes {NanosecondsPerMeter(hollow):0.00} ns/m, for which 5 is wrong by half.",
            Figures =
            [
                new("single-mode fibre", delay, "ns/m"),
                new("hollow-core fibre", NanosecondsPerMeter(hollow), "ns/m") { Low = hollow.Delay.Low.NanosecondsPerMeter, High = hollow.Delay.High.NanosecondsPerMeter },
                new("group index of silica", silica.Delay.Value.SecondsPerMeter * LightSpeed, ""),
            ],
            On = [$"fibre {silica.Key}", $"fibre {hollow.Key}"],
            Assumptions = ["holds where the delay rounds to 5 ns/m"],
            Flips = [new("group index of the fibre", flip, "", "below it the delay rounds to 4 ns/m")],
            Weakest = silica.Delay.Grade,
        };
    }

    public static ClaimAnswer HundredKilometers(ClaimContext context, Claim claim)
    {
        var (silica, hollow) = (context.Catalog.Get<Fibre>(SiteStudy.OrdinaryFibre), context.Catalog.Get<Fibre>(MultiSite.FibreComparison.HollowCore));
        double RoundTrip(Fibre fibre, double kilometers) => 2 * SiteStudy.DelayOf(Length.FromKilometers(kilometers), 1, fibre).Microseconds;
        var (there, one) = (RoundTrip(silica, 100), RoundTrip(silica, 100) / 2);
        var holds = Math.Abs((there / SaidRoundTrip) - 1) <= 0.1;
        return new()
        {
            Claim = claim,
            Verdict = holds ? ClaimVerdict.Holds : ClaimVerdict.DoesNotHold,
            Reason = $"Wrong by a factor of {there / SaidRoundTrip:0.00}: {one:0} us is one way, the round trip over 100 km of fibre takes {there:0} us, and {RoundTrip(hollow, 100):0} us in hollow-core fibre.",
            Figures =
            [
                new("round trip", there, "us"),
                new("one way", one, "us"),
                new("round trip in hollow-core fibre", RoundTrip(hollow, 100), "us"),
                new("round trip over what is said", there / SaidRoundTrip, "x"),
            ],
            On = [$"100 km of fibre {silica.Key}", $"100 km of fibre {hollow.Key}"],
            Assumptions = ["fibre of 100 km, no route factor, no equipment at the ends; holds within 10 %"],
            Flips =
            [
                new("length of the fibre", Threshold.Of(1, 1000, d => RoundTrip(silica, d) <= SaidRoundTrip), "km", "up to it the round trip is 500 us or less"),
                new("group index of the fibre", Threshold.Of(0.1, 1.6, n => 2 * 100e3 * n / LightSpeed * 1e6 <= SaidRoundTrip), "", "no light is as fast: below 1 it would be faster than in vacuum"),
            ],
            Weakest = silica.Delay.Grade,
        };
    }

    static double NanosecondsPerMeter(Fibre fibre) => fibre.Delay.Value.NanosecondsPerMeter;
}
