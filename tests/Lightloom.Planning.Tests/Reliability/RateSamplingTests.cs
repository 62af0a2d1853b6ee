using CsCheck;
using Lightloom.Catalog;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;
using MathNet.Numerics.Distributions;

namespace Lightloom.Planning.Tests.Reliability;

public sealed class RateSamplingTests
{
    static readonly Duration Year = Duration.FromSeconds(31557600);

    static RateCause Cause(string key, double value, double low, double high) =>
        new(key, key, new(FailureRate.FromPerYear(value), FailureRate.FromPerYear(low), FailureRate.FromPerYear(high), null, "test", Grade.Measured));

    static FailureProcess Stops(double perYear, RateCause? cause, double count = 1000) =>
        new("parts", FailureKind.HardFailure, FailureConsequence.Interrupts, count, FailureRate.FromPerYear(perYear), "test", Grade.Measured) { Cause = cause };

    static ReliabilityModel Model(params FailureProcess[] processes) => new() { Processes = processes, CheckpointWrite = Duration.FromSeconds(60), Restart = Duration.FromMinutes(10) };

    /// <summary>Published figure of a count: the exact (Garwood) interval of 7 events is 3.29 to 13.15 at nine in ten; Jeffreys' lies inside it and about as wide.</summary>
    [Fact]
    public void Few_events_leave_more_open_than_many()
    {
        var few = CountedRate.Of(7);
        Assert.InRange(few.Quantile(0.05), 3.29 / 7, 0.6);
        Assert.InRange(few.Quantile(0.95), 1.5, 13.15 / 7);
        Assert.Equal(1, few.Quantile(0.5), 1e-3);
        var many = CountedRate.Of(282);
        // About 1.645/sqrt(n) on either side.
        Assert.Equal(1 - (1.645 / Math.Sqrt(282)), many.Quantile(0.05), 0.01);
        Assert.Equal(1 + (1.645 / Math.Sqrt(282)), many.Quantile(0.95), 0.01);
    }

    /// <summary>The quantiles between the tabulated ones are those of the distribution itself.</summary>
    [Fact]
    public void Tabulated_quantiles_are_the_distribution_s() =>
        Gen.Select(Gen.Double[0, 400], Gen.Double[0.01, 0.99]).Sample((events, share) =>
        {
            var gamma = new Gamma(events + 0.5, 1);
            Assert.Equal(gamma.InverseCumulativeDistribution(share) / gamma.InverseCumulativeDistribution(0.5), CountedRate.Of(events).Quantile(share), 2e-3 * (1 + (10 / (events + 0.5))));
        });

    [Fact]
    public void A_counted_figure_is_as_wide_as_the_wider_of_range_and_count() =>
        Gen.Select(Gen.Double[0, 1], Gen.Double[0, 9], Gen.Double[0.001, 0.999]).Sample((below, above, share) =>
        {
            var ranged = Cause("x", 1, 1 - below, 1 + above).Figure;
            var both = ranged with { Counted = CountedRate.Of(20) };
            var (r, c, b) = (ranged.Quantile(share), CountedRate.Of(20).Quantile(share), both.Quantile(share));
            Assert.Equal(share < 0.5 ? Math.Min(r, c) : Math.Max(r, c), b, 1e-12);
            Assert.True(both.Least <= ranged.Least && both.Most >= ranged.Most);
        });

    [Fact]
    public void Rates_of_the_catalogue_know_their_counts_and_those_of_a_design_do_not()
    {
        var llama = Designs.Example(Designs.Llama);
        var processes = llama.Operation!.ModelOf(llama.Outcome!.Value.Step, new()).Processes;
        double? Events(string key) => processes.First(p => p.Cause?.Key == key).Cause!.Events;
        Assert.Equal((282, 6, 95, 7), (Events("acceleratorInterruptions"), Events("silentErrors"), Events("otherInterruptions"), Events("nicFailures")));
        Assert.Equal(3600, Events("switchFailures"));
        Assert.Null(Events("stragglers"));
        // Events over the rate are the accelerator-years of the run: 16,384 for 54 days.
        foreach (var key in new[] { "acceleratorInterruptions", "silentErrors", "otherInterruptions", "nicFailures" })
            Assert.InRange(Events(key)!.Value / processes.First(p => p.Cause?.Key == key).Cause!.Rate.Value.PerYear / (16384 * 54 / 365.25), 0.998, 1.002);
        var own = Designs.Example(Designs.Llama, ("basedOn: default,", "basedOn: default, nicFailures: 0.01 /yr,"));
        var card = own.Operation!.ModelOf(own.Outcome!.Value.Step, new()).Processes.First(p => p.Name == "network cards");
        Assert.Null(card.Cause!.Events);
        Assert.True(card.Cause.Figure.IsCertain);
        Assert.Contains("network cards", new RateSampling(own.Operation.ModelOf(own.Outcome.Value.Step, new())).Certain);
    }

