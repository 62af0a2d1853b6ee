using Lightloom.Optics.Lines;
using Lightloom.Quantities;
using static Lightloom.Optics.Tests.Lines.LineCases;

namespace Lightloom.Optics.Tests.Lines;

/// <summary>The values of GNPy 2.14.1; tables in data/validation/optics, more of them here, run on elements written for this test.</summary>
public class GnpyValidationTests
{
    // What the tables print: four decimals.
    const double Printed = 0.00006;

    [Fact]
    public void Lines_of_equal_spans_agree_in_every_column()
    {
        var rows = 0;
        foreach (var row in Table("gnpy_point_to_point.csv"))
        {
            var spectrum = Uniform(row.Number("f0"), row.Number("spacing"), (int)row.Number("nch"), row.Number("baud"));
            var line = new LinePropagation(spectrum, Spans((int)row.Number("nsp"), row.Number("L"), row.Number("nf"), row.Number("con")));
            line.Propagate(Dbm(row.Number("pdbm")));
            var middle = line[spectrum.Count / 2];
            Assert.Equal(row.Number("osnr01"), middle.Osnr.Si, Printed);
            Assert.Equal(row.Number("snr_ase"), middle.OsnrInBand.Si, Printed);
            Assert.Equal(row.Number("snr_nli"), middle.SnrNonlinear.Si, Printed);
            Assert.Equal(row.Number("gsnr"), middle.GsnrInBand.Si, Printed);
            Assert.Equal(row.Number("gsnr01"), middle.Gsnr.Si, Printed);
            var all = Enumerable.Range(0, spectrum.Count).Select(i => line[i].GsnrInBand.Si).ToList();
            Assert.Equal(row.Number("gmin"), all.Min(), Printed);
            Assert.Equal(row.Number("gmax"), all.Max(), Printed);
            Assert.Equal(row.Number("cd"), middle.Dispersion, 1e-6);
            Assert.Equal(row.Number("lat_ms"), middle.Delay.Milliseconds, Printed);
            Assert.Equal(row.Number("gamma_mid"), FibreType.StandardSingleMode.KerrCoefficient(middle.Frequency), 1e-15);
            rows++;
        }
        Assert.Equal(3, rows);
    }

    [Fact]
    public void A_sweep_of_launch_powers_agrees()
    {
        var line = new LinePropagation(Wide, Spans(5));
        var best = (Power: double.NaN, Gsnr: double.NegativeInfinity);
        foreach (var row in Table("gnpy_launch_sweep.csv"))
        {
            line.Propagate(Dbm(row.Number("p_ch_dbm")));
            var middle = line[32];
            Assert.Equal(row.Number("snr_ase_db"), middle.OsnrInBand.Si, Printed);
            Assert.Equal(row.Number("snr_nli_db"), middle.SnrNonlinear.Si, Printed);
            Assert.Equal(row.Number("gsnr_db"), middle.GsnrInBand.Si, Printed);
            if (middle.GsnrInBand.Si > best.Gsnr) best = (row.Number("p_ch_dbm"), middle.GsnrInBand.Si);
        }
        Assert.Equal(1, best.Power);
    }

    [Fact]
    public void The_noise_figures_of_variable_gain_amplifiers_agree()
    {
        var rows = 0;
        foreach (var row in Table("gnpy_edfa_nf.csv"))
        {
            var coils = NoiseFigure.TwoCoils(
                Db(row.Number("gain_min")), Db(row.Number("gain_flatmax")), Db(row.Number("nf_min")), Db(row.Number("nf_max")));
            Assert.Equal(row.Number("nf1"), coils.First.Si, Printed);
            Assert.Equal(row.Number("nf2"), coils.Second.Si, Printed);
            Assert.Equal(row.Number("delta_p"), coils.PowerDifference.Si, Printed);
            Assert.Equal(row.Number("nf_db_no_pad"), coils.At(Db(row.Number("gain_db")), Db(row.Number("gain_flatmax")), Dbm(0)).Si, Printed);
            rows++;
        }
        Assert.Equal(14, rows);
    }

