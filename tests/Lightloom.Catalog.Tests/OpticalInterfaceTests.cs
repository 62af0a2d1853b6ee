using Lightloom.Quantities;

namespace Lightloom.Catalog.Tests;

/// <summary>
/// What a transmitter may lose in its eye, a channel in its glass and a receiver still bear must close:
/// (OMA less TDECQ) + TDECQ - stressed sensitivity = channel loss + penalties.
/// 400GBASE-DR4: -2.2 + 3.4 + 1.9 = 3.0 + 0.1 dB.
/// </summary>
public class OpticalInterfaceTests
{
    public static TheoryData<string> Closing => [.. PartCatalog.Default.All<OpticalInterface>().Where(HasAll).Select(i => i.Key)];

    [Theory]
    [MemberData(nameof(Closing))]
    public void The_budget_of_an_interface_closes(string key)
    {
        var i = PartCatalog.Default.Get<OpticalInterface>(key);
        var budget = i.TransmitOmaLessTdecq!.Value.Value.Si + i.TdecqMaximum!.Value.Value.Si - i.StressedSensitivity!.Value.Value.Si;
        Assert.Equal(i.ChannelLoss!.Value.Value.Si + i.Penalties!.Value.Value.Si, budget, 9);
    }

    [Fact]
    public void These_interfaces_lack_figures_and_cannot_be_checked() =>
        Assert.Equal(
            [
                "400gbase-lr4-6", "400gbase-lr8", "400gbase-sr8", "400gbase-sr8-om3", "400gbase-sr4.2", "400gbase-sr4",
                "400gbase-vr4", "800gbase-sr8", "800gbase-vr8", "800gbase-dr4-2", "1.6tbase-dr8-2", "800gbase-fr4-500",
                "800gbase-fr4", "800gbase-lr4", "teraphy-16x32g", "passage-8x56g", "passage-16x112g", "800g-dr4-bidi",
            ],
            PartCatalog.Default.All<OpticalInterface>().Where(i => !HasAll(i)).Select(i => i.Key));

    [Fact]
    public void Lanes_reaches_and_levels_are_in_order() =>
        Assert.All(PartCatalog.Default.All<OpticalInterface>(), i =>
        {
            var sharesFibres = i.Wavelengths.Contains("BiDi", StringComparison.Ordinal) || i.ExternalLaser is not null;
            Assert.True(i.Fibres.Value == 2 * i.Lanes || i.Connector.Key == "lc" || sharesFibres, i.Key);
            if (i.TransmitOmaMinimum is { } low && i.TransmitOmaMaximum is { } high) Assert.True(low.Value < high.Value, i.Key);
            if (i.Sensitivity is { } clean && i.StressedSensitivity is { } stressed) Assert.True(clean.Value < stressed.Value, i.Key);
            // Four-level signals carry two bits a symbol, and codes take some; two-level ones here are not coded.
            if (i.Modulation == "NRZ") Assert.Equal(i.LaneRate.Value.BitsPerSecond, i.SymbolRate.Value.Baud);
            else Assert.InRange(2 * i.SymbolRate.Value.Si / i.LaneRate.Value.Si, 1.05, 1.15);
            Assert.Equal(i.Fibre.SingleMode, !i.Wavelengths.Contains("850", StringComparison.Ordinal));
        });

    static bool HasAll(OpticalInterface i) => i is
    {
        TransmitOmaLessTdecq: not null, TdecqMaximum: not null, StressedSensitivity: not null, ChannelLoss: not null, Penalties: not null,
    };
}
