// What of a dollar goes on to the next generation.
//
//   left    price · max(0, life - g) / life, by class of capital, g the life of switches and modules: what stands when they are exchanged
//   buys    left over price, in per cent: of a dollar spent there, what the next generation needn't buy again
//   range   from the low and high ends of the plant's and the electronics' lives

using Lightloom.Planning.Claims;
using Lightloom.Planning.Costs;

namespace Lightloom.Planning.Advice;

/// <summary>What of each class of capital is carried over; see the head of this file.</summary>
static class LifeAdvice
{
    public static AdviceAnswer Of(ClaimContext context, DesignDocument document, AdviceRequest request)
    {
        var evaluation = context.Evaluate(document);
        var site = evaluation.Build.Site;
        var generation = site.NetworkLife;
        var options = new List<AdviceOption>();
        foreach (var group in evaluation.Economics.Capital.Where(c => c.Asset != AssetClass.Building).GroupBy(c => c.Asset).OrderBy(g => g.Key))
        {
            var (name, layer) = Named(group.Key);
            var price = group.Sum(i => i.Price.Value.Dollars);
            if (!request.Weighs(layer) || price <= 0) continue;
            var life = group.First().Life.Years;
            var plant = group.Key == AssetClass.FibrePlant;
            double Left(double lives, double upgrade) => 100 * Math.Max(0, lives - upgrade) / lives;
            var left = Left(life, generation.Value.Years);
            // Equipment of the network lives as long as its generation at either end of the range: only what has a life of its own has a range.
            var (low, high) = plant ? (Left(site.CablePlantLife.Low.Years, generation.High.Years), Left(site.CablePlantLife.High.Years, generation.Low.Years)) : (left, left);
            var money = group.Select(i => i.Price).Aggregate(CostRange.Zero, (sum, p) => sum + p);
            options.Add(new(name, layer, new("carried over", left, "% of its price") { Low = low, High = high })
            {
                Models = [evaluation.Economics.Model],
                // Equipment leaves with its generation whatever that lives; only the plant's life is its own.
                Draws = inputs => new(plant ? Left(inputs.Of("cablePlantLife", life), inputs.Of("networkLife", generation.Value.Years)) : left, 0, left > 0),
                Note = $"{Amounts.Millions(money)}, written off over {life:0.#} years: {price / 1e6 / life:0.000} MUSD for each year of life; {price * left / 1e8:0.000} MUSD carried over",
                Refused = left > 0 ? "" : $"written off after {life:0.#} years, when the network is exchanged after {generation.Value.Years:0.#}",
            });
        }
        var answer = AdviceAnswer.Rank(request.Question, request.Measure, [document.Design.Name], options, "value for the next generation");
        var lives = evaluation.Economics.Capital.Where(c => c is { IsNetwork: true, IsRoute: false } && c.Asset != AssetClass.FibrePlant).Select(c => c.Life.Years).DefaultIfEmpty(0).Max();
        return answer with
        {
            Flips = [.. answer.Flips, new("time until the network is exchanged", site.CablePlantLife.Value.Years, "years", "from it on nothing of the plant is left either"),
                new("time until the network is exchanged", lives, "years", "before it something is left of switches and modules as well")],
            Assumptions = [$"value falls evenly over each life: plant {site.CablePlantLife.Value.Years:0.#} years, switches and modules {generation.Value.Years:0.#}; the next generation uses the same fibres"],
            Weakest = site.CablePlantLife.Grade > generation.Grade ? site.CablePlantLife.Grade : generation.Grade,
        };
    }

    static (string Name, Layer Layer) Named(AssetClass asset) => asset switch
    {
        AssetClass.Systems => ("accelerators with their hosts", Layer.Compute),
        AssetClass.Switches => ("switches", Layer.Loom),
        AssetClass.Optics => ("modules and copper cables", Layer.Light),
        AssetClass.Routes => ("modules and amplifiers of routes", Layer.Light),
        AssetClass.Huts => ("huts along routes", Layer.Light),
        _ => ("fibre plant", Layer.Light),
    };
}
