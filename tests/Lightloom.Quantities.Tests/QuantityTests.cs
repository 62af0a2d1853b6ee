using System.Text.Json;

namespace Lightloom.Quantities.Tests;

/// <summary>Reading and printing as the field writes.</summary>
public class QuantityTests
{
    [Fact]
    public void The_units_of_the_field_are_read()
    {
        Assert.Equal(400, Bandwidth.Parse("400 Gb/s").GigabitsPerSecond);
        Assert.Equal(Bandwidth.FromGigabitsPerSecond(3600), Bandwidth.Parse("450 GB/s"));
        Assert.Equal(-4.4, DecibelMilliwatts.Parse("-4.4 dBm").Si);
        Assert.Equal(18.75e-12, EnergyPerBit.Parse("18.75 pJ/bit").Si);
        Assert.Equal(1.5, Length.Parse("1.5 m").Meters);
        Assert.Equal(14280, Money.Parse("14280 USD").Dollars);
        Assert.Equal(3.1e6, Money.Parse("3.1 MUSD").Dollars);
        Assert.Equal(0.08 / 3.6e6, EnergyPrice.Parse("0.08 USD/kWh").Si);
        Assert.Equal(0.0004, Attenuation.Parse("0.4 dB/km").DecibelsPerMeter);
        Assert.Equal(4.896, PropagationDelay.Parse("4.896 us/km").NanosecondsPerMeter, 12);
        Assert.Equal(1000, FailureRate.Parse("1000 FIT").Fit, 9);
        Assert.Equal(80L << 30, DataSize.Parse("80 GiB").Bytes);
        Assert.Equal(53.125e9, SymbolRate.Parse("53.125 GBd").Si);
        Assert.Equal(989e12, ComputeRate.Parse("989 TFLOP/s").Si);
    }

    [Theory]
    [InlineData("400Gb/s")]
    [InlineData("  400   Gb/s ")]
    [InlineData("4e2 Gb/s")]
    [InlineData("+400 Gbps")]
    [InlineData("400.0 Gbit/s")]
    [InlineData("0.4e3Gb/s")]
    public void Spaces_exponents_and_common_spellings_are_read(string text) =>
        Assert.Equal(Bandwidth.FromGigabitsPerSecond(400), Bandwidth.Parse(text));

    [Fact]
    public void Inches_and_feet_are_exact()
    {
        Assert.Equal(0.0254, Length.Parse("1 in").Meters);
        Assert.Equal(0.3048, Length.Parse("1 ft").Meters);
        Assert.Equal("10 ft", Length.FromMeters(3.048).ToString("G ft"));
        Assert.Equal(1, Attenuation.Parse("1 dB/in").Si * 0.0254, 12);
    }

