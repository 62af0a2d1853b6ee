// How many accelerators at which site, of as many as there are in all.
//
//   in one place     the whole job on all accelerators of one site: what distance is measured against
//   one site alone   the job on what the largest site has by itself: whether the others pay at all
//   splits           the first site with so many eighths of all, the others alike; splits that break whole systems, the batch or the job's degrees are
//                    named with their reason. Each is evaluated anew, with its own step inside every site, stages and routes

using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.MultiSite;

/// <summary>Accelerators over sites, with what the job makes of them.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Accelerators">Accelerators of each site; one figure where there is one site.</param>
/// <param name="Exact">The fastest method whose sums are those of one site; null for one site, or where none can be applied.</param>
/// <param name="Fastest">The fastest method of all; likewise.</param>
/// <param name="TokensPerSecond">The rate of the fastest exact method, or of the site alone; 0 where it can't be.</param>
/// <param name="Reason">Why it can't be; null where it can.</param>
public sealed record SiteSplit(string Name, IReadOnlyList<long> Accelerators, MethodPlan? Exact, MethodPlan? Fastest, double TokensPerSecond, string? Reason);

/// <summary>Ways to spread a design's accelerators over its sites; see the head of this file.</summary>
public static class SiteSplits
{
    const int Parts = 8;

    /// <summary>Tries them.</summary>
    /// <param name="document">The design.</param>
    /// <param name="evaluator">Evaluates sites.</param>
    /// <param name="plan">The plan of the design as it stands.</param>
    public static IReadOnlyList<SiteSplit> Of(DesignDocument document, Evaluator evaluator, SitesPlan plan)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(plan);
        var design = document.Design;
        var own = plan.Study.Accelerators;
        var unit = (long)design.Accelerators.System.Accelerators;
        var splits = new List<SiteSplit>
        {
            Alone("all in one place", own.Sum()),
            Alone($"{plan.Study.Network.Sites[Largest(own)]} alone", own.Max()),
        };
        var others = own.Count - 1;
        var systems = own.Sum() / unit;
        for (var part = 1; part < Parts; part++)
        {
            var first = systems * part / Parts;
            var rest = systems - first;
            if (first < 1 || rest < others) continue;
            long[] counts = [first * unit, .. Enumerable.Range(0, others).Select(i => unit * (((i + 1) * rest / others) - (i * rest / others)))];
            if (splits.Any(s => s.Accelerators.SequenceEqual(counts))) continue;
            splits.Add(Split(counts));
        }
        return splits;

        SiteSplit Alone(string name, long accelerators)
        {
            try
            {
                var evaluation = evaluator.EvaluateBriefly(document.With(design with
                {
                    Accelerators = design.Accelerators with { Systems = (int)(accelerators / unit) },
                    Sites = null,
                    Routes = null,
                }));
                return new(name, [accelerators], null, null, evaluation.Outcome!.Value.Step.TokensPerSecond, null);
            }
            catch (InputException e)
            {
                return new(name, [accelerators], null, null, 0, e.Problem);
            }
        }

        SiteSplit Split(long[] counts)
        {
            var name = string.Join(" + ", counts.Select(c => c.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)));
            try
            {
                var made = counts.SequenceEqual(own) ? plan
                    : SitesPlan.Of(document.With(design with { Sites = [.. design.Sites!.Select((s, i) => s with { Accelerators = (int)counts[i] })] }), evaluator);
                return new(name, counts, made.FastestExact, made.Fastest, made.FastestExact?.TokensPerSecond ?? 0, null);
            }
            catch (InputException e)
            {
                return new(name, counts, null, null, 0, e.Problem);
            }
        }
    }

    static int Largest(IReadOnlyList<long> own)
    {
        var at = 0;
        for (var i = 1; i < own.Count; i++)
            if (own[i] > own[at]) at = i;
        return at;
    }
}
