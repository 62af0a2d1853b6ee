using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;
using static Lightloom.Optics.Tests.Lines.LineCases;

namespace Lightloom.Optics.Tests.Lines;

public class LinePropagationTests
{
    // The worked examples at the heads of the model's files.
    [Fact]
    public void One_span_of_80_km_gives_the_figures_of_the_worked_example()
    {
        var line = new LinePropagation(Uniform(191.35e12, 50e9, 76, 32e9), [Span(), Amplifier(17, 5.5)]);
        line.Propagate(Dbm(0));
        var middle = line[38];
        Assert.Equal(35.4537, middle.Osnr.Si, 4);
        Assert.Equal(30.9723, middle.SnrNonlinear.Si, 4);
        Assert.Equal(28.1569, middle.GsnrInBand.Si, 4);
        Assert.Equal(1336, middle.Dispersion, 1e-9);
        Assert.Equal(0.392, middle.Delay.Milliseconds, 3);
        Assert.Equal(17, Span().Loss(middle.Frequency).Si, 1e-9);
    }

    [Fact]
    public void A_span_of_120_km_interferes_as_in_the_worked_example()
    {
        var line = new LinePropagation(Uniform(191.375e12, 75e9, 64, 59.84e9), [Span(120), Amplifier(25, 5)]);
        line.Propagate(Dbm(0));
        Assert.Equal(34.917, line[32].SnrNonlinear.Si, 3);
    }

    [Fact]
    public void Standard_fibre_has_the_coefficients_of_the_worked_example()
    {
        var f = Frequency.FromTerahertz(193.775);
        Assert.Equal(1.275739e-3, FibreType.StandardSingleMode.KerrCoefficient(f), 1e-9);
        Assert.Equal(-21.300, FibreType.StandardSingleMode.GroupVelocityDispersion(f) * 1e27, 3);
        Assert.Equal(391.7, Span().Delay.Microseconds, 1);
    }

    [Fact]
    public void An_amplifier_adds_the_noise_of_the_worked_example()
    {
        var spectrum = new Spectrum([Channel(193.4e12, 32e9, 50e9)]);
        var line = new LinePropagation(spectrum, [Amplifier(17, 5.5)]);
        line.Propagate(Dbm(-17));
        Assert.Equal(31.37, line[0].OsnrInBand.Si, 2);
        Assert.Equal(35.45, line[0].Osnr.Si, 2);
        Assert.Equal(0, line[0].Power.Si, 2);
        Assert.True(line.IsAmplified);
        Assert.Equal(double.PositiveInfinity, line[0].SnrNonlinear.Si);
    }

    [Fact]
    public void Two_coils_have_the_noise_of_the_worked_example()
    {
        var coils = NoiseFigure.TwoCoils(Db(15), Db(26), Db(6), Db(10));
        Assert.Equal((5.958, 6.823, 5.0), (Math.Round(coils.First.Si, 3), Math.Round(coils.Second.Si, 3), coils.PowerDifference.Si));
        Assert.Equal(6.360, coils.At(Db(21), Db(26), Dbm(0)).Si, 3);
    }

    [Fact]
    public void A_decibel_of_padding_costs_a_decibel()
    {
        AmplifierModel model = new() { Noise = NoiseFigure.TwoCoils(Db(15), Db(26), Db(6), Db(10)), GainMinimum = Db(15), GainFlatMaximum = Db(26) };
        double Osnr(double gain)
        {
            var line = new LinePropagation(new([Channel(193.4e12, 32e9, 50e9)]), [new LineAmplifier { Model = model, Gain = Db(gain) }]);
            line.Propagate(Dbm(-10));
            return line[0].Osnr.Si;
        }
        Assert.Equal(3, Osnr(15) - Osnr(12), 6);
    }