    [Theory]
    [InlineData("400 GB", "'400 GB' is not a bandwidth: 'GB' is a unit of data size; units that fit are " +
        "b/s, kb/s, Mb/s, Gb/s, Tb/s, Pb/s, B/s, kB/s, MB/s, GB/s, TB/s, PB/s")]
    [InlineData("400 Gbs", "'400 Gbs' is not a bandwidth: 'Gbs' is not a known unit; units that fit are " +
        "b/s, kb/s, Mb/s, Gb/s, Tb/s, Pb/s, B/s, kB/s, MB/s, GB/s, TB/s, PB/s")]
    [InlineData("400",
        "'400' has no unit; a bandwidth is given in b/s, kb/s, Mb/s, Gb/s, Tb/s, Pb/s, B/s, kB/s, MB/s, GB/s, TB/s, PB/s")]
    [InlineData("fast", "'fast' is not a bandwidth: expected a number and a unit, such as '1 Gb/s'")]
    [InlineData("", "'' is not a bandwidth: expected a number and a unit, such as '1 Gb/s'")]
    [InlineData("NaN Gb/s", "'NaN Gb/s' is not a bandwidth: expected a number and a unit, such as '1 Gb/s'")]
    [InlineData("1e400 Gb/s", "'1e400 Gb/s' is too large for a bandwidth")]
    [InlineData("1e308 Gb/s", "'1e308 Gb/s' is too large for a bandwidth")]
    public void A_wrong_text_is_told_which_units_fit(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Bandwidth.Parse(text)).Message);

    [Fact]
    public void Messages_speak_English()
    {
        Assert.StartsWith("'5' has no unit; an energy per bit is given in",
            Assert.Throws<FormatException>(() => EnergyPerBit.Parse("5")).Message, StringComparison.Ordinal);
        Assert.Equal("'5 dB' is not a power level: 'dB' is a unit of gain or loss; units that fit are dBm",
            Assert.Throws<FormatException>(() => DecibelMilliwatts.Parse("5 dB")).Message);
    }

    [Fact]
    public void A_long_wrong_text_is_shortened() =>
        Assert.True(Assert.Throws<FormatException>(() => Power.Parse(new string('9', 10_000) + " W" + new string('x', 10_000)))
            .Message.Length < 250);

    [Fact]
    public void The_unit_that_suits_the_size_is_printed()
    {
        Assert.Equal("400 Gb/s", Bandwidth.FromGigabitsPerSecond(400).ToString());
        Assert.Equal("51.2 Tb/s", Bandwidth.FromGigabitsPerSecond(51200).ToString());
        Assert.Equal("-4.4 dBm", DecibelMilliwatts.FromDbm(-4.4).ToString());
        Assert.Equal("18.75 pJ/bit", EnergyPerBit.FromSi(18.75e-12).ToString());
        Assert.Equal("1.5 m", Length.FromMeters(1.5).ToString());
        Assert.Equal("850 nm", Length.FromNanometers(850).ToString());
        Assert.Equal("14.28 kUSD", Money.FromDollars(14280).ToString());
        Assert.Equal("0 s", Duration.Zero.ToString());
        Assert.Equal("0.25", Ratio.From(0.25).ToString());
        Assert.Equal("1 kW", Power.FromSi(999.9999).ToString());
        Assert.Equal("999.999 W", Power.FromSi(999.999).ToString());
    }

    [Fact]
    public void A_format_fixes_digits_and_unit()
    {
        var rate = Bandwidth.FromGigabitsPerSecond(3600);
        Assert.Equal("450 GB/s", rate.ToString("GB/s"));
        Assert.Equal("3.6 Tb/s", rate.ToString("G2"));
        Assert.Equal("3600 Gb/s", rate.ToString("R Gb/s"));
        Assert.Equal("25 %", Ratio.From(0.25).ToString("%"));
        Assert.Equal("333.3 Gb/s", Bandwidth.FromGigabitsPerSecond(1000.0 / 3).ToString("G4 Gb/s"));
        Assert.Equal("1 Gb/s", Bandwidth.FromGigabitsPerSecond(1).ToString("G99999999999999"));
        Assert.Equal("400 Gb/s", $"{Bandwidth.FromGigabitsPerSecond(400):Gb/s}");
        Assert.Equal("'x' is not a format of a length: expected G, Gn, R or one of nm, um, mm, cm, m, km, in, ft",
            Assert.Throws<FormatException>(() => Length.Zero.ToString("x")).Message);
    }

    [Fact]
    public void What_is_not_finite_prints_but_is_not_read()
    {
        Assert.Equal("∞ s", (Duration.FromSeconds(1) / 0).ToString());
        Assert.Equal("NaN s", Duration.FromSeconds(double.NaN).ToString("R"));
        Assert.False(Quantity.TryParse<Duration>("∞ s", out _, out _));
    }

    [Fact]
    public void JSON_is_text_with_a_unit()
    {
        Assert.Equal("\"400 Gb/s\"", JsonSerializer.Serialize(Bandwidth.FromGigabitsPerSecond(400)));
        Assert.Equal(Power.FromSi(700), JsonSerializer.Deserialize<Power>("\"0.7 kW\""));
        Assert.Equal("expected a power as text with a unit", Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Power>("700")).Message);
        Assert.Contains("'m' is a unit of length", Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Power>("\"7 m\"")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Arithmetic_keeps_kinds_apart_and_joins_those_that_belong_together()
    {
        Assert.Equal(Bandwidth.FromGigabitsPerSecond(800), DataSize.FromGigabytes(100) / Duration.FromSeconds(1));
        Assert.Equal(2448, (Length.FromMeters(500) * PropagationDelay.FromNanosecondsPerMeter(4.896)).Nanoseconds, 9);
        Assert.Equal(0.2, (Length.FromKilometers(0.5) * Attenuation.FromDecibelsPerKilometer(0.4)).Si, 12);
        Assert.Equal(2.4, (DecibelMilliwatts.FromDbm(-2.0) - DecibelMilliwatts.FromDbm(-4.4)).Si, 12);
        Assert.Equal(1, DecibelMilliwatts.FromDbm(0).Power.Milliwatts);
        Assert.Equal(3, new[] { Power.FromSi(1), Power.FromSi(2) }.Sum().Si);
        Assert.Equal(Power.FromSi(1), Power.Min(Power.FromSi(2), Power.FromSi(1)));
        Assert.Equal(Power.FromSi(2), Power.Max(Power.FromSi(2), Power.FromSi(1)));
        Assert.Equal(2, Duration.FromHours(2) / Duration.FromMinutes(60));
        Assert.Equal(1e6, FailureRate.FromFit(1000).MeanTime.Hours, 3);
    }
}
