// A small cluster on copper: the same systems and job on Ethernet with copper, on Ethernet with optics and on InfiniBand.
//
//   C31   the cheapest that works: every link closes, the job fits; price of the network, cost of a million tokens, tokens/s of training, requests/s of
//         serving (SmallServing.cs), and the number of systems up to which one switch and copper still do it

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Serving;

namespace Lightloom.Planning.Claims;

/// <summary>Claims about small clusters; see the head of this file.</summary>
static class SmallClusterClaims
{
    const int Said = 100;
    const double Close = 0.02; // what tokens/s and requests/s may be behind the fastest

    sealed record Small(string Name, Evaluation? Evaluation, double Requests)
    {
        public bool Works => Evaluation is { } e && e.Worst != Severity.Infeasible;

        public double Tokens => Evaluation?.Outcome?.EffectiveTokensPerSecond ?? 0;

        public double Network => Evaluation!.Economics.Capital.Where(c => c.IsNetwork).Sum(c => c.Price.Value.Dollars);
    }

    public static ClaimAnswer Copper(ClaimContext context, Claim claim)
    {
        var document = context.Example("eight-node-roce-copper");
        var design = document.Design;
        var catalog = context.Catalog;
        double Served(Design made) => SmallServing.Of(document, made, catalog).Largest.RequestsPerSecond;
        Small Of(string name, Design made)
        {
            try
            {
                return new(name, context.Evaluator.EvaluateBriefly(document.With(made)), made.Job is null ? 0 : Served(made));
            }
            catch (InputException)
            {
                return new(name, null, 0);
            }
        }
        var optics = design with { Site = design.Site with { Links = new() { Media = MediaChoice.Optics } } };
        var infiniband = optics with { Fabric = design.Fabric with { Protocol = FabricProtocol.Infiniband, Topology = "rail-optimized", Switch = catalog.Get<Switch>("qm9700") } };
        Small own = new("Ethernet with RoCE on copper", context.Evaluate(document), Served(design));
        List<Small> all = [own, Of("Ethernet with RoCE on optics", optics), Of("InfiniBand on optics", infiniband)];
        var working = all.Where(s => s.Works).ToList();
        var (fastest, busiest) = (working.Max(s => s.Tokens), working.Max(s => s.Requests));
        var cheapest = working.MinBy(s => s.Network)!;
        var enough = own.Works && own.Tokens >= fastest * (1 - Close) && own.Requests >= busiest * (1 - Close);
        // Systems up to which the same design still works.
        var each = design.Accelerators.System.Accelerators.Value;
        var (most, why) = (0, "");
        for (var systems = 1; systems <= 64; systems++)
        {
            var grown = Of("", design with
            {
                Accelerators = design.Accelerators with { Systems = systems },
                Job = null,
                Site = design.Site with { Floor = design.Site.Floor with { Rows = null, RacksPerRow = null } },
            });
            if (!grown.Works)
            {
                why = grown.Evaluation is { } e ? e.Findings[0].Message : "one switch has no more ports";
                break;
            }
            most = systems;
        }
        return new()
        {
            Claim = claim,
            Verdict = !enough || cheapest != own ? ClaimVerdict.DoesNotHold : most * each >= Said ? ClaimVerdict.Holds : ClaimVerdict.HoldsIf,
            Condition = enough && cheapest == own && most * each < Said ? $"there are at most {most * each} accelerators" : "",
            Reason = $"Eight systems on copper train {100 * own.Tokens / fastest:0.0} % as fast and serve {100 * own.Requests / busiest:0.0} % as many requests as the fastest of three fabrics, on a network of {own.Network / 1e3:0} kUSD instead of {string.Join(" and ", all.Skip(1).Where(s => s.Works).Select(s => $"{s.Network / 1e3:0}"))}. " +
                $"It goes on up to {most} systems, {most * each} accelerators" + (why.Length > 0 ? $"; then {why}." : "."),
            Figures =
            [
                .. working.Select(s => new ClaimFigure($"{s.Name}, network", s.Network / 1e3, "kUSD")),
                .. working.Select(s => new ClaimFigure($"{s.Name}, tokens/s", s.Tokens, "")),
                .. working.Select(s => new ClaimFigure($"{s.Name}, requests/s served", s.Requests, "")),
                .. working.Where(s => s.Evaluation!.MillionTokens is not null).Select(s => new ClaimFigure($"{s.Name}, a million tokens", s.Evaluation!.MillionTokens!.Value.Value.Dollars, "USD")
                {
                    Low = s.Evaluation.MillionTokens.Value.Low.Dollars,
                    High = s.Evaluation.MillionTokens.Value.High.Dollars,
                }),
                new("accelerators up to which one switch and copper do it", most * each, ""),
            ],
            On = [$"{design.Name}, with {design.Job!.Model.Name}"],
            Assumptions = [$"served: {SmallServing.What}", "enough: within 2 % of the fastest in both; prices of the catalogue"],
            Flips = [new("accelerators", most * each, "", "beyond it one switch with copper no longer does it")],
            Weakest = own.Evaluation!.Economics.TotalCapital.Weakest,
        };
    }
}