    [Fact]
    public void A_roadm_sets_powers_and_what_it_adds_is_summed_at_the_end()
    {
        var spectrum = new Spectrum(
        [
            Channel(193.0e12, 32e9, 50e9) with { TransmitOsnr = Db(40), EqualisationOffset = Db(1) },
            Channel(193.1e12, 64e9, 75e9) with { TransmitOsnr = Db(40) },
        ]);
        Roadm Node(double? osnr) => new()
        {
            Target = EqualisationTarget.PerChannel(Dbm(-20)),
            AddOrDropOsnr = osnr is { } value ? Db(value) : null,
            PolarizationModeDispersion = Duration.FromSeconds(3e-12),
            PolarizationDependentLoss = Db(0.5),
        };
        var line = new LinePropagation(spectrum, [Node(38 + 10 * Math.Log10(2)), Node(null), Node(38 + 10 * Math.Log10(2))]);
        Assert.Equal(-19, line[0].Power.Si, 1e-9);
        Assert.Equal(-20, line[1].Power.Si, 1e-9);
        var expected = -10 * Math.Log10(Math.Pow(10, -4) + Math.Pow(10, -3.8));
        Assert.Equal(35.88, expected, 2);
        Assert.Equal(expected, line[0].Osnr.Si, 1e-9);
        Assert.Equal(expected, line[1].Osnr.Si, 1e-9);
        Assert.Equal(expected - 10 * Math.Log10(64 / 12.5), line[1].GsnrInBand.Si, 1e-9);
        Assert.Equal(3 * Math.Sqrt(3), line[0].PolarizationModeDispersion.Seconds * 1e12, 1e-9);
        Assert.Equal(0.5 * Math.Sqrt(3), line[0].PolarizationDependentLoss.Si, 1e-9);
    }

    [Fact]
    public void A_roadm_only_attenuates()
    {
        var spectrum = new Spectrum([Channel(193.0e12, 32e9, 50e9), Channel(193.1e12, 64e9, 75e9)]);
        double[] Powers(EqualisationTarget target, double least, double launch)
        {
            var line = new LinePropagation(spectrum, [new Roadm { Target = target, LeastLoss = Db(least) }]);
            line.Propagate(Dbm(launch));
            return [line[0].Power.Si, line[1].Power.Si];
        }
        Assert.Equal(-28, Powers(EqualisationTarget.PerChannel(Dbm(-20)), 6, -22)[0], 1e-9);
        // 3.125e-4 mW/GHz: 32 GBd get -20 dBm, 64 GBd 3.01 dB more; over slots 50 and 75 GHz differ by 1.76 dB.
        var perBaud = Powers(EqualisationTarget.PerGigabaud(Power.FromMilliwatts(3.125e-4)), 0, 0);
        Assert.Equal(-20, perBaud[0], 1e-9);
        Assert.Equal(-16.9897, perBaud[1], 4);
        var perSlot = Powers(EqualisationTarget.PerGigahertzOfSlot(Power.FromMilliwatts(2e-4)), 0, 0);
        Assert.Equal(-20, perSlot[0], 1e-9);
        Assert.Equal(-18.2391, perSlot[1], 4);
    }

    [Fact]
    public void The_trace_ends_where_the_line_ends()
    {
        var line = new LinePropagation(Wide, [new Attenuator { Name = "multiplexer", Loss = Db(5) }, Amplifier(6, 6), .. Spans(2)]);
        var stages = line.Trace(Dbm(0), 32);
        Assert.Equal(["multiplexer", "amplifier", "span", "amplifier", "span", "amplifier"], stages.Select(s => s.Element));
        Assert.Equal(-5, stages[0].Power.Si, 1e-9);
        Assert.Equal(double.PositiveInfinity, stages[0].Gsnr.Si);
        Assert.Equal(line[32].Gsnr.Si, stages[^1].Gsnr.Si, 1e-12);
        Assert.Equal(line[32].SnrNonlinear.Si, stages[^1].SnrNonlinear.Si, 1e-12);
        Assert.Equal(line[32].Power.Si, stages[^1].Power.Si, 1e-12);
        Assert.All(stages.Zip(stages.Skip(1)), p => Assert.True(p.Second.Gsnr.Si <= p.First.Gsnr.Si));
    }

