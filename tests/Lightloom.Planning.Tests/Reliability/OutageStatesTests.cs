using CsCheck;
using Lightloom.Catalog;
using Lightloom.Planning.MultiSite;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;
using Lightloom.Workloads.Sites;

namespace Lightloom.Planning.Tests.Reliability;

/// <summary>Routes and sites that are down under a job: the closed form, the same by hand, and played out.</summary>
public sealed class OutageStatesTests
{
    const string TwoSites = "two-sites-h100", ThreeSites = "three-sites-dark-fibre";
    static readonly Duration Year = Duration.FromSeconds(31557600);
    static readonly Evaluator Evaluator = new();

    static FailureProcess Outage(int part, double perYear, double hours) => new($"part {part}", FailureKind.HardFailure, FailureConsequence.Separates, 1, FailureRate.FromPerYear(perYear), "test", Grade.Assumption)
    {
        Detection = Duration.FromMinutes(5),
        Repair = Duration.FromHours(hours),
        Part = part,
    };

    static FailureProcess Stops(double perYear) =>
        new("hosts", FailureKind.HardFailure, FailureConsequence.Interrupts, 1, FailureRate.FromPerYear(perYear), "test", Grade.Measured) { Detection = Duration.FromMinutes(5) };

    static ReliabilityModel Model(OutageStates outages, params FailureProcess[] processes) =>
        new() { Processes = processes, Outages = outages, CheckpointWrite = Duration.FromSeconds(30), Restart = Duration.FromMinutes(15) };

    /// <summary>The example at the head of OutageStates.cs.</summary>
    [Theory]
    [InlineData(0.51, 0.51, 1, 0.998996)]
    [InlineData(0, 0, 0, 0.997951)]
    [InlineData(0.51, 1, 3, 0.999076)]
    public void One_route_that_is_cut_keeps_what_the_example_says(double kept, double alone, int team, double expected)
    {
        var states = new OutageStates(["route"], [new(0, 1, 1, 3), new(1, kept, alone, (ulong)team)], Duration.FromHours(1));
        Assert.Equal(expected, states.LongRun([Outage(0, 1.5, 12)]).Pace, 6e-7);
        Assert.Equal(team == 0 ? 1 - 0.997951 : 0, states.LongRun([Outage(0, 1.5, 12)]).Waits, 6e-7);
        // Another team starts as often as the route is cut while it is up.
        Assert.Equal(team == 3 ? 0 : 1.5 * 0.997951, FailureRate.FromPerSecond(states.LongRun([Outage(0, 1.5, 12)]).Stops).PerYear, 2e-6);
    }

    /// <summary>Pace by a slow, obvious sum over all states of parts, those that aren't listed left out.</summary>
    [Fact]
    public void The_long_run_is_the_sum_over_all_states() =>
        Gen.Select(Gen.Double[0.1, 50].Array[4], Gen.Double[0.5, 200].Array[4], Gen.Double[0, 1].Array[16]).Sample((rates, hours, kept) =>
        {
            // Two routes, the first of which fails in two ways, and a site.
            FailureProcess[] processes = [Outage(0, rates[0], hours[0]), Outage(0, rates[1], hours[1]), Outage(1, rates[2], hours[2]), Outage(2, rates[3], hours[3])];
            var listed = Enumerable.Range(0, 7).Select(s => new OutageState((ulong)s, s == 0 ? 1 : kept[s], s == 0 ? 1 : kept[s], (ulong)(s % 3) + 1)).ToList();
            var states = new OutageStates(["a", "b", "c"], listed, Duration.Zero);
            var up = new double[3];
            Array.Fill(up, 1);
            foreach (var p in processes) up[p.Part!.Value] *= 1 / (1 + (p.Rate * p.Repair));
            double pace = 0, waits = 0;
            for (var s = 0; s < 8; s++)
            {
                var share = 1.0;
                for (var c = 0; c < 3; c++) share *= (s >> c & 1) != 0 ? 1 - up[c] : up[c];
                if (s == 7) waits += share;
                else pace += share * listed[s].Kept;
            }
            var found = states.LongRun(processes);
            Assert.Equal(pace, found.Pace, 1e-9);
            Assert.Equal(waits, found.Waits, 1e-9);
        });

