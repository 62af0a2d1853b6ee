using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;
using static Lightloom.Optics.Tests.TestParts;

namespace Lightloom.Optics.Tests;

public class LinkEngineerTests
{
    static readonly LinkEngineer Shared = Engineer();

    static readonly Gen<LinkRequest> Requests =
        from meters in Gen.OneOf(Gen.Double[0, 12], Gen.Double[0, 600], Gen.Double[0, 12_000])
        from connectors in Gen.Int[0, 6]
        from ocs in Gen.Bool
        from basis in Gen.Enum<LossBasis>()
        from goal in Gen.Enum<LinkGoal>()
        from twins in Gen.Int[0, 2]
        select Request(meters, connectors) with
        {
            A = twins > 0 ? LinkEnd.TwinPort : LinkEnd.SinglePort,
            B = twins > 1 ? LinkEnd.TwinPort : LinkEnd.SinglePort,
            Basis = basis,
            Elements = ocs ? [Ocs(1.5, 2.0)] : [],
            Policy = new() { Goal = goal },
        };

    // 300 m and four MPO lose 1.52 dB; an optical circuit switch 1.5 to 2.0 dB more.
    [Theory]
    [InlineData("800g-2xdr4", 1.5, -0.02)]
    [InlineData("800g-2xdr4", 2.0, -0.52)]
    [InlineData("800g-2xfr4", 1.5, 0.98)]
    [InlineData("800g-2xfr4", 2.0, 0.48)]
    public void A_circuit_switch_breaks_dr_optics_and_not_fr(string module, double loss, double margin)
    {
        var link = Shared.Best(Request(300, 4) with { Connector = Mpo, Elements = [Ocs(loss, loss)], Policy = LinkPolicy.Named(module) });
        Assert.Equal(margin, link.Margin.Si, 1e-9);
        Assert.Equal(margin >= 0, link.Closes);
        Assert.Equal(margin >= 0, link.Mend is null);
    }

    [Fact]
    public void What_would_mend_a_link_is_said()
    {
        var broken = Shared.Best(Request(300, 4) with { Elements = [Ocs(1.5, 2)], Connector = Mpo, Policy = LinkPolicy.Named("800g-2xdr4") });
        Assert.Equal("the channel loses 3.02 dB and 3.00 dB are allowed: 0.02 dB too much", broken.Reason);
        Assert.Equal("drop one connector", broken.Mend);
        Assert.Contains("use 800g-2xfr4 (800G-2xFR4, 4.0 dB, 2 km)", broken.Mends);
        Assert.Contains("take 'optical circuit switch' out of the path", broken.Mends);

        var far = Shared.Best(Request(600) with { Policy = LinkPolicy.Named("800g-2xdr4") });
        Assert.Equal("a cable of 600 m is beyond the reach of 500 m (400GBASE-DR4)", far.Reason);
        Assert.Equal(["use 800g-2xfr4 (800G-2xFR4, 4.0 dB, 2 km)", "shorten to 500 m"], far.Mends);

        var copper = Shared.Best(Request(2.8) with { Policy = new() { Allow = MediaClasses.PassiveCopper } });
        Assert.False(copper.Closes);
        Assert.Equal("use acc-800g (linear active copper, 5 m)", copper.Mend);
        Assert.Contains("shorten to 2.5 m", copper.Mends);
    }

    [Fact]
    public void Copper_gives_way_to_optics_as_the_run_grows()
    {
        Assert.Equal("dac-800g", Shared.Best(Request(2.2)).Name);
        Assert.Equal("acc-800g", Shared.Best(Request(4)).Name);
        Assert.Equal(MediaClasses.RetimedCopper, Shared.Best(Request(6) with { Policy = LinkPolicy.CopperOnly }).Class);
        Assert.Equal("800g-dr8-lpo", Shared.Best(Request(80)).Name);
        Assert.Equal("800g-2xfr4", Shared.Best(Request(1500)).Name);
        Assert.False(Shared.Best(Request(3000)).Closes);
    }

    [Fact]
    public void A_cable_is_bought_in_the_next_standard_length()
    {
        var link = Shared.Best(Request(2.2));
        Assert.Equal(2.5, link.PurchasableLength.Meters);
        Assert.Equal(19.75 - 4 - 2.5 * 5.899, link.Margin.Si, 2);
        Assert.Equal(130, Shared.Best(Request(123)).PurchasableLength.Meters);
    }