    static readonly double[] Rates = [32e9, 43.2e9, 64e9, 96e9];

    static readonly Gen<(Spectrum Spectrum, List<LineElement> Elements, double Launch)> Lines =
        from count in Gen.Int[1, 40]
        from rates in Gen.Int[0, 3].Select(k => Rates[k]).Array[count]
        from gaps in Gen.Double[1.02, 2].Array[count]
        from spans in Gen.Int[1, 6]
        from lengths in Gen.Double[5, 150].Array[spans]
        from losses in Gen.Double[0.15, 0.4].Array[spans]
        from dispersions in Gen.Double[2, 22].Array[spans]
        from areas in Gen.Double[50, 150].Array[spans]
        from figures in Gen.Double[3.5, 8].Array[spans]
        from launch in Gen.Double[-8, 4]
        select (Build(rates, gaps), Elements(lengths, losses, dispersions, areas, figures), launch);

    static Spectrum Build(double[] rates, double[] gaps)
    {
        var (at, channels) = (191.5e12, new List<LineChannel>());
        for (var i = 0; i < rates.Length; i++)
        {
            var slot = rates[i] * gaps[i];
            channels.Add(Channel(at + slot / 2, rates[i], slot));
            at += slot;
        }
        return new(channels);
    }

    static List<LineElement> Elements(double[] lengths, double[] losses, double[] dispersions, double[] areas, double[] figures)
    {
        var elements = new List<LineElement> { new Attenuator { Loss = Db(1.5) }, Amplifier(1.5, 5) };
        for (var k = 0; k < lengths.Length; k++)
        {
            elements.Add(Span(lengths[k], 0.4) with
            {
                Attenuation = Attenuation.FromDecibelsPerKilometer(losses[k]),
                AttenuatorIn = Db(0.3),
                Type = new() { Dispersion = dispersions[k], EffectiveArea = areas[k] },
            });
            elements.Add(Amplifier(lengths[k] * losses[k] + 1.1, figures[k]));
        }
        return elements;
    }

    [Fact]
    public void The_fast_path_agrees_with_the_plain_one() => Lines.Sample(c =>
    {
        var line = new LinePropagation(c.Spectrum, c.Elements);
        line.Propagate(Dbm(c.Launch));
        var plain = NaiveLine.Run(c.Spectrum, c.Elements, c.Launch);
        for (var i = 0; i < plain.Length; i++)
        {
            var fast = line[i];
            Assert.Equal(plain[i].SnrAse, fast.OsnrInBand.Si, 1e-8);
            Assert.Equal(plain[i].SnrNli, fast.SnrNonlinear.Si, 1e-8);
            Assert.Equal(plain[i].Gsnr, fast.GsnrInBand.Si, 1e-8);
            Assert.Equal(plain[i].Power, fast.Power.Si, 1e-8);
            Assert.Equal(fast.Gsnr.Si, line.GsnrDecibels[i], 1e-9);
        }
    }, iter: 200);

    [Fact]
    public void The_noise_of_two_kinds_adds_up() => Lines.Sample(c =>
    {
        var line = new LinePropagation(c.Spectrum, c.Elements);
        for (var i = 0; i < c.Spectrum.Count; i++)
        {
            var got = line[i];
            Assert.Equal(1 / got.GsnrInBand.Ratio, 1 / got.OsnrInBand.Ratio + 1 / got.SnrNonlinear.Ratio, 1e-12 * Math.Max(1, 1 / got.GsnrInBand.Ratio));
        }
    }, iter: 50);

    [Fact]
    public void Every_span_more_costs_quality()
    {
        var before = double.PositiveInfinity;
        for (var spans = 1; spans <= 20; spans++)
        {
            var line = new LinePropagation(Wide, Spans(spans));
            line.Propagate(Dbm(0));
            Assert.True(line[32].Gsnr.Si < before);
            before = line[32].Gsnr.Si;
            Assert.Equal(spans * 1336, line[32].Dispersion, 6);
        }
    }