    /// <summary>The closed form against the simulation, within 2 % wherever it has no doubts; outages are made frequent so that they matter.</summary>
    [Theory]
    [InlineData("goes on", 0.5, 0.5, 1)]
    [InlineData("waits", 0, 0, 0)]
    [InlineData("alone", 0.5, 1, 3)]
    public void Played_out_it_is_the_closed_form(string name, double kept, double alone, int team)
    {
        Assert.NotEmpty(name);
        // Of two routes the first carries more; a site that is gone leaves the other.
        var states = new OutageStates(["wide", "narrow", "north", "south"],
        [
            new(0, 1, 1, 3), new(1, 0.8, 0.8, 3), new(2, 0.95, 0.95, 3), new(4, kept, kept, team == 3 ? 3ul : team == 0 ? 0 : 2ul), new(8, kept, kept, team == 3 ? 3ul : team == 0 ? 0 : 1ul),
            new(3, kept, alone, (ulong)team), new(5, kept, kept, team == 0 ? 0 : 2ul), new(6, kept, kept, team == 0 ? 0 : 2ul), new(9, kept, kept, team == 0 ? 0 : 1ul), new(10, kept, kept, team == 0 ? 0 : 1ul),
        ], Duration.FromHours(10));
        var model = Model(states, Stops(500), Outage(0, 20, 30), Outage(0, 10, 12), Outage(1, 60, 24), Outage(2, 6, 12), Outage(3, 4, 20));
        var forecast = model.Forecast();
        Assert.Empty(forecast.Doubts);
        Assert.Equal(1, forecast.Shares.Sum(s => s.Share), 1e-9);
        var runs = new RenewalSimulation(model).Run(Year, 600, 7);
        Assert.InRange(forecast.Effective / runs.Effective, 0.98, 1.02);
        Assert.InRange(forecast.Shares[1].Share - runs.Waiting, -0.005, 0.005);
        Assert.InRange(forecast.AllInterruptions * Year / runs.Interruptions, 0.95, 1.05);
        // Routes that are cut are what is lost: without them it would be outside.
        var without = (model with { Outages = null, Processes = [.. model.Processes.Where(p => p.Part is null)] }).Forecast().Effective;
        Assert.True(without > 1.03 * runs.Effective);
    }

    /// <summary>Sites that go on alone for as long as they like lose nothing by a cut; those that don't are as those that go on with one.</summary>
    [Fact]
    public void Time_alone_counts_between_nothing_and_all()
    {
        double Of(double hours) => Model(new(["route"], [new(0, 1, 1, 1), new(1, 0.5, 1, 1)], Duration.FromHours(hours)), Outage(0, 50, 12)).Forecast().Effective;
        var never = Model(new(["route"], [new(0, 1, 1, 1), new(1, 0.5, 0.5, 1)], Duration.Zero), Outage(0, 50, 12)).Forecast().Effective;
        Assert.Equal(never, Of(0), 1e-12);
        Assert.Equal(1, Of(1e6) / (Model(new(["route"], [new(0, 1, 1, 1)], Duration.Zero)) with { CheckpointInterval = Duration.FromDays(1) }).Forecast().Effective, 2e-3);
        Assert.True(Of(1) < Of(10) && Of(10) < Of(100));
    }