    [Fact]
    public void A_pluggable_module_takes_twenty_picojoules_and_an_engine_a_quarter()
    {
        var pluggable = Shared.Best(Request(100) with { Policy = LinkPolicy.Named("800g-2xdr4") });
        Assert.Equal(8, pluggable.PowerA.Watts);
        Assert.Equal(20, (pluggable.PowerA / Bandwidth.FromGigabitsPerSecond(400)).PicojoulesPerBit, 1e-9);
        Assert.Equal(40, pluggable.EnergyPerBit.PicojoulesPerBit, 1e-9);
        Assert.Equal(51.2, pluggable.EnergyPerBitWithHost.PicojoulesPerBit, 1e-9);
        Assert.Equal(1000, pluggable.FailureRate.Fit, 6);

        var engine = LinkEnd.CoPackaged(Engine);
        var packaged = Shared.Best(Request(100) with
        {
            Rate = Bandwidth.FromGigabitsPerSecond(800),
            LaneRate = Bandwidth.FromGigabitsPerSecond(200),
            A = engine,
            B = engine,
        });
        Assert.Equal(MediaClasses.CoPackagedOptics, packaged.Class);
        Assert.Equal(5.6, (packaged.PowerA / Bandwidth.FromGigabitsPerSecond(800)).PicojoulesPerBit, 1);
        Assert.Equal(0, packaged.AddedPower.Watts);
        Assert.False(packaged.FieldReplaceable);
        Assert.Equal(385, packaged.FailureRate.Fit, 6);
        Assert.True(packaged.Parts[0].IncludedInHost);
        Assert.Equal(1, packaged.Parts[0].Count);
    }

    [Fact]
    public void An_engine_talks_to_pluggables_of_its_family_only()
    {
        var request = Request(100, 2) with
        {
            Rate = Bandwidth.FromGigabitsPerSecond(800),
            LaneRate = Bandwidth.FromGigabitsPerSecond(200),
            A = LinkEnd.CoPackaged(Engine),
            B = LinkEnd.TwinPort,
        };
        var link = Shared.Best(request);
        Assert.Equal("quantum-x-engine to 1.6t-2xdr4", link.Name);
        Assert.True(link.Closes);
        Assert.Equal(13.6, link.AddedPower.Watts, 1e-9);
        Assert.Single(Shared.Candidates(request));
        // The only single-port module with 200G lanes is an FR4 one, at another symbol rate.
        var none = Shared.Best(request with { B = LinkEnd.SinglePort });
        Assert.Equal(MediaClasses.None, none.Class);
        Assert.Contains("the catalogue has no medium", none.Reason);
    }

    [Fact]
    public void A_twin_port_switch_meets_a_single_port_card()
    {
        var link = Shared.Best(Request(50) with { B = LinkEnd.SinglePort, Policy = LinkPolicy.Named("400g-dr4") });
        Assert.Equal("800g-2xdr4 to 400g-dr4", Shared.Best(Request(50) with { B = LinkEnd.SinglePort, Policy = LinkPolicy.Named("800g-2xdr4") }).Name);
        Assert.True(link.Closes);
        Assert.Equal(9, link.PowerB.Watts);
        Assert.Equal([0.5, 1, 8 * 50, 2], link.Parts.Select(p => p.Count));
        var copper = Shared.Best(Request(2) with { B = LinkEnd.SinglePort });
        Assert.Equal("dac-800g", copper.Name);
        Assert.Equal(125, copper.Price.Value.Dollars);
    }

    [Fact]
    public void At_no_margin_the_errors_are_those_that_the_standard_allows()
    {
        var channel = Request(500, 0) with { Elements = [Ocs(2.8, 2.8)], Policy = LinkPolicy.Named("800g-2xdr4") };
        var link = Shared.Best(channel);
        Assert.Equal(0, link.Margin.Si, 1e-9);
        Assert.True(link.Closes);
        Assert.Equal(2.4e-4, link.Errors.PreFecBer, 1e-12);
        Assert.Equal(8.15e-13, link.Errors.UncorrectableCodewords, 0.005e-13);
        Assert.Equal(link.Errors.FrameLoss, link.FrameLossRatio(ReedSolomonCode.ReferenceFrame));
        var better = Shared.Best(channel with { Elements = [Ocs(1.8, 1.8)] });
        Assert.Equal(6.5e-6, better.Errors.PreFecBer, 1e-7);
        Assert.True(better.Errors.FrameLoss < 1e-30);
    }

