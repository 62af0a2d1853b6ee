using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Workloads.Sites;

namespace Lightloom.Cli;

/// <summary><c>lightloom train sites DESIGN | --model KEY --step-time T</c>: one job over several sites, by each method, against bandwidth and distance.</summary>
static class TrainSitesCommand
{
    const int MostInnerSteps = 10_000;
    const double LeastGigabits = 0.001, MostGigabits = 1e8;

    static readonly Option<string?> Model = new("--model") { Description = "a model of the catalogue, a Hugging Face config.json or a part file, instead of a design", HelpName = "model" };
    static readonly Option<string?> StepTime = new("--step-time") { Description = "time of a step of one site by itself (0.8 s), with --model", HelpName = "time" };
    static readonly Option<string?> Sites = new("--sites") { Description = "sites, all alike, with --model; 2 unless given", HelpName = "count" };
    static readonly Option<string?> BatchTokens = new("--batch-tokens") { Description = "tokens of a step of all sites, with --model; a pipeline over sites needs it", HelpName = "tokens" };
    static readonly Option<string?> MicroBatches = new("--microbatches") { Description = "microbatches of a pipeline over sites, with --model; 64 unless given", HelpName = "count" };
    static readonly Option<string?> Distance = new("--distance") { Description = "distance between any two sites (1000km), with --model; 0 unless given", HelpName = "length" };
    static readonly Option<string?> RouteFactor = new("--route-factor") { Description = "length of the fibre over the distance, with --model; 1 unless given", HelpName = "factor" };
    static readonly Option<string?> FibreKey = new("--fibre") { Description = $"fibre of the routes, for its delay, with --model; {SiteStudy.OrdinaryFibre} unless given", HelpName = "fibre" };
    static readonly Option<string?> Bandwidths = new("--bandwidth") { Description = "Gb/s of each route in each direction: one (100) or a range to sweep (1..1000); without a design 100 unless given", HelpName = "Gb/s" };
    static readonly Option<string?> Methods = new("--method") { Description = "only these methods, with commas: data-parallel, pipeline, diloco, streaming-diloco, eager-updates", HelpName = "names" };
    static readonly Option<string?> InnerSteps = new("--inner-steps") { Description = "steps between two exchanges of a layer; 100 unless given", HelpName = "H" };
    static readonly Option<string?> Fragment = new("--fragment") { Description = "layers of a fragment; 3, or the largest divisor of the layers below it, unless given", HelpName = "layers" };
    static readonly Option<string?> Delay = new("--delay") { Description = "steps that a streamed fragment is on its way; 1 unless given", HelpName = "tau" };
    static readonly Option<string?> Format = new("--format") { Description = "number format of exchanges: fp32, bf16, fp8, int8, fp4; bf16, and fp4 where fragments are streamed, unless given", HelpName = "format" };
    static readonly Option<string?> TopK = new("--top-k") { Description = "share of the values that is sent, the largest; all unless given", HelpName = "share" };
    static readonly Option<bool> Blocking = new("--no-overlap") { Description = "data-parallel and diloco exchange after the backward pass, not beside it" };
    static readonly Option<bool> Json = new("--json") { Description = "print JSON, with units in the fields' names" };
    static readonly Option<string?> Plot = new("--plot") { Description = "draw utilisation over bandwidth to a .svg or .png file", HelpName = "file" };

    static readonly Option<string?>[] OfModel = [StepTime, Sites, BatchTokens, MicroBatches, Distance, RouteFactor, FibreKey];

