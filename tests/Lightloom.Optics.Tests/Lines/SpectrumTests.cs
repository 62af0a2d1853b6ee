using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;
using static Lightloom.Optics.Tests.Lines.LineCases;

namespace Lightloom.Optics.Tests.Lines;

public class SpectrumTests
{
    [Fact]
    public void Channels_stand_by_frequency_whatever_order_they_come_in()
    {
        var spectrum = new Spectrum([Channel(194e12, 32e9, 50e9), Channel(193e12, 32e9, 50e9)]);
        Assert.Equal(193, spectrum[0].Frequency.Terahertz);
        Assert.Equal(2, spectrum.Count);
    }

    [Fact]
    public void A_band_of_4_8_terahertz_holds_64_slots_of_75_gigahertz()
    {
        var spectrum = Spectrum.Filling(Frequency.FromTerahertz(191.3), Frequency.FromTerahertz(196.1), Frequency.FromGigahertz(75), SymbolRate.FromGigabaud(60));
        Assert.Equal(64, spectrum.Count);
        Assert.Equal(191.3375, spectrum[0].Frequency.Terahertz, 9);
        Assert.Throws<InputException>(() => Spectrum.Filling(Frequency.FromTerahertz(196), Frequency.FromTerahertz(191), Frequency.FromGigahertz(75), SymbolRate.FromGigabaud(60)));
    }

    public static TheoryData<string, LineChannel[]> Impossible => new()
    {
        { "at least one", [] },
        { "at most 2048", [.. Enumerable.Range(0, 2049).Select(i => Channel(190e12 + i * 10e9, 5e9, 10e9))] },
        { "overlap", [Channel(193e12, 32e9, 50e9), Channel(193.04e12, 32e9, 50e9)] },
        { "overlap", [Channel(193e12, 32e9, 50e9), Channel(193e12, 32e9, 50e9)] },
        { "at least as wide", [Channel(193e12, 64e9, 50e9)] },
        { "frequency", [Channel(double.NaN, 32e9, 50e9)] },
        { "frequency", [Channel(-193e12, 32e9, 50e9)] },
        { "symbol rate", [Channel(193e12, 0, 50e9)] },
        { "symbol rate", [Channel(193e12, double.PositiveInfinity, 50e9)] },
        { "launched", [Channel(193e12, 32e9, 50e9) with { LaunchPower = Dbm(double.NaN) }] },
        { "OSNR", [Channel(193e12, 32e9, 50e9) with { TransmitOsnr = Db(double.NaN) }] },
    };

    [Theory]
    [MemberData(nameof(Impossible), DisableDiscoveryEnumeration = true)]
    public void An_impossible_spectrum_is_refused(string problem, LineChannel[] channels) =>
        Assert.Contains(problem, Assert.Throws<InputException>(() => new Spectrum(channels)).Message);

    [Fact]
    public void A_table_is_linear_between_its_points_and_silent_beyond_them()
    {
        var table = new FrequencyTable([(Frequency.FromTerahertz(194), 3), (Frequency.FromTerahertz(192), 1)]);
        Assert.Equal(1.5, table.At(Frequency.FromTerahertz(192.5)), 12);
        Assert.Equal(3, table.At(Frequency.FromTerahertz(194)));
        Assert.Throws<InputException>(() => table.At(Frequency.FromTerahertz(194.1)));
        Assert.Throws<InputException>(() => new FrequencyTable([]));
        Assert.Throws<InputException>(() => new FrequencyTable([(Frequency.FromTerahertz(194), double.NaN)]));
        Assert.Throws<InputException>(() => new FrequencyTable([(Frequency.FromTerahertz(194), 1), (Frequency.FromTerahertz(194), 2)]));
        Assert.Equal(table, new([(Frequency.FromTerahertz(192), 1), (Frequency.FromTerahertz(194), 3)]));
    }
}
