using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog.Tests;

/// <summary>Parts of lines between sites, optical circuit switches and what was observed of failures.</summary>
public class LinePartsTests
{
    static readonly PartCatalog Catalog = PartCatalog.Default;
    static readonly string[] Kinds = ["amplifier", "coherent-transceiver", "failure-observation", "ocs"];

    static IEnumerable<(string Path, ISourced Figure)> Shipped() =>
        Figures.Shipped().Where(f => Kinds.Contains(f.Path[..f.Path.IndexOf(' ')]));

    [Fact]
    public void Every_row_of_the_collected_tables_is_there()
    {
        Assert.Equal(10, Catalog.Keys<CoherentTransceiver>().Count);
        Assert.Equal(8, Catalog.Keys<OpticalCircuitSwitch>().Count);
        Assert.Equal(28, Catalog.Keys<FailureObservation>().Count);
        Assert.Equal(8, Catalog.Keys<Amplifier>().Count);
    }

    [Fact]
    public void Every_figure_has_a_year_and_a_source_and_an_assumption_cites_nobody()
    {
        Assert.NotEmpty(Shipped());
        Assert.All(Shipped(), f =>
        {
            Assert.InRange(f.Figure.Year ?? 0, 1990, 2030);
            Assert.NotNull(Catalog.Get<Source>(f.Figure.Source));
            Assert.Equal(f.Figure.Source == "lightloom", f.Figure.Grade == Grade.Assumption);
        });
    }

    [Theory]
    [InlineData("coherent-transceiver", "400zr", "SymbolRate", "Spacing", "Latency", "Price")]
    [InlineData("coherent-transceiver", "openzr-plus-400", "LineRate", "RequiredOsnr", "TransmitMaximum", "Power")]
    [InlineData("coherent-transceiver", "400zr-plus-0dbm", "RequiredOsnr", "DispersionTolerance")]
    [InlineData("coherent-transceiver", "800zr", "LineRate", "TransmitMinimum", "RequiredOsnr", "ReceiveMinimum", "Power", "Price", "Latency")]
    [InlineData("coherent-transceiver", "1600zr", "SymbolRate", "Reach")]
    [InlineData("ocs", "palomar", "Loss", "ReturnLoss", "Power", "Price")]
    [InlineData("ocs", "lumentum-r300", "Loss", "SwitchingTime", "Power")]
    [InlineData("ocs", "polatis-7000", "Ports", "Loss")]
    [InlineData("ocs", "telescent-ntm", "Ports", "SwitchingTime")]
    [InlineData("ocs", "silicon-photonic", "Loss")]
    [InlineData("failure-observation", "hpn-flaps", "Figure")]
    [InlineData("failure-observation", "fibre-cuts", "Figure", "Rate")]
    [InlineData("amplifier", "std-low-gain", "Power", "Price")]
    public void A_recalled_figure_is_an_assumption(string kind, string key, params string[] properties)
    {
        var part = Catalog.Get(PartCatalog.Kinds.Single(k => k.Kind == kind).Type, key, null);
        Assert.All(properties, p => Assert.Equal(Grade.Assumption, ((ISourced)part.GetType().GetProperty(p)!.GetValue(part)!).Grade));
    }

    [Fact]
    public void A_line_rate_exceeds_its_clients_and_fits_its_symbols() => Assert.All(Catalog.All<CoherentTransceiver>(), t =>
    {
        Assert.True(t.LineRate.Value.Si > t.ClientRate.Value.Si, t.Key);
        // Both polarizations of QPSK carry four bits a symbol, of 8QAM six, of 16QAM eight; shaping and pilots take some of them.
        var bits = t.Modulation.Contains("QPSK", StringComparison.Ordinal) ? 4 : t.Modulation.Contains("8QAM", StringComparison.Ordinal) ? 6 : 8;
        Assert.InRange(t.LineRate.Value.Si / t.SymbolRate.Value.Baud / bits, 0.94, 1.04);
        if (t.Spacing is { } spacing) Assert.True(spacing.Value.Hertz > t.SymbolRate.Value.Baud, t.Key);
        if (t.TransmitMinimum is { } low && t.TransmitMaximum is { } high) Assert.True(low.Value.Si < high.Value.Si, t.Key);
    });

    [Theory]
    [InlineData("llama3-network", 35.0 / 419, 0.0144)]
    [InlineData("hpn-links", 0, 0.00684)]
    public void Rates_follow_from_their_figures(string key, double share, double perYear)
    {
        var seen = Catalog.Get<FailureObservation>(key);
        Assert.Equal(perYear, seen.Rate!.Value.Value.PerYear, 5);
        var expected = share > 0 ? share * 419 / (54 / 365.25 * 16384) : seen.Figure.Value / 100 * 12;
        Assert.Equal(expected, perYear, 4);
    }

    [Fact]
    public void A_mean_time_between_failures_is_the_inverse_of_its_rate() =>
        Assert.All(Catalog.All<FailureObservation>().Where(o => o.Rate is not null && o.Unit is "hours" or "device-hours"), o =>
            Assert.Equal(1, o.Rate!.Value.Value.PerHour * o.Figure.Value, 2));

    [Fact]
    public void A_misspelt_switch_is_answered_with_the_nearest() =>
        Assert.Contains("palomar", Assert.Throws<InputException>(() => Catalog.Get<OpticalCircuitSwitch>("polomar")).Message);
}