    [Fact]
    public void Beyond_the_reach_the_errors_are_never_better_than_the_limit()
    {
        var link = Shared.Best(Request(600) with { Policy = LinkPolicy.Named("800g-2xdr4") });
        Assert.True(link.Margin.Si > 0);
        Assert.Equal(2.4e-4, link.Errors.PreFecBer, 1e-12);
    }

    [Fact]
    public void Levels_run_along_the_waterfall()
    {
        var link = Shared.Best(Request(500, 2) with { Policy = LinkPolicy.Named("800g-2xdr4") });
        Assert.Equal([3.1, -0.1, -0.2, -0.7], link.Waterfall.Select(t => Math.Round(t.Change.Si, 9)));
        Assert.Equal([1.2, 1.2, 1.0, 0.3], link.Waterfall.Select(t => Math.Round(t.Level!.Value.Si, 9)));
        Assert.Equal(2.1, link.Margin.Si, 1e-9);
        Assert.Equal(1.3, link.WorstMargin.Si, 1e-9);
        Assert.Equal(0.9, link.Required.Si, 1e-9);
        Assert.Equal(3.0, link.Available.Si, 1e-9);
    }

    [Fact]
    public void A_part_that_lacks_figures_says_what_stands_for_them()
    {
        var bare = TwinDr4 with { Name = "bare", Price = null, Latency = null, FailureRate = null };
        var link = new LinkEngineer([bare], []).Best(Request(100));
        Assert.Equal(
            ["latency: 60 ns assumed", "price of bare: 0 USD assumed", "failure rate of bare: 1000 FIT assumed"], link.Unknown);
        Assert.Equal(Grade.Assumption, link.WeakestGrade);
        Assert.Equal(Grade.Standard, link.BudgetGrade);
        var powerless = new LinkEngineer([bare with { Power = null }], []).Best(Request(100));
        Assert.False(powerless.Closes);
        Assert.Equal("the catalogue gives no power for it", powerless.Reason);
        Assert.False(new LinkEngineer([bare with { Interface = null, LaneRate = Of(Bandwidth.FromGigabitsPerSecond(100)) }], []).Best(Request(100)).Closes);
    }

    [Fact]
    public void A_cheap_unknown_never_beats_a_known_price()
    {
        var link = new LinkEngineer([TwinDr4 with { Name = "unpriced", Price = null }, TwinDr4], []).Best(Request(100));
        Assert.Equal("800g-2xdr4", link.Name);
    }

    [Fact]
    public void Direct_cables_pass_no_circuit_switch()
    {
        var link = Shared.Best(Request(2) with { Elements = [Ocs(1, 1)], Policy = LinkPolicy.CopperOnly });
        Assert.False(link.Closes);
        Assert.Equal("a cable in one piece can't pass through 'optical circuit switch'", link.Reason);
    }

    [Fact]
    public void The_inner_code_stands_in_latency_and_limit()
    {
        var link = Shared.Best(Request(1000) with
        {
            Rate = Bandwidth.FromGigabitsPerSecond(800),
            LaneRate = Bandwidth.FromGigabitsPerSecond(200),
            A = LinkEnd.SinglePort,
            B = LinkEnd.SinglePort,
        });
        Assert.Equal("800g-fr4", link.Name);
        Assert.Equal(112.6, link.Latency.Fec.Nanoseconds, 6);
        Assert.Equal(FecScheme.Kp4WithHamming, link.Fec);
        Assert.Equal([2, 2 * 1000, 2], link.Parts.Select(p => p.Count));
    }

    [Fact]
    public void The_waterfall_sums_to_the_margin() => Requests.Sample(request =>
    {
        foreach (var link in Shared.Candidates(request))
        {
            var sum = 0.0;
            foreach (var term in link.Waterfall)
            {
                sum += term.Change.Si;
                Assert.Equal(sum, term.Cumulative.Si);
            }
            Assert.Equal(sum, link.Margin.Si);
            Assert.Equal(link.Margin, request.Basis == LossBasis.Typical ? link.TypicalMargin : link.WorstMargin);
        }
    }, iter: 300);

