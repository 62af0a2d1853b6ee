// Between sites.
//
//   C20   capacity of one fibre pair by the GN model (LineDesign.cs) over 80 to 2,000 km of ordinary fibre, amplifiers every 80 km
//   C21   compute utilisation of synchronous, local-step and streaming methods against distance and against bandwidth (Workloads/Sites)
//   C30   rate of the job with a better line, a better method, and both, from a thin line and the synchronous method

using Lightloom.Catalog;
using Lightloom.Optics.Lines;
using Lightloom.Planning.MultiSite;
using Lightloom.Quantities;
using Lightloom.Workloads.Sites;

namespace Lightloom.Planning.Claims;

/// <summary>Claims about lines between sites and training over them; see the head of this file.</summary>
static class WideAreaClaims
{
    const double Tens = 10; // Tb/s
    const double Survives = 0.9; // utilisation
    const double Fairwater = 1578; // km of fibre: 700 miles x 1.4

    static LineRequest Request(ClaimContext context, double kilometers)
    {
        var defaults = context.Catalog.Get<RouteDefaults>("default");
        return new()
        {
            Fibre = context.Catalog.Get<Fibre>(SiteStudy.OrdinaryFibre),
            Length = Length.FromKilometers(kilometers),
            Span = defaults.Span.Value,
            Amplifiers = LineAmplifierKind.InLine(context.Catalog),
            Modes = [.. context.Catalog.All<CoherentTransceiver>().Select(CoherentMode.Of).OfType<CoherentMode>()],
            Margin = defaults.Margin.Value,
            ConnectorLoss = defaults.ConnectorLoss.Value,
            MultiplexerLoss = defaults.MultiplexerLoss.Value,
        };
    }

    public static ClaimAnswer Capacity(ClaimContext context, Claim claim)
    {
        var request = Request(context, 80);
        double[] distances = [80, 240, 400, 800, 1600, 2400];
        var reaches = LineDesign.Reaches(request, request.Span);
        double At(double kilometers) => reaches.Where(r => r.Reach.Kilometers >= kilometers).Select(r => CapacityOf(r.Mode)).DefaultIfEmpty(0).Max();
        var farthest = reaches.Where(r => CapacityOf(r.Mode) >= Tens).Max(r => r.Reach.Kilometers);
        var (near, last) = (LineDesign.Of(request), reaches[0]);
        var at = distances.Select(d => At(d)).ToList();
        var holds = at.All(c => c >= Tens);
        return new()
        {
            Claim = claim,
            Verdict = holds ? ClaimVerdict.Holds : at[0] < Tens ? ClaimVerdict.DoesNotHold : ClaimVerdict.HoldsIf,
            Condition = holds || at[0] < Tens ? "" : $"the line is no longer than {farthest:N0} km without regenerators",
            Reason = $"One pair of ordinary fibre carries {at[0]:0.0} Tb/s each way in the C band over 80 km and {At(400):0.0} over 400 km, by Gaussian-noise model with a margin of {request.Margin}. Farther out modes of lower rate take over: {At(800):0.0} Tb/s over 800 km, {At(1600):0.0} over 1,600; below 10 Tb/s from {farthest:N0} km on, and {last.Reach.Kilometers:N0} km is as far as any of the catalogue goes ({last.Mode.Name}).",
            Figures =
            [
                .. distances.Select((d, i) => new ClaimFigure($"a pair over {d:N0} km", at[i], "Tb/s")),
                .. reaches.Where(r => r.Spans > 0).Select(r => new ClaimFigure($"reach of {r.Mode.Name}", r.Reach.Kilometers, "km")),
                new("Shannon's limit of 80 km", near.Verdict.ShannonCapacity.BitsPerSecond / 1e12, "Tb/s"),
            ],
            On = [$"fibre {request.Fibre.Key}", "amplifiers and coherent modules of the catalogue"],
            Assumptions = [$"amplifiers every {request.Span}, {request.ConnectorLoss} a connector, {request.Margin} of margin, 4.8 THz filled; figures of modules beyond 400ZR are recalled, those of modes of lower rate the OpenROADM MSA's; dispersion beyond a mode's table counts as not borne"],
            Flips = [new("length of the line", farthest, "km", "beyond it a pair carries less than 10 Tb/s without regenerators")],
            Weakest = Grade.Assumption,
        };

        static double CapacityOf(CoherentMode mode)
        {
            var band = new CapacityRequest { Modes = [] };
            return Math.Floor((band.BandHigh.Hertz - band.BandLow.Hertz) / mode.Spacing.Hertz * (1 + 1e-12)) * mode.Rate.BitsPerSecond / 1e12;
        }
    }

    static SitesPlan Plan(ClaimContext context) =>
        SitesPlan.Of(context.Design is { Design: { Job: not null, Sites.Count: > 1 } } own ? own : context.Example("two-sites-h100"), context.Evaluator);

