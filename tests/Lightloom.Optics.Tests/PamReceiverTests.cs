using CsCheck;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class PamReceiverTests
{
    static readonly Gen<PamReceiver> Receivers =
        Gen.Select(Gen.Double[10, 120], Gen.Double[0.3, 1], Gen.Double[5, 40], Gen.Double[3, 12], Gen.Double[-160, -130], Gen.Bool,
            (baud, responsivity, noise, extinction, rin, nrz) =>
                Receiver(baud, rin, extinction) with
                {
                    Code = nrz ? LineCode.Nrz : LineCode.Pam4,
                    Responsivity = Responsivity.FromAmperesPerWatt(responsivity),
                    AmplifierNoise = NoiseCurrentDensity.FromPicoamperesPerRootHertz(noise),
                });

    internal static PamReceiver Receiver(double gigabaud, double rin = double.NegativeInfinity, double extinction = 5) => new()
    {
        SymbolRate = SymbolRate.FromGigabaud(gigabaud),
        Responsivity = Responsivity.FromAmperesPerWatt(0.8),
        AmplifierNoise = NoiseCurrentDensity.FromPicoamperesPerRootHertz(18),
        ExtinctionRatio = Decibels.FromDecibels(extinction),
        IntensityNoise = RelativeIntensityNoise.FromDecibelsPerHertz(rin),
    };

    static DecibelMilliwatts Dbm(double value) => DecibelMilliwatts.FromDbm(value);

    // The published figures; "without" was computed with -160 dB/Hz, as -9.55 shows: none at all gives -9.56.
    [Theory]
    [InlineData(53.125, -136, 2.4e-4, -10.2, 1)]
    [InlineData(53.125, double.NegativeInfinity, 2.4e-4, -11.1, 1)]
    [InlineData(106.25, -136, 2.4e-4, -6.3, 1)]
    [InlineData(106.25, -139, 2.4e-4, -8.6, 1)]
    [InlineData(106.25, -160, 2.4e-4, -9.55, 2)]
    [InlineData(106.25, double.NegativeInfinity, 2.4e-4, -9.56, 2)]
    [InlineData(113.4375, -136, 4.85e-3, -9.9, 1)]
    public void Sensitivity_is_the_published_one(double gigabaud, double rin, double ber, double dbm, int digits)
    {
        var found = Receiver(gigabaud, rin).Sensitivity(ber);
        Assert.True(found.Exists);
        Assert.Equal(dbm, found.Level!.Value.Si, digits);
        Assert.Equal(ber, Receiver(gigabaud, rin).BitErrorRatio(found.Level.Value), ber * 1e-9);
    }

    [Theory]
    [InlineData(-136, 3.6)]
    [InlineData(-160, 1.3)]
    public void The_inner_code_buys_the_published_decibels(double rin, double decibels) => Assert.Equal(decibels,
        (Receiver(106.25, rin).Sensitivity(2.4e-4).Level!.Value - Receiver(113.4375, rin).Sensitivity(4.85e-3).Level!.Value).Si, 1);

    [Theory]
    [InlineData(1311, 1.057)]
    [InlineData(1550, 1.250)]
    [InlineData(850, 0.686)]
    public void A_photon_frees_at_most_one_electron(double nanometers, double amperesPerWatt) =>
        Assert.Equal(amperesPerWatt, Responsivity.Of(Length.FromNanometers(nanometers)).AmperesPerWatt, 3);

    [Fact]
    public void A_feedback_resistor_sets_a_floor()
    {
        var resistor = NoiseCurrentDensity.FromResistorOhms(300);
        Assert.Equal(7.43, resistor.PicoamperesPerRootHertz, 2);
        Assert.Equal(18, resistor.With(NoiseCurrentDensity.FromPicoamperesPerRootHertz(16.4)).PicoamperesPerRootHertz, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseCurrentDensity.FromResistorOhms(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseCurrentDensity.FromResistorOhms(1, -1));
    }

    [Fact]
    public void Average_power_lies_by_the_extinction_ratio_above_half_the_amplitude()
    {
        var ratio = Decibels.FromDecibels(5).Ratio;
        Assert.Equal(0.5 * (ratio + 1) / (ratio - 1), Receiver(53.125).AveragePower(Dbm(0)).Power.Milliwatts, 1e-12);
        var mean = Enumerable.Range(0, 4).Average(level => Receiver(53.125).LevelPower(Dbm(0), level).Milliwatts);
        Assert.Equal(mean, Receiver(53.125).AveragePower(Dbm(0)).Power.Milliwatts, 1e-12);
        Assert.Equal(5, 10 * Math.Log10(Receiver(53.125).LevelPower(Dbm(0), 3) / Receiver(53.125).LevelPower(Dbm(0), 0)), 1e-9);
        Assert.Equal(-3.0103, Receiver(53.125, extinction: double.PositiveInfinity).AveragePower(Dbm(0)).Si, 4);
    }

    [Fact]
    public void Thermal_noise_alone_gives_the_textbook_spacing()
    {
        // So little light that shot noise doesn't count, and equal noise on all levels: x = R·OMA/(6 i_n √B_n).
        var receiver = Receiver(53.125) with { AmplifierNoise = NoiseCurrentDensity.FromPicoamperesPerRootHertz(1e6) };
        var expected = 0.8e-3 / (6 * 1e-6 * Math.Sqrt(0.5 * 53.125e9));
        for (var eye = 0; eye < 3; eye++) Assert.Equal(expected, receiver.Spacing(Dbm(0), eye), expected * 1e-6);
        Assert.Equal(LineCode.Pam4.BitErrorRatio(expected), receiver.BitErrorRatio(Dbm(0)), 1e-9);
    }

    [Fact]
    public void Too_much_intensity_noise_leaves_no_sensitivity_and_says_so()
    {
        var none = Receiver(106.25, -133).Sensitivity(2.4e-4);
        Assert.False(none.Exists);
        Assert.Null(Receiver(106.25, -133).Penalty(2.4e-4));
        Assert.True(none.ErrorFloor > 2.4e-4);
        Assert.StartsWith("none: intensity noise keeps the bit error ratio above 0.00", none.ToString(), StringComparison.Ordinal);
        Assert.Equal(none.ErrorFloor, Receiver(106.25, -133).BitErrorRatio(Dbm(50)), none.ErrorFloor * 1e-6);
        Assert.Equal(0, Receiver(106.25).ErrorFloor());
        var blind = (Receiver(106.25) with { Responsivity = Responsivity.Zero }).Sensitivity(2.4e-4);
        Assert.Equal("none up to 1 kW", blind.ToString());
    }

    [Fact]
    public void Eye_closure_costs_its_decibels_under_amplifier_noise_and_more_under_intensity_noise()
    {
        var closed = Decibels.FromDecibels(2);
        // A little shot noise is left in the first.
        Assert.Equal(2, (Receiver(53.125) with { EyeClosure = closed }).Penalty(2.4e-4)!.Value.Si, 0.1);
        Assert.True((Receiver(53.125, -140) with { EyeClosure = closed }).Penalty(2.4e-4)!.Value.Si
            > 2 + Receiver(53.125, -140).Penalty(2.4e-4)!.Value.Si);
    }

    [Fact]
    public void Errors_fall_with_light_and_rise_with_noise() => Gen.Select(Receivers, Gen.Double[-20, 5], Gen.Double[0.01, 5]).Sample((receiver, dbm, more) =>
    {
        var ratio = receiver.BitErrorRatio(Dbm(dbm));
        Assert.InRange(ratio, 0, receiver.Code == LineCode.Nrz ? 0.5 : 0.375);
        Assert.True(receiver.BitErrorRatio(Dbm(dbm + more)) <= ratio);
        Assert.True(ratio >= receiver.ErrorFloor());
        Assert.True((receiver with { IntensityNoise = RelativeIntensityNoise.FromDecibelsPerHertz(receiver.IntensityNoise.DecibelsPerHertz + more) }).BitErrorRatio(Dbm(dbm)) >= ratio);
        Assert.True((receiver with { ExtinctionRatio = receiver.ExtinctionRatio + Decibels.FromDecibels(more) }).BitErrorRatio(Dbm(dbm)) <= ratio);
        Assert.True((receiver with { SymbolRate = receiver.SymbolRate * (1 + more) }).BitErrorRatio(Dbm(dbm)) >= ratio);
        Assert.True((receiver with { EyeClosure = Decibels.FromDecibels(more) }).BitErrorRatio(Dbm(dbm)) >= ratio);
    });

    [Fact]
    public void A_sensitivity_gives_back_its_error_ratio() => Gen.Select(Receivers, Gen.Double[-12, -1]).Sample((receiver, exponent) =>
    {
        var ratio = Math.Pow(10, exponent);
        var found = receiver.Sensitivity(ratio);
        if (found.Level is { } level) Assert.Equal(ratio, receiver.BitErrorRatio(level), ratio * 1e-6);
        else Assert.True(found.ErrorFloor >= ratio * 0.999);
    });

    // The same receiver built a second time from the equations, symbol by symbol.
    [Theory]
    [InlineData(53.125, -136, -12.5)]
    [InlineData(106.25, -136, -10)]
    [InlineData(106.25, -145, -11)]
    public void Thrown_dice_err_as_often(double gigabaud, double rin, double dbm)
    {
        const int Symbols = 2_000_000;
        int[] gray = [0b00, 0b01, 0b11, 0b10];
        var bandwidth = gigabaud * 1e9 / 2;
        var oma = 1e-3 * Math.Pow(10, dbm / 10);
        var ratio = Math.Pow(10, 0.5);
        var mean = new double[4];
        var deviation = new double[4];
        for (var i = 0; i < 4; i++)
        {
            var power = oma / (ratio - 1) + oma * i / 3;
            mean[i] = 0.8 * power;
            deviation[i] = Math.Sqrt(18e-12 * 18e-12 * bandwidth + 2 * 1.602176634e-19 * mean[i] * bandwidth
                + Math.Pow(10, rin / 10) * mean[i] * mean[i] * bandwidth);
        }
        var thresholds = new double[3];
        for (var i = 0; i < 3; i++)
            thresholds[i] = (deviation[i + 1] * mean[i] + deviation[i] * mean[i + 1]) / (deviation[i] + deviation[i + 1]);

        var random = new Random(20260725);
        var wrong = 0;
        for (var n = 0; n < Symbols; n++)
        {
            var sent = random.Next(4);
            var current = mean[sent] + deviation[sent] * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            var seen = 0;
            while (seen < 3 && current > thresholds[seen]) seen++;
            wrong += int.PopCount(gray[sent] ^ gray[seen]);
        }
        var expected = Receiver(gigabaud, rin).BitErrorRatio(Dbm(dbm)) * 2 * Symbols;
        Assert.True(expected > 1000);
        Assert.InRange(wrong, expected - 4 * Math.Sqrt(expected), expected + 4 * Math.Sqrt(expected));
    }

    [Fact]
    public void Nothing_allocates()
    {
        var receiver = Receiver(106.25, -136);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++) _ = receiver.Sensitivity(2.4e-4);
        }));
    }

    [Fact]
    public void Impossible_receivers_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Receiver(53.125, extinction: 0).BitErrorRatio(Dbm(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Receiver(53.125).Sensitivity(0.4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Receiver(53.125).LevelPower(Dbm(0), 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Receiver(53.125).Spacing(Dbm(0), 3));
    }

    [Theory]
    [InlineData("-136 dB/Hz")]
    [InlineData("-139.5 dB/Hz")]
    public void Intensity_noise_reads_as_it_prints(string text) =>
        Assert.Equal(text, RelativeIntensityNoise.Parse(text).ToString());

    [Fact]
    public void Responsivity_and_amplifier_noise_read_as_they_print()
    {
        Assert.Equal("0.8 A/W", Responsivity.Parse("800 mA/W").ToString());
        Assert.Equal("18 pA/rtHz", NoiseCurrentDensity.Parse("18 pA/√Hz").ToString());
        Assert.Equal("-∞ dB/Hz", RelativeIntensityNoise.None.ToString());
        Assert.Equal(0, RelativeIntensityNoise.None.PerHertz);
    }
}