    [Fact]
    public void Margin_falls_and_latency_grows_with_length() => Requests.Select(Gen.Double[0, 500]).Sample((request, more) =>
    {
        var longer = request with { Run = request.Run + Length.FromMeters(more) };
        var after = Shared.Candidates(longer).ToDictionary(l => l.Name);
        foreach (var link in Shared.Candidates(request))
        {
            var other = after[link.Name];
            Assert.True(other.Margin <= link.Margin);
            Assert.True(other.Latency.Total >= link.Latency.Total);
            Assert.True(other.Price.Value >= link.Price.Value);
            Assert.True(other.PurchasableLength >= longer.Run - Length.FromMeters(1e-6));
            Assert.False(other.Closes && !link.Closes);
        }
    }, iter: 300);

    [Fact]
    public void Each_connector_costs_margin() => Requests.Sample(request =>
    {
        var after = Shared.Candidates(request with { Connectors = request.Connectors + 1 }).ToDictionary(l => l.Name);
        foreach (var link in Shared.Candidates(request))
        {
            var direct = link.Parts.Count == 1 && link.Parts[0].Part is CopperCable or Transceiver { Class: TransceiverClass.ActiveCable };
            Assert.Equal(!direct, after[link.Name].Margin < link.Margin);
            Assert.True(after[link.Name].Margin <= link.Margin);
        }
    }, iter: 300);

    [Fact]
    public void The_best_is_the_best_of_those_that_close() => Requests.Sample(request =>
    {
        var best = Shared.Best(request);
        var candidates = Shared.Candidates(request);
        Assert.Equal(candidates[0].Name, best.Name);
        Assert.Equal(candidates.Any(c => c.Closes), best.Closes);
        Assert.Equal(best.Closes, best.Reason is null);
        foreach (var other in candidates.Where(c => c.Closes))
        {
            Assert.True(request.Policy.Goal switch
            {
                LinkGoal.FewestWatts => best.Power <= other.Power,
                LinkGoal.LowestLatency => best.Latency.Total <= other.Latency.Total,
                LinkGoal.MostReliable => best.FailureRate <= other.FailureRate,
                _ => best.Price.Value <= other.Price.Value,
            });
        }
        foreach (var link in candidates)
            Assert.True(link.Closes ? link.Errors.PreFecBer <= 2.4e-4 * (1 + 1e-9) || link.Fec == FecScheme.Kp4WithHamming : link.Reason is not null);
    }, iter: 300);

    [Fact]
    public void What_mends_a_link_does() => Requests.Sample(request =>
    {
        var best = Shared.Best(request);
        if (best.Mend is not { } mend) return;
        Assert.False(best.Closes);
        if (mend == "drop one connector") Assert.True(Shared.Best(request with { Connectors = request.Connectors - 1 }).Closes);
        if (mend.StartsWith("shorten to ", StringComparison.Ordinal))
            Assert.True(Shared.Best(request with { Run = Length.Parse(mend["shorten to ".Length..]) }).Closes);
    }, iter: 300);

    [Fact]
    public void Wrong_requests_are_refused()
    {
        var good = Request(10);
        foreach (var bad in new[]
        {
            good with { Run = Length.FromMeters(-1) },
            good with { Run = Length.FromMeters(double.NaN) },
            good with { Run = Length.FromMeters(double.PositiveInfinity) },
            good with { Rate = Bandwidth.Zero },
            good with { Rate = Bandwidth.FromGigabitsPerSecond(double.NaN) },
            good with { LaneRate = Bandwidth.FromGigabitsPerSecond(-100) },
            good with { Connectors = -1 },
            good with { Elements = [Ocs(-1, 2)] },
            good with { Elements = [Ocs(3, 2)] },
        })
        {
            Assert.NotEqual("", Assert.Throws<ArgumentException>(() => Shared.Best(bad)).Message);
            Assert.Throws<ArgumentException>(() => Shared.Candidates(bad));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => LinkEnd.Cage(0));
        Assert.Throws<ArgumentNullException>(() => Shared.Best(null!));
        Assert.Throws<ArgumentException>(() => LinkPolicy.Named(" "));
    }

    [Fact]
    public void A_named_part_that_does_not_fit_is_a_finding()
    {
        var link = Shared.Best(Request(10) with { Policy = LinkPolicy.Named("400g-lr4") });
        Assert.Equal(MediaClasses.None, link.Class);
        Assert.False(link.Closes);
        Assert.StartsWith("'400g-lr4' doesn't fit 400 Gb/s", link.Reason);
        Assert.NotNull(link.Mend);
    }
}