    public static Command Make()
    {
        var design = new Argument<string?>("design") { Description = "a design (YAML) with a job, sites and routes", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("sites", "One job over several sites: compute utilisation against bandwidth and distance, by method.")
        {
            design, Model, StepTime, Sites, BatchTokens, MicroBatches, Distance, RouteFactor, FibreKey, Bandwidths, Methods, InnerSteps, Fragment, Delay, Format, TopK, Blocking, Json, Plot,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            if (parsed.GetValue(Plot) is { } picture) PlotFile.CheckName(picture);
            var study = Study(parsed, parsed.GetValue(design));
            var (given, sweep) = Sweep(parsed.GetValue(Bandwidths));
            if (given is { } bandwidth) study = study with { Network = study.Network.With(bandwidth) };
            var answer = SitesAnswer.Of(study, MethodsOf(parsed, study.Work.Layers), sweep);
            if (parsed.GetValue(Plot) is { } file) SitesPlot.Save(file, answer);
            if (parsed.GetValue(Json)) output.WriteLine(SitesReport.Json(answer));
            else SitesReport.Write(output, answer);
            return CommandRunner.Success;
        }));
        return command;
    }

    static SiteStudy Study(ParseResult parsed, string? design)
    {
        if (design is not null)
        {
            if (parsed.GetValue(Model) is not null) throw new InputException("--model: a design has its own model; give one of the two");
            foreach (var option in OfModel)
                if (parsed.GetValue(option) is not null) throw new InputException($"{option.Name}: a design says it itself");
            return SiteStudy.Of(ModelInput.LoadDesign(design), new());
        }
        var model = ModelInput.Of(parsed.GetValue(Model) ?? throw new InputException("'train sites' expects a design with sites, or --model and --step-time")).Model;
        var step = Read<Duration>(StepTime, parsed.GetValue(StepTime) ?? throw new InputException("--step-time: expected the time of a step of one site, such as '0.8 s', beside --model"));
        if (step.Seconds is not (> 0 and <= 1e6)) throw new InputException($"--step-time: expected a time above 0 and at most 1,000,000 s, found '{parsed.GetValue(StepTime)}'");
        var sites = parsed.GetValue(Sites) is { } count ? LinkInput.Count(Sites.Name, count, 2, SiteNetwork.MostSites) : 2;
        var work = SiteWork.Of(new Workloads.ModelSize(model), step);
        var tokens = 0.0;
        if (parsed.GetValue(BatchTokens) is { } batch)
        {
            tokens = Number(BatchTokens, batch, 1, 1e12);
            var parts = parsed.GetValue(MicroBatches) is { } m ? LinkInput.Count(MicroBatches.Name, m, 1, 1_000_000) : 64;
            work = work with { MicroBatches = parts, Boundary = SiteStudy.BoundaryOf(model, tokens / parts) };
        }
        else if (parsed.GetValue(MicroBatches) is not null)
        {
            throw new InputException("--microbatches: the tokens of a step are needed as well (--batch-tokens)");
        }
        var fibre = LinkInput.Part<Fibre>(FibreKey.Name, parsed.GetValue(FibreKey) ?? SiteStudy.OrdinaryFibre);
        var network = SiteNetwork.Alike(sites, DelayOf(parsed, fibre), Bandwidth.FromGigabitsPerSecond(100));
        return new($"{model.Name} over {sites} sites", model, work, network, tokens,
            [$"a step of one site takes {step.ToString("G4")}, backward twice the time of forward, all layers the same"])
        {
            Fibre = fibre,
        };
    }

    static Duration DelayOf(ParseResult parsed, Fibre fibre)
    {
        var distance = parsed.GetValue(Distance) is { } text ? Read<Length>(Distance, text) : Length.Zero;
        if (distance.Meters is not (>= 0 and <= SiteStudy.LongestMeters))
            throw new InputException($"--distance: expected 0 to 20,004 km, half of the earth's circumference, found '{parsed.GetValue(Distance)}'");
        var factor = parsed.GetValue(RouteFactor) is { } given ? Number(RouteFactor, given, 1, 10) : 1;
        return SiteStudy.DelayOf(distance, factor, fibre);
    }

    /// <summary>"100" is one bandwidth, "1..1000" a range.</summary>
    static (Bandwidth? Given, (double Low, double High) Sweep) Sweep(string? text)
    {
        if (text is null) return (null, (1, 1000));
        var ends = text.Split("..");
        if (ends.Length == 1)
        {
            var one = Gigabits(text, text);
            return (Bandwidth.FromGigabitsPerSecond(one), (Math.Min(1, one), Math.Max(1000, one)));
        }
        if (ends.Length != 2) throw new InputException($"--bandwidth: expected '100' or '1..1000' in Gb/s, found '{text}'");
        var high = Gigabits(ends[1], text);
        var low = Gigabits(ends[0], text);
        return low < high ? (null, (low, high)) : throw new InputException($"--bandwidth: the range '{text}' has to rise");
    }

    static double Gigabits(string part, string all)
    {
        var value = double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : Quantity.TryParse<Bandwidth>(part, out var bandwidth, out var problem) ? bandwidth.GigabitsPerSecond : throw new InputException($"--bandwidth: {problem}");
        return value is >= LeastGigabits and <= MostGigabits
            ? value
            : throw new InputException($"--bandwidth: expected {LeastGigabits} to {MostGigabits:N0} Gb/s, found '{all}'");
    }

    static List<ISiteMethod> MethodsOf(ParseResult parsed, int layers)
    {
        try
        {
            var steps = parsed.GetValue(InnerSteps) is { } h ? LinkInput.Count(InnerSteps.Name, h, 1, MostInnerSteps) : 100;
            var fragment = parsed.GetValue(Fragment) is { } f ? LinkInput.Count(Fragment.Name, f, 1, 100_000)
                : Enumerable.Range(1, 3).Last(d => layers % d == 0);
            var delay = parsed.GetValue(Delay) is { } tau ? LinkInput.Count(Delay.Name, tau, 0, MostInnerSteps) : Math.Min(1, steps);
            var format = parsed.GetValue(Format) is { } named ? ExchangeFormat.Find(named) : null;
            var share = parsed.GetValue(TopK) is { } top ? Number(TopK, top, double.Epsilon, 1) : 1;
            ExchangeFormat Of(string usual)
            {
                var made = format ?? ExchangeFormat.Find(usual);
                return share < 1 ? made.Top(share) : made;
            }
            var overlap = !parsed.GetValue(Blocking);
            ISiteMethod[] all =
            [
                new SynchronousDataParallel { Format = Of("bf16"), Overlap = overlap },
                new PipelineAcrossSites(),
                new DiLoCo { InnerSteps = steps, Format = Of("bf16"), Overlap = overlap },
                new StreamingDiLoCo { InnerSteps = steps, Fragment = fragment, Delay = delay, Format = Of("fp4") },
                new EagerUpdates { InnerSteps = steps, Fragment = fragment, Format = Of("fp4") },
            ];
            var wanted = parsed.GetValue(Methods)?.Split(',', StringSplitOptions.TrimEntries).Select(n => SiteMethods.Find(n).Name).ToHashSet();
            var chosen = all.Where(m => wanted is null || wanted.Contains(m.Name)).ToList();
            // What was asked for has to be possible; a pipeline without tokens is left out with its reason.
            foreach (var method in chosen)
                if (method is ExchangingMethod exchanging) exchanging.Schedule(layers);
            return chosen;
        }
        catch (SiteException e)
        {
            throw new InputException($"--{e.Field switch { "topK" => "top-k", "innerSteps" => "inner-steps", var field => field }}: {e.Message}");
        }
    }

    static double Number(Option<string?> option, string text, double least, double most) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new InputException(least == double.Epsilon
                ? $"{option.Name}: expected a number above 0 and at most {most}, found '{text}'"
                : $"{option.Name}: expected a number from {least:N0} to {most:N0}, found '{text}'");

    static T Read<T>(Option<string?> option, string text)
        where T : struct, IQuantity<T> =>
        Quantity.TryParse<T>(text, out var value, out var problem) ? value : throw new InputException($"{option.Name}: {problem}");
}