    [Fact]
    public void Interference_grows_with_the_cube_of_power()
    {
        var line = new LinePropagation(Wide, [Span()]);
        line.Propagate(Dbm(-10));
        var low = line[20].SnrNonlinear.Si;
        line.Propagate(Dbm(-9));
        // Three decibels more of it, one more of signal; what it takes from the signal is the rest.
        Assert.Equal(2, low - line[20].SnrNonlinear.Si, 4);
    }

    [Fact]
    public void Spans_that_launch_alike_can_change_places()
    {
        var spans = new[] { Span(60), Span(100) with { Type = new() { Dispersion = 8 } }, Span(80) };
        double[] Run(params int[] order)
        {
            var line = new LinePropagation(Wide, [.. order.SelectMany(k =>
                new LineElement[] { spans[k], Amplifier(spans[k].Loss(Wide[0].Frequency).Si, 5) })]);
            line.Propagate(Dbm(-1));
            return line.GsnrDecibels.ToArray();
        }
        var first = Run(0, 1, 2);
        // Noise that is launched anew depends on what came before, in parts per ten thousand.
        Assert.All(Run(2, 0, 1).Zip(first), p => Assert.Equal(p.Second, p.First, 0.01));
    }

    [Fact]
    public void The_middle_of_a_spectrum_suffers_most()
    {
        var line = new LinePropagation(Wide, Spans(5));
        line.Propagate(Dbm(1));
        Assert.True(line[32].SnrNonlinear < line[0].SnrNonlinear && line[32].SnrNonlinear < line[63].SnrNonlinear);
    }