    public static ClaimAnswer Synchronous(ClaimContext context, Claim claim)
    {
        var plan = Plan(context);
        var (work, network) = (plan.Study.Work, plan.Study.Network);
        var fibre = context.Catalog.Get<Fibre>(SiteStudy.OrdinaryFibre);
        var exact = plan.Methods.First(m => m.Method is SynchronousDataParallel).Method;
        var streaming = plan.Methods.First(m => m.Method is StreamingDiLoCo and not EagerUpdates).Method;
        var wide = Bandwidth.FromBitsPerSecond(LineDesign.Of(Request(context, 400)).PairCapacity.BitsPerSecond);
        double Share(ISiteMethod method, Bandwidth bandwidth, double kilometers) => method.Predict(work, network.With(SiteStudy.DelayOf(Length.FromKilometers(kilometers), 1, fibre)).With(bandwidth)).Utilisation;
        var thin = Bandwidth.FromGigabitsPerSecond(10);
        var atWidth = Share(exact, wide, Fairwater);
        var need = BandwidthNeed.For(exact, work, network.With(SiteStudy.DelayOf(Length.FromKilometers(Fairwater), 1, fibre)), Survives);
        var distance = Threshold.Of(1, SiteStudy.LongestMeters / 1000, d => Share(exact, wide, d) >= Survives, 1e-4);
        var survives = atWidth >= Survives;
        var streams = Share(streaming, thin, Fairwater);
        return new()
        {
            Claim = claim,
            Verdict = !survives && streams >= Survives ? ClaimVerdict.Holds : need is { } least && streams >= Survives ? ClaimVerdict.HoldsIf : ClaimVerdict.DoesNotHold,
            Condition = survives && need is { } n ? $"sites have less than {n.ToString("G3")} between them: it is bandwidth that decides, not the round trip" : "",
            Reason = $"Over {Fairwater:N0} km synchronous data parallelism keeps {100 * atWidth:0.0} % of compute on one lit fibre pair ({wide.ToString("G3")}), and {100 * Share(exact, thin, Fairwater):0.0} % at 10 Gb/s; streaming local steps keep {100 * streams:0.0} % at 10 Gb/s. " +
                $"The round trip of {2 * Fairwater * fibre.Delay.Value.SecondsPerMeter * 1e6:0.0} ms is small against a step of {work.Step.ToString("G3")}.",
            Figures =
            [
                .. ((double[])[0.1, 100, 1000, Fairwater, 5000]).Select(d => new ClaimFigure($"synchronous, a fibre pair, {d:N0} km", 100 * Share(exact, wide, d), "%")),
                .. ((double[])[0.1, 100, 1000, Fairwater, 5000]).Select(d => new ClaimFigure($"synchronous, 10 Gb/s, {d:N0} km", 100 * Share(exact, thin, d), "%")),
                new($"DiLoCo, 10 Gb/s, {Fairwater:N0} km", 100 * Share(plan.Methods.First(m => m.Method is DiLoCo).Method, thin, Fairwater), "%"),
                new($"streaming, 10 Gb/s, {Fairwater:N0} km", 100 * streams, "%"),
            ],
            On = [plan.Study.Name],
            Assumptions = ["survives: 90 % of what the accelerators do in one site; loss curves of local-step methods are their authors' word"],
            Flips =
            [
                new("bandwidth between the sites", need?.GigabitsPerSecond, "Gb/s", need is null ? "delays alone keep it below 90 %" : "from it on synchronous training keeps 90 % and the claim is wrong"),
                new("distance on one lit fibre pair", distance, "km", distance is null ? "up to half of the earth's circumference" : "from it on the round trip alone costs a tenth"),
            ],
            Weakest = Grade.Estimate,
        };
    }

    public static ClaimAnswer Both(ClaimContext context, Claim claim)
    {
        var plan = Plan(context);
        var (work, network) = (plan.Study.Work, plan.Study.Network);
        var exact = plan.Methods.First(m => m.Method is SynchronousDataParallel).Method;
        var streaming = plan.Methods.First(m => m.Method is StreamingDiLoCo and not EagerUpdates).Method;
        double Share(ISiteMethod method, double gigabits) => method.Predict(work, network.With(Bandwidth.FromGigabitsPerSecond(gigabits))).Utilisation;
        // Where the two change places as what pays: below, a line ten times as wide is worth less than the method; above, more.
        var (low, high) = (BandwidthNeed.For(streaming, work, network, Survives)!.Value.GigabitsPerSecond, BandwidthNeed.For(exact, work, network, Survives)?.GigabitsPerSecond);
        var thin = low / 2;
        var (neither, line, method, both) = (Share(exact, thin), Share(exact, 10 * thin), Share(streaming, thin), Share(streaming, 10 * thin));
        var needed = neither < Survives && line < Survives && method < Survives && both >= Survives;
        return new()
        {
            Claim = claim,
            Verdict = needed ? ClaimVerdict.HoldsIf : ClaimVerdict.DoesNotHold,
            Condition = needed ? $"sites have less than {low:0.###} Gb/s between them; from there on a local-step method alone is enough" + (high is { } h ? $", and from {h:N0} Gb/s on the line alone" : "") : "",
            Reason = $"At {thin:0.###} Gb/s synchronous training keeps {100 * neither:0.0} %; a line ten times as wide alone makes it {100 * line:0.0} %, a streaming method alone {100 * method:0.0} %, both {100 * both:0.0} %.",
            Figures =
            [
                new("thin line, synchronous", 100 * neither, "%"),
                new("line ten times as wide alone", 100 * line, "%"),
                new("streaming method alone", 100 * method, "%"),
                new("both", 100 * both, "%"),
                new("bandwidth for 90 %, streaming", low, "Gb/s"),
                .. high is { } need ? (ClaimFigure[])[new("bandwidth for 90 %, synchronous", need, "Gb/s")] : [],
            ],
            On = [plan.Study.Name],
            Assumptions = ["works: 90 % of what the accelerators do in one site; the method's price in quality is its authors' word and not counted"],
            Flips =
            [
                new("bandwidth between the sites", low, "Gb/s", "from it on the method alone is enough"),
                new("bandwidth between the sites", high, "Gb/s", high is null ? "delays keep synchronous training below 90 %" : "from it on the line alone is enough"),
            ],
            Weakest = Grade.Estimate,
        };
    }
}
