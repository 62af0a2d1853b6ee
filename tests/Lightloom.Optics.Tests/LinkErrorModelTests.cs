using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class LinkErrorModelTests
{
    static readonly PartCatalog Catalog = PartCatalog.Default;
    static readonly LinkEngineer Engineer = new(Catalog);

    static readonly LinkErrorModel Optical = Model(FecScheme.Kp4, 2.4e-4);

    static Decibels Db(double value) => Decibels.FromDecibels(value);

    static LinkErrorModel Model(FecScheme fec, double ber, double continuation = 0.5, int interleaved = 2, bool electrical = false) => new()
    {
        Fec = fec,
        Code = LineCode.Pam4,
        Spacing = LineCode.Pam4.Spacing(ber),
        InnerGain = ErrorCorrection.InnerGain(fec, LineCode.Pam4, ber, 2.4e-4),
        IsElectrical = electrical,
        Propagation = new(continuation, LineCode.Pam4, interleaved),
        Continuation = Sourced<double>.Of(continuation, "test", Grade.Assumption),
    };

    static LinkRequest Request(double gigabits, double lane, double meters) => new()
    {
        Rate = Bandwidth.FromGigabitsPerSecond(gigabits),
        LaneRate = Bandwidth.FromGigabitsPerSecond(lane),
        Run = Length.FromMeters(meters),
    };

    // The example at the head of the file.
    [Fact]
    public void One_decibel_takes_the_errors_away()
    {
        var none = Optical.At(Decibels.Zero);
        Assert.Equal(2.4e-4, none.Random.PreFecBer, 1e-16);
        Assert.Equal(8.15e-13, none.Random.UncorrectableCodewords, 0.005e-13);
        var more = Optical.At(Db(1));
        Assert.Equal(6.46e-6, more.Random.PreFecBer, 0.005e-6);
        Assert.True(more.Random.UncorrectableCodewords < 1e-30);
        Assert.Equal(4.298, Optical.SpacingAt(Db(1)), 3);
    }

    [Fact]
    public void An_electrical_decibel_moves_the_spacing_half_as_far()
    {
        var copper = Model(FecScheme.Kp4, 2.4e-4, electrical: true);
        Assert.Equal(Optical.SpacingAt(Db(1)), copper.SpacingAt(Db(2)), 1e-12);
        Assert.Equal(Optical.RandomAt(Db(-0.5)), copper.RandomAt(Db(-1)));
    }

    // Bursts at the same ratio of errors: the single codeword suffers, codewords in turn are spared.
    [Fact]
    public void Bursts_hurt_one_codeword_and_spare_codewords_in_turn()
    {
        var alone = Model(FecScheme.Kp4, 2.4e-4, 0.75, 1).At(Decibels.Zero);
        Assert.True(alone.Bursts.UncorrectableCodewords > 1000 * alone.Random.UncorrectableCodewords);
        Assert.Equal(BurstErrors.UncorrectableRatio(ReedSolomonCode.Kp4, 2.4e-4, new(0.75)), alone.Bursts.UncorrectableCodewords, 1e-9 * alone.Bursts.UncorrectableCodewords);
        var turns = Model(FecScheme.Kp4, 2.4e-4, 0.75, 4).At(Decibels.Zero);
        Assert.True(turns.Bursts.UncorrectableCodewords < turns.Random.UncorrectableCodewords);
        Assert.Equal(alone.Random, turns.Random);
    }

    [Fact]
    public void More_margin_is_never_worse() => Gen.Select(Gen.Double[-3, 3], Gen.Double[0, 1], Gen.Bool).Sample((margin, more, low) =>
    {
        var model = Model(low ? FecScheme.LowLatency : FecScheme.Kp4, low ? 9e-5 : 2.4e-4);
        var (x, y) = (model.At(Db(margin)), model.At(Db(margin + more)));
        Assert.True(y.Random.FrameLoss <= x.Random.FrameLoss);
        Assert.True(y.Bursts.FrameLoss <= x.Bursts.FrameLoss * (1 + 1e-9));
        Assert.True(y.WanderFlaps <= x.WanderFlaps);
        Assert.InRange(y.ShareDown, 0, x.ShareDown);
    }, iter: 100);

    [Theory]
    [InlineData(1e-9)]
    [InlineData(1e-12)]
    public void The_margin_for_a_loss_gives_that_loss(double loss)
    {
        Assert.Equal(loss, Optical.RandomAt(Optical.MarginFor(loss, false)).FrameLoss, loss * 1e-3);
        Assert.Equal(loss, Optical.BurstsAt(Optical.MarginFor(loss, true)).FrameLoss, loss * 1e-3);
        Assert.Throws<ArgumentOutOfRangeException>(() => Optical.MarginFor(0, false));
        Assert.Throws<ArgumentOutOfRangeException>(() => Optical.MarginOfLoss(1));
    }

    [Fact]
    public void Lock_is_lost_below_the_margin_that_loses_frames()
    {
        var loses = Optical.MarginOfLoss(MarginWander.Default.LossOfLock.Value);
        Assert.Equal(-0.67, loses.Si, 2);
        Assert.Equal(2e-3, Optical.RandomAt(loses).UncorrectableCodewords, 1e-5);
        // Where lock is lost the link is down half of the time and more.
        Assert.Equal(0.5, MarginWander.Default.ShareBelow(Optical.At(loses).Margin - loses), 1e-9);
        Assert.Equal(1, Optical.At(loses).ShareDown, 1e-9);
    }

    // Low-latency FEC agreement: a frame loss ratio of 6.2e-10 at 9.9248e-5, of KP4 at 3.7677e-4.
    [Fact]
    public void A_frame_loss_has_its_bit_error_ratio()
    {
        Assert.Equal(3.7677e-4, ErrorCorrection.LimitFor(FecScheme.Kp4, 1.125 * ReedSolomonCode.Kp4.UncorrectableRatio(3.7677e-4)), 1e-10);
        Assert.Equal(9.9248e-5, ErrorCorrection.LimitFor(FecScheme.LowLatency, 1.25 * ReedSolomonCode.LowLatency.UncorrectableRatio(9.9248e-5)), 1e-10);
        Assert.Throws<ArgumentException>(() => ErrorCorrection.LimitFor(FecScheme.None, 1e-9));
        Assert.Throws<ArgumentOutOfRangeException>(() => ErrorCorrection.LimitFor(FecScheme.Kp4, 0));
    }

    // CFEC bears 1.25e-2 and oFEC 2e-2; above that nothing is corrected.
    [Theory]
    [InlineData(FecScheme.Concatenated, 1.25e-2)]
    [InlineData(FecScheme.Open, 2e-2)]
    public void Soft_decisions_are_a_step(FecScheme scheme, double limit)
    {
        var spacing = LineCode.Pam4.Spacing(limit);
        Assert.Equal(1e-15, ErrorCorrection.At(scheme, LineCode.Pam4, spacing * 1.000001).UncorrectableCodewords, 1e-24);
        var beyond = ErrorCorrection.At(scheme, LineCode.Pam4, spacing * 0.99);
        Assert.Equal(beyond.PreFecBer, beyond.UncorrectableCodewords);
        Assert.Equal(1, beyond.FrameLoss);
        Assert.Equal(ErrorCorrection.At(scheme, LineCode.Pam4, spacing), ErrorCorrection.InBursts(scheme, LineCode.Pam4, spacing, new(0.75)));
        Assert.Null(ErrorCorrection.Outer(scheme));
        Assert.Equal(LinkAssumptions.Default.SoftDecisionLatency.Value, FecLatency.Of(scheme, Bandwidth.FromGigabitsPerSecond(400)));
    }

    [Fact]
    public void Behind_an_inner_code_bursts_are_broken_and_its_limit_is_watched()
    {
        var inner = Model(FecScheme.Kp4WithHamming, 4.85e-3);
        var none = inner.At(Decibels.Zero);
        Assert.Equal(none.Random, none.Bursts);
        Assert.Equal(ReedSolomonCode.Kp4.UncorrectableRatio(2.4e-4), none.Random.UncorrectableCodewords, 1e-6 * none.Random.UncorrectableCodewords);
        Assert.True(inner.InnerCodeHolds(Db(0.01)));
        Assert.False(inner.InnerCodeHolds(Db(-0.01)));
        Assert.True(Optical.InnerCodeHolds(Db(-5)));
    }

    [Fact]
    public void Every_engineered_link_has_its_errors_in_bursts()
    {
        foreach (var (gigabits, lane, meters) in new[] { (800.0, 100.0, 2.0), (800, 100, 300), (400, 100, 20), (1600, 200, 100), (100, 25, 3) })
        {
            foreach (var link in Engineer.Candidates(Request(gigabits, lane, meters)))
            {
                var outcome = link.OutcomeAtMargin()!.Value;
                Assert.Equal(link.Errors, outcome.Random);
                Assert.InRange(outcome.Bursts.FrameLoss, 0, 1);
                // Where nothing in a module decides, the host's receiver equalises copper and light together.
                var assumptions = LinkAssumptions.Default;
                var linear = (link.Class & MediaClasses.Copper) != 0 || link.Parts.Any(p => p.Part is Transceiver { Class: TransceiverClass.Linear or TransceiverClass.HalfRetimed });
                Assert.Equal((linear ? assumptions.ElectricalErrorPropagation : assumptions.OpticalErrorPropagation).Value, link.ErrorModel!.Propagation.Continuation);
                Assert.Equal(FecLatency.InterleavedCodewords(Bandwidth.FromGigabitsPerSecond(gigabits)), link.ErrorModel.Propagation.InterleavedCodewords);
            }
        }
    }

    [Fact]
    public void Beyond_the_reach_a_margin_is_worth_nothing()
    {
        var link = Engineer.Best(Request(800, 100, 600) with { Policy = LinkPolicy.Named("800g-2xdr4") });
        Assert.True(link.IsBeyondReach);
        Assert.True(link.Margin.Si > 0);
        Assert.Equal(0, link.OutcomeAtMargin()!.Value.Margin.Si);
        Assert.All(MarginLadder.Of(link), r => Assert.True(r.Outcome.Margin.Si <= 0));
    }

    [Fact]
    public void A_ladder_goes_down_from_the_typical_margin()
    {
        var request = Request(800, 100, 300) with { Connectors = 4, Connector = Catalog.Get<Connector>("mpo"), Policy = LinkPolicy.Named("800g-2xfr4") };
        var link = Engineer.Best(request);
        var ladder = MarginLadder.Of(link, StatisticalBudget.Of(link, request));
        Assert.Equal(["typical losses", "largest losses", "1 % of links", "no margin"], ladder.Select(r => r.Name).Order(Comparer<string>.Create((a, b) =>
            Rank(a).CompareTo(Rank(b)))));
        Assert.Equal(ladder.Select(r => r.Outcome.Margin.Si).OrderDescending(), ladder.Select(r => r.Outcome.Margin.Si));
        Assert.Equal(link.TypicalMargin, ladder.Single(r => r.Name == "typical losses").Outcome.Margin);

        static int Rank(string name) => Array.IndexOf(["typical losses", "largest losses", "1 % of links", "no margin"], name);
    }

    // x(p) of RS(272,258) for the frame loss that KP4 has at 2.4e-4 lies 0.53 dB higher in light, and it waits for half the codeword.
    [Fact]
    public void The_low_latency_code_trades_margin_for_time()
    {
        var request = Request(400, 100, 100) with { Policy = LinkPolicy.Named("400g-dr4") };
        var (usual, quick) = (Engineer.Best(request), Engineer.Best(request with { Fec = FecScheme.LowLatency }));
        var loss = ErrorCorrection.At(FecScheme.Kp4, LineCode.Pam4, LineCode.Pam4.Spacing(2.4e-4)).FrameLoss;
        var spacing = LineCode.Pam4.Spacing(ErrorCorrection.LimitFor(FecScheme.LowLatency, loss));
        Assert.Equal(10 * Math.Log10(spacing / LineCode.Pam4.Spacing(2.4e-4)), quick.CodePenalty.Si, 1e-9);
        Assert.Equal(0.53, quick.CodePenalty.Si, 2);
        Assert.Equal(usual.Margin.Si - quick.CodePenalty.Si, quick.Margin.Si, 1e-9);
        Assert.Equal(quick.Margin.Si, quick.Waterfall.Sum(t => t.Change.Si), 1e-9);
        Assert.Equal(FecScheme.LowLatency, quick.Fec);
        Assert.Equal(loss, quick.ErrorModel!.RandomAt(Decibels.Zero).FrameLoss, loss * 1e-6);
        Assert.Equal(62.6, usual.Latency.Fec.Nanoseconds, 1);
        Assert.Equal(2 * 2720 / 425.0 + 21, quick.Latency.Fec.Nanoseconds, 1);
        Assert.Contains(StatisticalBudget.Of(quick, request with { Fec = FecScheme.LowLatency })!.Terms, t => t.Name == "another Reed-Solomon code");
        Assert.Equal(usual.Margin, Engineer.Best(request with { Fec = FecScheme.Kp4 }).Margin);
    }

    [Fact]
    public void Copper_pays_twice_the_decibels_for_it()
    {
        var request = Request(400, 100, 2) with { Fec = FecScheme.LowLatency };
        var link = Engineer.Best(request);
        Assert.Equal("dac-400g", link.Name);
        Assert.Equal(1.33, link.CodePenalty.Si, 2);
        Assert.Equal(link.Margin.Si, link.Waterfall.Sum(t => t.Change.Si), 1e-9);
    }

    [Fact]
    public void Optics_with_a_code_of_their_own_don_t_take_another()
    {
        var end = LinkEnd.CoPackaged(Catalog.Get<Transceiver>("teraphy-gen3"));
        var link = Engineer.Best(Request(800, 100, 20) with { A = end, B = end, Fec = FecScheme.LowLatency });
        Assert.False(link.Closes);
        Assert.Equal("it runs under no error correction, which hosts can't change to the low-latency code", link.Reason);
        Assert.Throws<ArgumentException>(() => Engineer.Best(Request(800, 100, 20) with { Fec = FecScheme.Open }));
    }
}