    /// <summary>With no other rate, samples of the share are shares at samples of the rate: ends of nine in ten lie where the rate's do.</summary>
    [Fact]
    public void A_single_rate_s_range_goes_through_the_closed_form()
    {
        var cause = Cause("x", 1, 0.5, 4);
        var model = Model(Stops(1, cause));
        var sampling = new RateSampling(model, 4000);
        double At(double perYear) => (model with { CheckpointInterval = model.Interval, Processes = [Stops(perYear, cause)] }).Forecast().Effective;
        Assert.Equal(At(cause.Figure.Quantile(0.95)), sampling.Low, 0.004);
        Assert.Equal(At(cause.Figure.Quantile(0.05)), sampling.High, 0.002);
        Assert.InRange(sampling.MostInterruptions.PerYear / (1000 * cause.Figure.Quantile(0.95)), 0.97, 1.03);
        var driver = Assert.Single(sampling.Drivers);
        Assert.Equal((At(0.5), At(4)), (driver.Low, driver.High), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-9 && Math.Abs(a.Item2 - b.Item2) < 1e-9);
    }

    [Fact]
    public void Rates_that_rest_on_one_figure_move_together_and_seeds_repeat()
    {
        var cause = Cause("x", 1, 0.5, 4);
        var (a, b) = (new RateSampling(Model(Stops(1, cause, 500), Stops(1, cause, 500))), new RateSampling(Model(Stops(1, cause))));
        Assert.Equal((b.Low, b.High), (a.Low, a.High), (x, y) => Math.Abs(x.Low - y.Low) < 1e-9 && Math.Abs(x.High - y.High) < 1e-9);
        var apart = new RateSampling(Model(Stops(1, cause, 500), Stops(1, Cause("y", 1, 0.5, 4), 500)));
        Assert.True(apart.High - apart.Low < a.High - a.Low);
        Assert.Equal(new RateSampling(Model(Stops(1, cause)), 100, 9).Low, new RateSampling(Model(Stops(1, cause)), 100, 9).Low);
        Assert.NotEqual(new RateSampling(Model(Stops(1, cause)), 100, 9).Low, new RateSampling(Model(Stops(1, cause)), 100, 10).Low);
        var certain = new RateSampling(Model(Stops(1, null)));
        Assert.Equal((certain.Value, certain.Value), (certain.Low, certain.High));
        Assert.Equal(["parts", "time to write a checkpoint", "restart"], certain.Certain);
    }

    /// <summary>The factors that no rate changes leave every process's closed form as it is, and the forecast's product is its own.</summary>
    [Fact]
    public void Without_factors_nothing_changes()
    {
        foreach (var example in new[] { Designs.Llama, Designs.SuperPod, Designs.CoPackaged })
        {
            var e = Designs.Example(example);
            var model = e.Operation!.ModelOf(e.Outcome!.Value.Step, new());
            var figures = new ReliabilityFigures(model);
            Assert.Equal(model.Forecast().Effective, figures.EffectiveOf([.. figures.Figures.Select(f => f.Value)]), 1e-12);
            Assert.Equal(model.Forecast().Effective, figures.EffectiveOf([]), 1e-12);
            // Every figure doubled: what moves with it is, one by one, and the closed form is that of the doubled job.
            double[] twice = [.. figures.Figures.Select(f => 2 * f.Value)];
            var doubled = figures.With(twice);
            Assert.Equal(doubled.Forecast().Effective, figures.EffectiveOf(twice), 1e-12);
            Assert.Equal(doubled.Forecast().AllInterruptions.PerSecond, figures.StopsOf(twice).PerSecond, 1e-15);
        }
    }