    // 20 channels of 32, 12 of 64 and 6 of 118.2 GBd with 1, 1.5 and 2.5 mW over three unlike spans, the last with loss over
    // frequency, two lumped losses and an attenuator.
    [Theory]
    [InlineData(0, 28.089443, 24.007043, 26.231433, 21.968056, -1.882807)]
    [InlineData(19, 28.590976, 24.508576, 24.955081, 21.715793, -1.124688)]
    [InlineData(20, 30.403485, 23.310785, 25.010768, 21.067823, 0.721077)]
    [InlineData(31, 30.542109, 23.449409, 25.573737, 21.372660, 0.955452)]
    [InlineData(32, 32.718738, 22.961663, 25.787491, 21.138385, 3.117924)]
    [InlineData(37, 32.537198, 22.780123, 26.726295, 21.309323, 2.868864)]
    public void Mixed_symbol_rates_over_unlike_spans_agree(int channel, double osnr, double osnrInBand, double nonlinear, double gsnr, double power)
    {
        var spectrum = new Spectrum(
        [
            .. Enumerable.Range(0, 20).Select(i => Channel(192.0e12 + i * 50e9, 32e9, 50e9)),
            .. Enumerable.Range(0, 12).Select(i => Channel(193.05e12 + i * 75e9, 64e9, 75e9, 1.5)),
            .. Enumerable.Range(0, 6).Select(i => Channel(194.05e12 + i * 150e9, 118.2e9, 150e9, 2.5)),
        ]);
        var line = new LinePropagation(spectrum,
        [
            Span(), Amplifier(17, 5.5),
            new FibreSpan
            {
                Length = Length.FromKilometers(60),
                Attenuation = Attenuation.FromDecibelsPerKilometer(0.22),
                ConnectorIn = Db(0.3),
                ConnectorOut = Db(0.7),
                Type = new() { Dispersion = 5, EffectiveArea = 72 },
            },
            Amplifier(14.2, 6),
            Span(100) with
            {
                AttenuatorIn = Db(0.4),
                AttenuationByFrequency = new(
                [
                    (Frequency.FromTerahertz(191), 0.22), (Frequency.FromTerahertz(193.5), 0.2), (Frequency.FromTerahertz(196.5), 0.21),
                ]),
                LumpedLosses = [new(Length.FromKilometers(20), Db(0.5)), new(Length.FromKilometers(55), Db(0.3))],
            },
            Amplifier(21.5, 5),
        ]);
        var got = line[channel];
        Assert.Equal(osnr, got.Osnr.Si, 2e-6);
        Assert.Equal(osnrInBand, got.OsnrInBand.Si, 2e-6);
        Assert.Equal(nonlinear, got.SnrNonlinear.Si, 2e-6);
        Assert.Equal(gsnr, got.GsnrInBand.Si, 2e-6);
        Assert.Equal(power, got.Power.Si, 2e-6);
        Assert.Equal(3306, got.Dispersion, 1e-6);
        // GNPy's 1.265e-15 s/√m is 0.0400028 ps/√km.
        Assert.Equal(0.619721, got.PolarizationModeDispersion.Seconds * 1e12, 5e-5);
        Assert.Equal(1.175213, got.Delay.Milliseconds, 1e-6);
    }

    // A slope of 0.06 ps/(nm²·km): noise agrees. GNPy's accumulated dispersion does not follow from its own slope: it adds β₃
    // to a β₂ that already holds it, which counts the slope twice (1561, 1306 and 1070 ps/nm).
    [Theory]
    [InlineData(0, 35.497872, 32.986266, 29.119936, 1416.27)]
    [InlineData(47, 35.443346, 30.697458, 28.006244, 1325.03)]
    [InlineData(95, 35.390764, 31.905189, 28.586232, 1234.11)]
    public void A_dispersion_slope_agrees_in_noise(int channel, double osnr, double nonlinear, double gsnr, double dispersion)
    {
        var line = new LinePropagation(Uniform(191.35e12, 50e9, 96, 32e9),
            [Span() with { Type = FibreType.StandardSingleMode with { DispersionSlope = 0.06 } }, Amplifier(17, 5.5)]);
        line.Propagate(Dbm(0));
        var got = line[channel];
        Assert.Equal(osnr, got.Osnr.Si, 2e-6);
        Assert.Equal(nonlinear, got.SnrNonlinear.Si, 2e-6);
        Assert.Equal(gsnr, got.GsnrInBand.Si, 2e-6);
        var expected = 80 * (16.7 + 0.06 * (299_792_458 / got.Frequency.Hertz * 1e9 - 1550));
        Assert.Equal(expected, got.Dispersion, 1e-6);
        Assert.Equal(dispersion, got.Dispersion, 0.05);
    }

