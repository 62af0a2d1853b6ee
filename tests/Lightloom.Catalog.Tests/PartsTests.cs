using System.Collections;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog.Tests;

/// <summary>What holds for every part that ships.</summary>
public class PartsTests
{
    static readonly PartCatalog Catalog = PartCatalog.Default;

    public static TheoryData<string> AllKinds => [.. PartCatalog.Kinds.Select(k => k.Kind)];

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Every_part_of_a_kind_binds(string kind)
    {
        var type = PartCatalog.Kinds.Single(k => k.Kind == kind).Type;
        var problems = new List<string>();
        foreach (var key in Catalog.Keys(type))
            try
            {
                var part = Catalog.Get(type, key, null);
                Assert.Equal(key, part.Key);
                Assert.NotEmpty(part.Name);
                Assert.Same(part, Catalog.Get(type, key, null));
            }
            catch (InputException e)
            {
                problems.Add($"{key}: {e.Message}");
            }
        Assert.Empty(problems);
        Assert.NotEmpty(Catalog.Keys(type));
    }

    [Fact]
    public void Every_figure_names_a_source_of_the_catalogue_and_every_source_is_used()
    {
        var sources = Catalog.Keys<Source>().ToHashSet();
        var used = Figures.Shipped().Select(f => f.Figure.Source).ToHashSet();
        Assert.Empty(Figures.Shipped().Where(f => !sources.Contains(f.Figure.Source)).Select(f => $"{f.Path}: {f.Figure.Source}"));
        Assert.Empty(sources.Except(used));
    }

    [Fact]
    public void Every_figure_lies_within_its_range_and_has_a_year()
    {
        Assert.Empty(Figures.Shipped().Where(f => Comparer.Default.Compare(Number(f.Figure.Low), Number(f.Figure.Value)) > 0 ||
            Comparer.Default.Compare(Number(f.Figure.Value), Number(f.Figure.High)) > 0).Select(f => f.Path));
        Assert.Empty(Figures.Shipped().Where(f => f.Figure.Year is not (>= 1990 and <= 2030)).Select(f => f.Path));
    }

    [Fact]
    public void What_has_no_citable_source_is_an_assumption_and_an_assumption_cites_nobody() =>
        Assert.Empty(Figures.Shipped().Where(f => f.Figure.Source == "lightloom" != (f.Figure.Grade == Grade.Assumption)).Select(f => f.Path));

    /// <summary>Figures that the collected material recalls without a source, one or more of each of its tables.</summary>
    [Theory]
    [InlineData("accelerator", "a100-sxm-80gb", "Price", "ScaleOutBandwidth")]
    [InlineData("accelerator", "a100-sxm-40gb", "Memory", "MemoryBandwidth", "Power", "Price")]
    [InlineData("accelerator", "h800-sxm", "Bf16Peak", "Fp8Peak")]
    [InlineData("accelerator", "gh200", "ScaleUpDomain")]
    [InlineData("accelerator", "tpu-v4", "ScaleUpBandwidth")]
    [InlineData("accelerator", "tpu-v7x", "Memory", "MemoryBandwidth", "ScaleUpDomain")]
    [InlineData("accelerator", "trainium2", "ScaleUpDomain", "ScaleOutBandwidth")]
    [InlineData("accelerator", "rubin", "Memory", "MemoryBandwidth", "ScaleOutBandwidth")]
    [InlineData("accelerator", "gb300", "Bf16Peak")]
    [InlineData("nic", "connectx-7", "Power", "Latency")]
    [InlineData("nic", "connectx-8", "Latency")]
    [InlineData("nic", "thor-2", "Rate", "Power", "Price")]
    [InlineData("nic", "pollara-400", "Power", "Price")]
    [InlineData("switch", "qm9700", "Power", "Price")]
    [InlineData("switch", "q3400-ra", "Latency", "Price")]
    [InlineData("switch", "sn5600", "Power", "AsicPower", "Latency", "Price")]
    [InlineData("switch", "tomahawk-5", "Power", "Latency", "Buffer", "Price")]
    [InlineData("switch", "jericho3-ai", "Ports", "Latency", "Buffer")]
    [InlineData("switch", "generic-64x400g", "Price")]
    [InlineData("transceiver", "800g-2xdr4", "Latency")]
    [InlineData("transceiver", "800g-2xfr4", "Power", "Latency")]
    [InlineData("transceiver", "1.6t-dr8-lpo", "Power", "Latency")]
    [InlineData("transceiver", "nvidia-cpo-1.6t", "Latency", "FailureRate")]
    [InlineData("copper-cable", "dac-800g", "Price", "FailureRate")]
    [InlineData("copper-cable", "lacc-1.6t", "Power", "Reach", "Price")]
    [InlineData("optical-interface", "400gbase-fr4", "ChannelLoss", "Reach")]
    [InlineData("optical-interface", "800gbase-dr8", "Sensitivity", "StressedSensitivity")]
    [InlineData("optical-interface", "1.6tbase-dr8", "TransmitOmaLessTdecq", "StressedSensitivity", "PreFecBer")]
    [InlineData("optical-interface", "800gbase-sr8", "Reach", "TransmitOmaLessTdecq")]
    [InlineData("electrical-interface", "400gbase-cr4", "ChannelLoss")]
    [InlineData("fibre", "om4-850", "Price")]
    [InlineData("twinax", "twinax-26awg", "SkinLoss", "DielectricLoss")]
    [InlineData("site-defaults", "default", "Electricity", "PowerUsageEffectiveness", "FacilityPerWatt", "ServerLife")]
    public void A_recalled_figure_is_an_assumption(string kind, string key, params string[] properties)
    {
        var part = Catalog.Get(PartCatalog.Kinds.Single(k => k.Kind == kind).Type, key, null);
        Assert.All(properties, p => Assert.Equal(Grade.Assumption, ((ISourced)part.GetType().GetProperty(p)!.GetValue(part)!).Grade));
    }