    /// <summary>Times to notice, to restart and to write are drawn in the catalogue's ranges; those that a design says aren't, and are named.</summary>
    [Fact]
    public void Times_of_the_catalogue_are_drawn_and_those_of_a_design_are_not()
    {
        var llama = Designs.Example(Designs.Llama);
        var drawn = new RateSampling(llama.Operation!.ModelOf(llama.Outcome!.Value.Step, new()));
        foreach (var key in new[] { "detection", "restart", "checkpointBandwidth", "silentDetection", "stragglerDetection", "stragglerSlowdown" })
            Assert.Contains(drawn.Drivers, d => d.Figure.Key == key && d.Swing > 0);
        // Longer to notice and to restart is worse; more bandwidth for checkpoints is better.
        Assert.True(Of("restart").High < Of("restart").Low);
        Assert.True(Of("checkpointBandwidth").High > Of("checkpointBandwidth").Low);
        Assert.DoesNotContain(drawn.Certain, c => c.Contains("notice", StringComparison.Ordinal));
        Assert.Contains(llama.Economics.MillionTokensDrivers, d => d.Figure.Key == "restart");

        var own = Designs.Example(Designs.Llama, ("basedOn: default,", "basedOn: default, restart: 10 min, detection: 1 min,"));
        var certain = new RateSampling(own.Operation!.ModelOf(own.Outcome!.Value.Step, new()));
        Assert.DoesNotContain(certain.Drivers, d => d.Figure.Key is "restart" or "detection");
        Assert.Contains("restart", certain.Certain);
        Assert.Contains("time to notice accelerators and hosts", certain.Certain);
        Assert.True(certain.High - certain.Low < drawn.High - drawn.Low);

        RateDriver Of(string key) => drawn.Drivers.Single(d => d.Figure.Key == key);
    }

    /// <summary>Few spares: how long systems stand out for repair moves the share; with none counted it doesn't.</summary>
    [Fact]
    public void Repairs_of_systems_count_where_spares_are_few()
    {
        var llama = Designs.Example(Designs.Llama);
        var model = llama.Operation!.ModelOf(llama.Outcome!.Value.Step, new());
        Assert.DoesNotContain(new RateSampling(model, 100).Drivers, d => d.Figure.Key == "systemRepair");
        var few = model with { Spares = 12 };
        var driver = new RateSampling(few, 100).Drivers.Single(d => d.Figure.Key == "systemRepair");
        // Hours or two weeks until a system is back, by the pool itself.
        ReliabilityModel Repaired(double factor) => few with { CheckpointInterval = few.Interval, Processes = [.. few.Processes.Select(p => p.RepairFigure?.Key == "systemRepair" ? p with { Repair = p.Repair * factor } : p)] };
        Assert.Equal(Repaired(1.0 / 6).Forecast().Effective, driver.Low, 1e-12);
        Assert.Equal(Repaired(14).Forecast().Effective, driver.High, 1e-12);
        Assert.True(driver.High < driver.Low);
    }

    /// <summary>With no other figure, ends of the share's range lie where the restart's do.</summary>
    [Fact]
    public void A_single_time_s_range_goes_through_the_closed_form()
    {
        var figure = Lightloom.Planning.Costs.CostFigure.OfTime("restart", "restart", new(Duration.FromMinutes(15), Duration.FromMinutes(5), Duration.FromMinutes(40), null, "test", Grade.Assumption));
        var model = Model(Stops(1, null)) with { Restart = Duration.FromMinutes(15), RestartFigure = figure };
        var sampling = new RateSampling(model, 4000);
        double At(double minutes) => (model with { CheckpointInterval = model.Interval, Restart = Duration.FromMinutes(minutes) }).Forecast().Effective;
        Assert.Equal(At(figure.Quantile(0.95)), sampling.Low, 0.003);
        Assert.Equal(At(figure.Quantile(0.05)), sampling.High, 0.003);
        Assert.Equal((At(5), At(40)), (sampling.Drivers[0].Low, sampling.Drivers[0].High), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-9 && Math.Abs(a.Item2 - b.Item2) < 1e-9);
        // Played out with times drawn for each run.
        var runs = new RenewalSimulation(model).Run(Year, 300, 3, rates: sampling);
        Assert.InRange(runs.Effective - sampling.Mean, (-5 * runs.StandardError) - 2e-3, (5 * runs.StandardError) + 2e-3);
    }

