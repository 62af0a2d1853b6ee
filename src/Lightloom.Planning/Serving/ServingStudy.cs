// What a design's cluster serves: degrees that were given or the best ones, answers at a rate, and the largest rate.
//
//   degrees   those that divide what they split and whose copies fill the pool; of several that fit, the one with the largest rate within the objectives,
//             then with the shortest time per token for a request that comes alone
//   network   the design's, as collectives find it (CollectiveNetwork.cs), all of it in use
//   memory    an accelerator's times the share that the software uses, less what the software stack takes

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics;
using Lightloom.Workloads.Serving;

namespace Lightloom.Planning.Serving;

/// <summary>A design as a server of a model; see the head of this file.</summary>
/// <param name="Name">The design's name.</param>
/// <param name="Section">What is served.</param>
/// <param name="System">The copies; null where none fits.</param>
/// <param name="Problem">Why it can't be served, and what would mend it; null where it can.</param>
public sealed record ServingStudy(string Name, ServingSection Section, ServingSystem? System, string? Problem)
{
    /// <summary>Accelerators of the design.</summary>
    public required int Accelerators { get; init; }

    /// <summary>Share of the largest rate at each of the curve's points.</summary>
    public static IReadOnlyList<double> CurveShares { get; } = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

    /// <summary>The rate that is asked about; 0 where nothing can be served.</summary>
    public double RequestsPerSecond { get; init; }

    /// <summary>What requests can't exceed for long.</summary>
    public ServingLimit Limit { get; init; }

    /// <summary>The largest rate within the objectives; the limit where there are none.</summary>
    public ServingLimit Largest { get; init; }

    /// <summary>A request that comes alone.</summary>
    public ServingForecast Alone { get; init; }

    /// <summary>The answer at the rate.</summary>
    public ServingForecast Answer { get; init; }

    /// <summary>The same played out; null where the queue grows or nothing arrives.</summary>
    public SimulatedServing? Simulated { get; init; }

    /// <summary>Answers up to the limit.</summary>
    public IReadOnlyList<ServingForecast> Curve { get; init; } = [];

    /// <summary>Whether it works as it stands: the model fits, the queue stays finite, the objectives are kept.</summary>
    public bool Works => System is not null && Answer.IsStable && RequestsPerSecond <= Largest.RequestsPerSecond * (1 + 1e-9) && Largest.RequestsPerSecond > 0;

    /// <summary>Tokens of answers per second of each accelerator at the rate; at most those of the limit.</summary>
    public double TokensPerSecondPerAccelerator => Math.Min(RequestsPerSecond, Limit.RequestsPerSecond) * Section.Output / Accelerators;

    // Those with the highest limits first: no system keeps objectives at a rate beyond its limit.
    static (ServingSystem System, ServingLimit Largest) Best(List<ServingSystem> systems, ServingObjectives objectives)
    {
        (ServingSystem System, ServingLimit Largest)? best = null;
        foreach (var (system, limit) in systems.Select(s => (s, Limit: s.Limit().RequestsPerSecond)).OrderByDescending(s => s.Limit))
        {
            if (best is { } found && limit < found.Largest.RequestsPerSecond) break;
            var largest = system.LargestRate(objectives.FirstToken, objectives.PerToken);
            if (best is not { } b || largest.RequestsPerSecond > b.Largest.RequestsPerSecond
                || (largest.RequestsPerSecond == b.Largest.RequestsPerSecond && system.At(0).PerToken.Seconds < b.System.At(0).PerToken.Seconds)) best = (system, largest);
        }
        return best!.Value;
    }

    // A copy with thousands of sequences fills slowly: a dozen answers' worth of requests, of which the first fifth isn't counted.
    static int RequestsFor(ServingForecast answer) => (int)Math.Clamp(12 * answer.Batch, ServingSimulation.UsualRequests, 100_000);

    /// <summary>The study of a design that serves a model.</summary>
    /// <param name="document">The design.</param>
    /// <param name="requestsPerSecond">The rate; the design's where null.</param>
    /// <param name="catalog">Where its parts are looked up; what ships unless given.</param>
    /// <param name="simulate">Whether it is played out as well.</param>
    /// <exception cref="InputException">The design has no section 'serving', or asks for what can't be.</exception>
    public static ServingStudy Of(DesignDocument document, double? requestsPerSecond = null, PartCatalog? catalog = null, bool simulate = true)
    {
        ArgumentNullException.ThrowIfNull(document);
        catalog ??= PartCatalog.Default;
        var design = document.Design;
        if (design.Serving is not { } section) throw new InputException($"'{design.Name}' serves no model; expected a section 'serving'");
        if (section.Model.Contradiction() is { } wrong) throw document.Wrong($"serving.model.{wrong.Key}", wrong.Problem);
        if (section.Model.Bidirectional) throw document.Wrong("serving.model", "an encoder answers in one pass and doesn't decode; expected a model whose attention is causal");
        if (section.Model.Pattern is not null)
            throw document.Wrong("serving.model", "serving of layers in a pattern, state spaces among them, is not modelled; expected a model of equal blocks");
        if (section.Model.Experts?.LatentSize is not null) throw document.Wrong("serving.model", "serving of experts in a space of their own is not modelled");
        var (objectives, rate) = (section.Objectives, requestsPerSecond ?? section.RequestsPerSecond);
        if (rate is null && objectives is { FirstToken: null, PerToken: null })
            throw document.Wrong("serving", "expected 'requestsPerSecond', or 'objectives' that say how fast answers are to be");
        var build = ClusterBuild.Of(document, catalog, new LinkEngineer(catalog));
        var systems = new ServingPools(document, section, build).Systems();
        var study = new ServingStudy(design.Name, section, null, null) { Accelerators = (int)build.Plan.AcceleratorCount };
        if (systems.Count == 0) return study with { Problem = ServingPools.WhyNothingFits(section, build), RequestsPerSecond = rate ?? 0 };
        var (best, largest) = Best(systems, objectives);
        var limit = best.Limit();
        var asked = rate ?? largest.RequestsPerSecond;
        var answer = best.At(asked);
        return study with
        {
            System = best,
            RequestsPerSecond = asked,
            Limit = limit,
            Largest = largest,
            Alone = best.At(0),
            Answer = answer,
            Simulated = simulate && answer.IsStable && asked > 0 ? ServingSimulation.Run(best, asked, RequestsFor(answer)) : null,
            Curve = [.. CurveShares.Select(s => best.At(s * limit.RequestsPerSecond))],
        };
    }
}