    /// <summary>System: two sites, a route of 780 km. Expectation: what evaluate, cost and compare divide by knows that it is cut.</summary>
    [Fact]
    public void Tokens_that_costs_are_divided_by_know_that_routes_are_cut()
    {
        var (usual, often) = (Designs.Evaluate(Designs.Text(TwoSites)), Designs.Evaluate(Designs.Text(TwoSites) + "routeAssumptions: { basedOn: default, cutsPerThousandKilometers: 60 /yr }\n"));
        foreach (var e in new[] { usual, often })
        {
            var (together, model) = (e.Together!, e.Together!.Reliability!);
            Assert.Equal(together.Method!.TokensPerSecond * model.Forecast().Effective, e.EffectiveTokensPerSecond!.Value, 1e-6);
            Assert.InRange(model.Forecast().Effective / new RenewalSimulation(model).Run(Year, 200, 3).Effective, 0.98, 1.02);
            Assert.Equal(e.Economics.Yearly.Value.Dollars / (e.EffectiveTokensPerSecond.Value * 31.5576), e.MillionTokens!.Value.Value.Dollars, 1e-6);
        }
        // 780 km · 60/1,000 km · 12 h: down 6.02 % of the time, at half of the pace.
        var kept = often.EffectiveTokensPerSecond!.Value / usual.EffectiveTokensPerSecond!.Value;
        Assert.InRange(kept, 0.955, 0.975);
        Assert.True(often.MillionTokens!.Value.Value > usual.MillionTokens!.Value.Value * 1.02);
        Assert.Contains(usual.Economics.MillionTokensDrivers, d => d.Figure.Key == "cutsPerThousandKilometers" && d.High > d.Low);
        Assert.Contains(usual.Economics.MillionTokensDrivers, d => d.Figure.Key == "cutRepair");
        Assert.DoesNotContain(usual.Economics.HourDrivers, d => d.Figure.Key == "cutsPerThousandKilometers");
    }

    [Fact]
    public void A_job_may_wait_for_a_site_that_is_gone()
    {
        SitesTogether Of(string recovery) => Designs.Evaluate(Designs.Text(TwoSites) + recovery + "routeAssumptions: { basedOn: default, cutsPerThousandKilometers: 60 /yr }\n").Together!;
        var (goes, waits) = (Of(""), Of("recovery: { onLostSite: wait }\n"));
        Assert.IsType<SynchronousDataParallel>(goes.Method!.Method);
        Assert.True(waits.Failures!.Shares[1].Share > 0.05);
        Assert.Equal(0, goes.Failures!.Shares[1].Share, 1e-4);
        // Half of the pace while the route is down, against nothing.
        Assert.InRange(1 - (waits.Failures.Effective / goes.Failures.Effective), 0.02, 0.04);
        Assert.InRange(waits.Failures.Effective / new RenewalSimulation(waits.Reliability!).Run(Year, 200, 3).Effective, 0.98, 1.02);
    }

    /// <summary>Every method of the field on three sites with four routes: closed form and simulation.</summary>
    [Fact]
    public void All_methods_on_a_triangle_agree_with_their_simulation()
    {
        var document = DesignDocument.Parse(Designs.Text(ThreeSites) + "routeAssumptions: { basedOn: default, cutsPerThousandKilometers: 30 /yr, siteFailures: 5 /yr }\n", "d.yaml");
        var plan = SitesPlan.Of(document, Evaluator);
        var failures = SiteFailures.Of(plan, document.Design.RouteAssumptions!);
        foreach (var method in plan.Methods.Where(m => m.Forecast is not null))
        {
            var model = SitesTogether.ReliabilityOf(plan, failures, method);
            Assert.Equal(4 + 3, model.Outages!.Parts.Count);
            Assert.InRange(model.Forecast().Effective / new RenewalSimulation(model).Run(Year, 200, 5).Effective, 0.98, 1.02);
        }
        // Local steps don't stop for a cut, only for a third failure beside two; what sums every step stops for each site that is gone.
        Assert.InRange(failures.OutagesOf("diloco").LongRun(failures.Processes).Stops, 0, 1e-8);
        Assert.InRange(failures.OutagesOf("data-parallel").LongRun(failures.Processes).Stops * 31557600, 14, 25);
    }

    [Fact]
    public void More_parts_than_can_be_told_apart_are_refused() =>
        Assert.Throws<ArgumentException>(() => new OutageStates([.. Enumerable.Range(0, 65).Select(i => $"{i}")], [new(0, 1, 1, 1)], Duration.Zero));
}