    // Booster, polynomial and preamplifier of OpenROADM, a saturated and padded variable-gain amplifier, attenuators.
    [Theory]
    [InlineData(0, 27.163960, 24.615864, 20.771005, -1.814401)]
    [InlineData(48, 27.102701, 22.589090, 19.789046, -1.814135)]
    [InlineData(95, 27.055904, 24.083012, 20.482623, -1.813875)]
    public void Every_kind_of_amplifier_agrees(int channel, double osnr, double nonlinear, double gsnr, double power)
    {
        AmplifierModel Model(NoiseFigure noise, double output, double flat = 27, double least = 0) =>
            new() { Noise = noise, OutputMaximum = Dbm(output), GainFlatMaximum = Db(flat), GainMinimum = Db(least) };
        var line = new LinePropagation(Uniform(191.35e12, 50e9, 96, 32e9),
        [
            new LineAmplifier { Model = Model(NoiseFigure.None, 22, 32), Gain = Db(2) },
            Span(),
            new LineAmplifier { Model = Model(NoiseFigure.OpenRoadm([-8.104e-4, -6.221e-2, -5.889e-1, 37.62]), 22), Gain = Db(17) },
            Span(),
            new LineAmplifier { Model = Model(NoiseFigure.OpenRoadmPreamplifier, 22), Gain = Db(19), AttenuatorOut = Db(1) },
            Span(50),
            new LineAmplifier
            {
                Model = Model(NoiseFigure.TwoCoils(Db(15), Db(26), Db(6), Db(10)), 18, 26, 15),
                Gain = Db(11),
                AttenuatorIn = Db(0.5),
            },
        ]);
        line.Propagate(Dbm(0));
        var got = line[channel];
        Assert.Equal(osnr, got.Osnr.Si, 2e-6);
        Assert.Equal(nonlinear, got.SnrNonlinear.Si, 2e-6);
        Assert.Equal(gsnr, got.GsnrInBand.Si, 2e-6);
        Assert.Equal(power, got.Power.Si, 2e-6);
    }

    [Theory]
    [InlineData(0, 40.144767, 15.342708, 15.269730)]
    [InlineData(31, 40.049707, 13.523522, 13.474321)]
    public void Powers_far_above_the_best_agree(int channel, double osnr, double nonlinear, double gsnr)
    {
        var line = new LinePropagation(Wide, Spans(3, connector: 0));
        line.Propagate(Dbm(8));
        Assert.Equal(osnr, line[channel].Osnr.Si, 2e-6);
        Assert.Equal(nonlinear, line[channel].SnrNonlinear.Si, 2e-6);
        Assert.Equal(gsnr, line[channel].GsnrInBand.Si, 2e-6);
    }

    // GNPy's example of one span, as it is after its design step has set the gain to 15 dB: 33.29, 29.21, 31.17 and 27.09 dB,
    // 1336 ps/nm and 0.85 ps.
    [Fact]
    public void The_example_of_one_span_agrees()
    {
        var spectrum = new Spectrum(Enumerable.Range(1, 76).Select(i => Channel(191.3e12 + i * 50e9, 32e9, 50e9) with { TransmitOsnr = Db(40) }));
        var coils = NoiseFigure.TwoCoils(Db(8), Db(16), Db(6.5), Db(11));
        Assert.Equal(6.62, coils.At(Db(15), Db(16), Dbm(0)).Si, 0.005);
        var line = new LinePropagation(spectrum,
        [
            Span() with { Type = FibreType.StandardSingleMode with { PolarizationModeDispersion = 3e-15 * Math.Sqrt(1000) * 1e12 } },
            new LineAmplifier { Model = new() { Noise = coils, GainMinimum = Db(8), GainFlatMaximum = Db(16), OutputMaximum = Dbm(23) }, Gain = Db(15) },
        ]);
        var mean = (Func<ChannelQuality, double> of) => Enumerable.Range(0, 76).Average(i => of(line[i]));
        Assert.Equal(33.29, mean(c => c.Osnr.Si), 0.005);
        Assert.Equal(29.21, mean(c => c.OsnrInBand.Si), 0.005);
        Assert.Equal(31.17, mean(c => c.Gsnr.Si), 0.005);
        Assert.Equal(27.09, mean(c => c.GsnrInBand.Si), 0.005);
        Assert.Equal(1336, line[0].Dispersion, 1e-6);
        Assert.Equal(0.85, line[0].PolarizationModeDispersion.Seconds * 1e12, 0.005);
    }
}
