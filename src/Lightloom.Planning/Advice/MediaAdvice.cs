// What it takes for every link to close: from the design on copper alone, what does optics close, and what does moving switches and systems closer together.
//
//   buys   links that close and didn't on copper; capital by the paired difference (CapitalChange.cs)

using Lightloom.Fabric;
using Lightloom.Planning.Claims;

namespace Lightloom.Planning.Advice;

/// <summary>Media against the floor plan; see the head of this file.</summary>
static class MediaAdvice
{
    public static AdviceAnswer Of(ClaimContext context, DesignDocument document, AdviceRequest request)
    {
        var design = document.Design;
        Design On(MediaChoice media, NetworkPlacement place, int? systems) => design with
        {
            Site = design.Site with
            {
                Links = new() { Media = media, Connectors = design.Site.Links.Connectors },
                Floor = place == design.Site.Floor.NetworkRacks && systems == design.Site.Floor.SystemsPerRack ? design.Site.Floor
                    : design.Site.Floor with { NetworkRacks = place, SystemsPerRack = systems, Rows = null, RacksPerRow = null },
            },
        };
        var (own, ownSystems) = (design.Site.Floor.NetworkRacks, design.Site.Floor.SystemsPerRack);
        var copper = context.Evaluator.EvaluateBriefly(document.With(On(MediaChoice.Copper, own, ownSystems)));
        var (open, all) = (Open(copper), copper.Build.Links.Sum(l => l.Groups.Sum(g => (long)g.Count)));
        var options = new List<AdviceOption>();
        void Try(string name, Layer layer, Design changed)
        {
            if (!request.Weighs(layer)) return;
            // Open links are what is counted here; the design on copper has them too, so that an infeasible one is no reason to refuse.
            var trial = ChangeTrial.Of(context, document, changed, name, layer);
            if (trial.After is not { } after)
            {
                options.Add(new(name, layer, new("links closed", 0, "links")) { Refused = trial.Refused });
                return;
            }
            var change = new ChangeDraws(copper, after, ChangeDraws.ErrorOf(name, 1, 1, "counted"));
            options.Add(new AdviceOption(name, layer, new("links closed", open - Open(after), "links"))
            {
                After = after,
                Capital = CapitalChange.Of(copper, after),
                Watts = Growth.Meter(after) - Growth.Meter(copper),
                Note = Open(after) is var left and > 0 ? $"{left:N0} stay open" : "",
            }.On(change, inputs => new(open - Open(after), change.Capital(inputs)) { Meter = change.Meter(inputs) }));
        }
        Try("optics where copper doesn't close", Layer.Light, On(MediaChoice.Any, own, ownSystems));
        Try("optics on every link", Layer.Light, On(MediaChoice.Optics, own, ownSystems));
        foreach (var place in Enum.GetValues<NetworkPlacement>().Where(p => p != own)) Try(Placed(place) + ", on copper", Layer.Loom, On(MediaChoice.Copper, place, ownSystems));
        if (ownSystems is { } now and < 100) Try($"{2 * now} systems in a rack, on copper", Layer.Loom, On(MediaChoice.Copper, own, 2 * now));
        var answer = AdviceAnswer.Rank(request.Question, request.Measure, [design.Name], options, "links");
        var needed = copper.Build.Links.Where(l => l.Open > 0).Select(l => $"{l.Open:N0} of {l.Groups.Sum(g => (long)g.Count):N0} {l.Class.Name}").ToList();
        return answer with
        {
            Reason = $"On copper alone {open:N0} of {all:N0} links don't close{(needed.Count > 0 ? $" ({string.Join(", ", needed)})" : "")}. {answer.Reason}",
            Flips = [.. answer.Flips, .. Reach(copper)],
            Assumptions = ["runs of the floor plan with slack; a link that doesn't close counts at the price of what misses by least"],
        };
    }

    static long Open(Evaluation evaluation) => evaluation.Build.Links.Sum(l => l.Open);

    static IEnumerable<ClaimFlip> Reach(Evaluation copper)
    {
        var groups = copper.Build.Links.SelectMany(l => l.Groups).ToList();
        if (groups.Where(g => g.Link.Closes).Select(g => g.Link.PurchasableLength.Meters).DefaultIfEmpty(0).Max() is var reach and > 0)
            yield return new("run of the farthest cable", reach, "m", $"the longest copper of this floor that closes; the farthest runs {groups.Max(g => g.Link.PurchasableLength.Meters):0.#} m, and up to what closes no optics are needed");
    }

    static string Placed(NetworkPlacement place) => place switch
    {
        NetworkPlacement.EndOfRow => "switches at the end of each row",
        NetworkPlacement.MiddleOfRow => "switches in the middle of each row",
        _ => "leaves in the racks of their systems",
    };
}