    [Fact]
    public void A_system_carries_at_least_one_accelerator_per_card_and_no_more_than_one_domain() =>
        Assert.All(Catalog.All<AcceleratorSystem>(), s =>
        {
            Assert.True(s.Accelerators >= s.Nics && s.Accelerators % s.Nics == 0);
            Assert.True(s.Accelerators <= s.Accelerator.ScaleUpDomain.High);
        });

    [Fact]
    public void A_measured_ceiling_stays_below_its_peak() =>
        Assert.All(Catalog.All<Accelerator>(), a =>
        {
            if (a.Bf16Ceiling is { } bf16) Assert.InRange(bf16.Value / a.Bf16Peak.Value, 0.4, 1);
            if (a.Fp8Ceiling is { } fp8) Assert.InRange(fp8.Value / a.Fp8Peak!.Value.Value, 0.4, 1);
        });

    [Fact]
    public void The_energy_per_bit_of_a_module_agrees_with_its_power() =>
        Assert.All(Catalog.All<Transceiver>().Where(t => t.Power is not null && t.EnergyPerBit is not null), t =>
            // A figure that counts both directions is half of one that counts one.
            Assert.Contains(Math.Round(t.Power!.Value.Value.Si / t.Rate.Value.Si / t.EnergyPerBit!.Value.Value.Si, 6), new List<double> { 1, 2 }));

    [Fact]
    public void The_lanes_of_a_module_carry_its_rate() =>
        Assert.All(Catalog.All<Transceiver>().Where(t => t.Interface is not null), t =>
        {
            Assert.Equal(t.Rate.Value.Si, t.Lanes!.Value * t.LaneRate!.Value.Value.Si);
            Assert.Equal(0, t.Lanes!.Value.Value % t.Interface!.Lanes);
            Assert.Equal(t.LaneRate!.Value.Value, t.Interface.LaneRate.Value);
        });

    [Fact]
    public void Passive_copper_reaches_what_is_sold()
    {
        // 19.75 dB less 4 dB of connectors over 26 AWG at 26.56 GHz, and 17 dB less 5 dB at 53.125 GHz.
        Assert.Equal(2.67, Reach("400gbase-cr4", "twinax-26awg"), 2);
        Assert.Equal(1.77, Reach("400gbase-cr4", "twinax-30awg"), 2);
        Assert.Equal(1.36, Reach("200gbase-cr1", "twinax-26awg"), 2);
        Assert.Equal(0.92, Reach("200gbase-cr1", "twinax-30awg"), 2);
    }

    [Fact]
    public void The_figures_that_a_reader_knows_by_heart_are_there()
    {
        var h100 = Catalog.Get<Accelerator>("h100-sxm-80gb");
        Assert.Equal("989 TFLOP/s", h100.Bf16Peak.Value.ToString());
        Assert.Equal("450 GB/s", h100.ScaleUpBandwidth.Value.ToString("GB/s"));
        Assert.Equal(22, Catalog.All<Accelerator>().Count);
        var qm9700 = Catalog.Get<Switch>("qm9700");
        Assert.Equal((64, 2), (qm9700.Ports.Value, qm9700.PortsPerCage!.Value.Value));
        Assert.Equal("7 kW", (Catalog.Get<Switch>("q3400-ra").Power!.Value.Value + 72 * Power.FromSi(25)).ToString());
        Assert.Equal("3.95 kW", Catalog.Get<Switch>("q3450-ld").Power!.Value.Value.ToString());
        var site = Catalog.Get<SiteDefaults>("default");
        Assert.Equal(0.17298, (site.AcceleratorInterruptions.Value + site.OtherInterruptions.Value + site.NicFailures.Value).PerYear + 35 / 2422.275, 4);
    }

    [Fact]
    public void The_version_is_a_short_hash_that_stays() => Assert.Matches("^[0-9a-f]{12}$", Catalog.Version);

    static double Reach(string electrical, string twinax)
    {
        var e = Catalog.Get<ElectricalInterface>(electrical);
        var t = Catalog.Get<Twinax>(twinax);
        var f = e.Frequency.Value.Si / 1e9;
        return (e.ChannelLoss.Value - e.HostLoss!.Value.Value - e.ConnectorLoss!.Value.Value).Si /
            (t.SkinLoss * Math.Sqrt(f) + t.DielectricLoss * f);
    }

    static object Number(object? value) => value!.GetType().GetProperty("Si") is { } si ? si.GetValue(value)! : value;
}
