using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;
using static Lightloom.Optics.Tests.Lines.LineCases;

namespace Lightloom.Optics.Tests.Lines;

public class CoherentModeTests
{
    static readonly PartCatalog Catalog = PartCatalog.Default;

    [Theory]
    [InlineData(1.25e-2, 59.84, 20.35)]
    [InlineData(2e-2, 60.14, 19.53)]
    [InlineData(2e-2, 118.203, 22.47)]
    public void Theory_asks_for_the_published_osnr(double ber, double gigabaud, double expected) =>
        Assert.Equal(expected, CoherentFormat.Qam16.RequiredOsnr(ber, SymbolRate.FromGigabaud(gigabaud)).Si, 2);

    [Fact]
    public void The_specification_of_400zr_lies_above_theory()
    {
        var part = Catalog.Get<CoherentTransceiver>("400zr");
        var theory = CoherentFormat.Qam16.RequiredOsnr(part.PreFecBer.Value, part.SymbolRate.Value);
        Assert.Equal(5.65, part.RequiredOsnr!.Value.Value.Si - theory.Si, 2);
        Assert.Equal(13.55, CoherentFormat.Qam16.RequiredSignalToNoise(0.0125).Si, 2);
    }

    /// <summary>Modes of the OpenROADM MSA lie above theory by what an implementation costs, and the slower the farther down.</summary>
    [Theory]
    [InlineData("openroadm-100g", 31.57, 1.73)]
    [InlineData("openroadm-200g", 63.1, 3.72)]
    public void The_specification_of_slower_modes_lies_above_theory(string key, double gigabaud, double implementation)
    {
        var part = Catalog.Get<CoherentTransceiver>(key);
        Assert.Equal(gigabaud, part.SymbolRate.Value.Gigabaud, 1e-9);
        Assert.Equal(implementation, part.RequiredOsnr!.Value.Value.Si - CoherentFormat.Qpsk.RequiredOsnr(0.02, part.SymbolRate.Value).Si, 0.01);
        // The table of the MSA's mode as GNPy's library has it.
        var mode = CoherentMode.Of(part)!;
        Assert.Equal([0, 0, 0.25, 0.5], new double[] { 0, 4000, (4000 + part.DispersionTolerance!.Value.Value) / 2, part.DispersionTolerance.Value.Value }.Select(x => mode.DispersionPenalty!.At(x).Si), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal(double.PositiveInfinity, mode.DispersionPenalty!.At(part.DispersionTolerance.Value.Value + 1).Si);
        Assert.Equal(36, mode.TransmitOsnr!.Value.Si);
    }

    [Theory]
    [InlineData(CoherentFormat.Qpsk)]
    [InlineData(CoherentFormat.Qam16)]
    public void A_ratio_and_its_error_ratio_lead_back_to_each_other(CoherentFormat format)
    {
        foreach (var ber in new[] { 1e-9, 1e-3, 0.02, 0.2 })
            Assert.Equal(ber, format.BitErrorRatio(format.RequiredSignalToNoise(ber)), ber * 1e-9);
        foreach (var wrong in new[] { 0, -1, 0.6, double.NaN })
            Assert.Throws<ArgumentOutOfRangeException>(() => format.RequiredSignalToNoise(wrong));
    }

    [Fact]
    public void Parts_of_the_catalogue_are_modes_where_their_needs_are_known()
    {
        var modes = Catalog.All<CoherentTransceiver>().ToDictionary(t => t.Key, CoherentMode.Of);
        Assert.Null(modes["800g-lr1"]);
        Assert.Equal(9, modes.Values.Count(m => m is not null));
        Assert.Equal(26, modes["400zr"]!.RequiredOsnr.Si);
    }

    [Fact]
    public void A_penalty_lies_between_its_points_and_is_infinite_beyond_them()
    {
        var table = new PenaltyTable([(4000, Db(1)), (18000, Db(3))]);
        Assert.Equal([0, 0.5, 1, 2, 3], new double[] { 0, 2000, 4000, 11000, 18000 }.Select(x => table.At(x).Si));
        Assert.Equal(double.PositiveInfinity, table.At(18001).Si);
        Assert.Equal(double.PositiveInfinity, table.At(-1).Si);
        Assert.Equal(double.PositiveInfinity, table.At(double.NaN).Si);
        Assert.Equal(0, PenaltyTable.UpTo(10).At(-10).Si);
        Assert.Equal(0, PenaltyTable.UpTo(0).At(0).Si);
        Assert.Throws<InputException>(() => new PenaltyTable([]));
        Assert.Throws<InputException>(() => new PenaltyTable([(1, Db(1)), (1, Db(2))]));
        Assert.Throws<InputException>(() => new PenaltyTable([(double.NaN, Db(1))]));
    }
}