    [Fact]
    public void Runs_that_draw_their_rates_agree_with_the_samples_of_the_closed_form_and_spread_wider()
    {
        var model = Model(Stops(1, Cause("x", 1, 0.5, 4), 500));
        var rates = new RateSampling(model, 2000);
        RenewalSimulation simulation = new(model);
        var (known, drawn) = (simulation.Run(Year, 400, 3), simulation.Run(Year, 400, 3, rates: rates));
        Assert.InRange(drawn.Effective - rates.Mean, (-5 * drawn.StandardError) - 2e-3, (5 * drawn.StandardError) + 2e-3);
        Assert.True(drawn.StandardError > 2 * known.StandardError);
        Assert.Equal(drawn.Runs, simulation.Run(Year, 400, 3, workers: 2, rates: rates).Runs);
        Assert.True(drawn.DrewRates);
        Assert.False(known.DrewRates);
    }

    [Fact]
    public void Costs_draw_rates_and_powers_and_keep_their_values()
    {
        var e = Designs.Example(Designs.Llama);
        var cost = e.Economics;
        Assert.Equal(e.Power.InUse.Watts, cost.Model.Value.InUse.Watts, 1e-6 * e.Power.InUse.Watts);
        Assert.Equal(e.Power.Provisioned.Watts, cost.Provisioned.Value.Watts, 1e-6 * e.Power.Provisioned.Watts);
        Assert.Equal(1, cost.Model.Value.Lost, 1e-12);
        Assert.True(cost.InUse.Low < cost.InUse.Value && cost.InUse.Value < cost.InUse.High);
        Assert.Contains(cost.MillionTokensDrivers, d => d.Figure.Key == "acceleratorInterruptions" && d.High > d.Low);
        Assert.Contains(cost.HourDrivers, d => d.Figure.Key == "dgx-h100.host.power" || d.Figure.Key.EndsWith(".host.power", StringComparison.Ordinal));
        // An accelerator-hour costs the same however often the job is interrupted.
        Assert.DoesNotContain(cost.HourDrivers, d => d.Figure.Key == "acceleratorInterruptions");
        Assert.Contains("h100-sxm-80gb", cost.PowerWithoutRange);
        foreach (var item in e.Power.Items) Assert.Equal(item.Provisioned.Watts, item.Parts.Sum(p => p.Count * p.Each.Value.Watts), 1e-6 * Math.Max(1, item.Provisioned.Watts));
    }

    /// <summary>Energy with one part's power at its end: that part's watts more, by hand.</summary>
    [Fact]
    public void A_part_that_draws_more_costs_its_energy_and_its_building()
    {
        var e = Designs.Example(Designs.SuperPod);
        var model = e.Economics.Model;
        double[] values = [.. model.Figures.Select(f => f.Value)];
        var at = model.Figures.ToList().FindIndex(f => f.Key == "qm9700.power");
        var box = PartCatalog.Default.Get<Switch>("qm9700").Power!.Value;
        values[at] = box.High.Watts;
        var more = e.Build.Plan.SwitchCount * (box.High - box.Value).Watts;
        var (high, value, site) = (model.At(values), model.Value, e.Build.Site);
        Assert.Equal(more, (high.InUse - value.InUse).Watts, 1e-6);
        Assert.Equal(more * site.PowerUsageEffectiveness.Value * 8.766 * site.Electricity.Value.DollarsPerKilowattHour, (high.Energy - value.Energy).Dollars, 1e-3);
        Assert.Equal(more * site.FacilityPerWatt.Value.Dollars, (high.Capital - value.Capital).Dollars, 1e-3);
    }
}