    [Fact]
    public void Running_again_allocates_nothing_and_gives_the_same_bits()
    {
        var line = new LinePropagation(Wide, [new Attenuator { Loss = Db(1) }, .. Spans(5),
            new Roadm { Target = EqualisationTarget.PerChannel(Dbm(-20)) },
            new LineAmplifier
            {
                Gain = Db(20),
                Model = new() { Noise = NoiseFigure.OpenRoadm([-8.104e-4, -6.221e-2, -5.889e-1, 37.62]), OutputMaximum = Dbm(15) },
            }]);
        var watts = Enumerable.Repeat(1e-3, 64).ToArray();
        var sum = 0.0;
        for (var k = 0; k < 50; k++) line.Propagate(watts);
        var first = line.GsnrDecibels.ToArray();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var k = 0; k < 50; k++)
            {
                line.Propagate(Dbm(k % 5));
                line.Propagate(watts);
                for (var i = 0; i < 64; i++) sum += line[i].Gsnr.Si;
            }
        }));
        Assert.Equal(first, line.GsnrDecibels.ToArray());
        Assert.True(double.IsFinite(sum));
    }

    [Fact]
    public void Interference_beyond_all_power_leaves_numbers()
    {
        var line = new LinePropagation(Wide, Spans(5));
        line.Propagate(Dbm(60));
        Assert.All(line.GsnrDecibels.ToArray(), g => Assert.InRange(g, -2000, -50));
    }

    [Fact]
    public void Interference_hardly_sees_what_lies_far_away()
    {
        var efficiencies = new NonlinearInterference(Wide, Span());
        Assert.True(efficiencies.Efficiency(32, 33) > 10 * efficiencies.Efficiency(32, 63));
        Assert.Throws<ArgumentOutOfRangeException>(() => efficiencies.Efficiency(64, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => efficiencies.Efficiency(0, -1));
    }

    public static TheoryData<string, LineElement> Impossible => new()
    {
        { "longer than 0", Span(0) },
        { "longer than 0", Span() with { Length = Length.FromKilometers(1e5) } },
        { "must be finite", Span(-80) },
        { "must be finite", Span(double.NaN) },
        { "input connector", Span() with { ConnectorIn = Db(-1) } },
        { "output connector", Span() with { ConnectorOut = Db(double.NaN) } },
        { "loses more than 0", Span() with { Attenuation = Attenuation.Zero } },
        { "loses more than 0", Span() with { Attenuation = Attenuation.FromDecibelsPerKilometer(double.NaN) } },
        { "four-wave mixing", Span() with { Type = new() { Dispersion = 0 } } },
        { "four-wave mixing", Span() with { Type = new() { Dispersion = double.NaN } } },
        { "effective area", Span() with { Type = new() { EffectiveArea = 0 } } },
        { "inside the span", Span() with { LumpedLosses = [new(Length.FromKilometers(90), Db(1))] } },
        { "lumped loss", Span() with { LumpedLosses = [new(Length.FromKilometers(9), Db(-1))] } },
        { "loss is given from", Span() with { AttenuationByFrequency = new([(Frequency.FromTerahertz(193), 0.2), (Frequency.FromTerahertz(194), 0.2)]) } },
        { "dispersion is given from", Span() with { Type = new() { DispersionByFrequency = new([(Frequency.FromTerahertz(193), 16)]) } } },
        { "changes its sign", Span() with { Type = new() { DispersionByFrequency = new([(Frequency.FromTerahertz(191), 9), (Frequency.FromTerahertz(191.4), 8), (Frequency.FromTerahertz(191.44), -8), (Frequency.FromTerahertz(197), -9)]) } } },
        { "gain from", Amplifier(double.NaN, 5) },
        { "gain from", Amplifier(200, 5) },
        { "amplifier's band", Amplifier(10, 5) with { Model = AmplifierModel.WithNoiseFigure(Db(5)) with { BandLow = Frequency.FromTerahertz(192) } } },
        { "amplifier's band", Amplifier(10, 5) with { Model = AmplifierModel.WithNoiseFigure(Db(5)) with { BandHigh = Frequency.FromTerahertz(195) } } },
        { "a loss", new Attenuator { Loss = Db(-3) } },
        { "target", new Roadm { Target = default } },
        { "missing", null! },
    };

    [Theory]
    [MemberData(nameof(Impossible), DisableDiscoveryEnumeration = true)]
    public void An_impossible_element_is_refused_by_name(string problem, LineElement element)
    {
        var e = Assert.Throws<InputException>(() => new LinePropagation(Wide, [element]));
        Assert.Contains(problem, e.Message);
        if (element is { Name.Length: > 0 }) Assert.Contains($"'{element.Name}'", e.Message);
    }

    [Fact]
    public void A_launch_power_that_is_no_power_is_refused()
    {
        var line = new LinePropagation(Wide, Spans(1));
        Assert.Throws<InputException>(() => line.Propagate(Dbm(double.NaN)));
        Assert.Throws<InputException>(() => line.Propagate(Dbm(double.PositiveInfinity)));
        Assert.Throws<InputException>(() => line.Propagate(new double[3]));
        Assert.Throws<InputException>(() => line.Propagate(new double[64]));
        Assert.Throws<ArgumentOutOfRangeException>(() => line.Trace(Dbm(0), 64));
    }

    [Fact]
    public void More_kinds_of_spans_than_fit_into_memory_are_refused() =>
        Assert.Contains("kept in memory", Assert.Throws<InputException>(() =>
            new LinePropagation(Uniform(190e12, 10e9, 2048, 10e9), [.. Enumerable.Range(1, 17).Select(k => Span(k))])).Message);

    [Theory]
    [InlineData(1, 0.0)]
    [InlineData(5, 1e-6)]
    public void Amplifiers_alike_share_what_was_worked_out(int spans, double tolerance)
    {
        var alike = new LinePropagation(Wide, Spans(spans));
        var apart = new LinePropagation(Wide, [.. Spans(spans).Select((e, k) => e is FibreSpan s
            ? s with { Type = s.Type with { NonlinearIndex = 2.6e-20 * (1 + k * 1e-12) } }
            : e)]);
        Assert.Equal(alike.GsnrDecibels[10], apart.GsnrDecibels[10], tolerance);
    }
}
