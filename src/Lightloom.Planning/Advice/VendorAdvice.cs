// How to depend on fewer single vendors.
//
//   single   Σ price of lines of the bill whose class of part one vendor supplies; systems left out, spares counted
//   buys     how much less of it there is after a change that keeps tokens/s to half a per cent

using Lightloom.Catalog;
using Lightloom.Planning.Claims;
using Lightloom.Quantities;

namespace Lightloom.Planning.Advice;

/// <summary>What lessens the spending that one vendor alone can supply; see the head of this file.</summary>
static class VendorAdvice
{
    const double Kept = -0.005;

    public static AdviceAnswer Of(ClaimContext context, DesignDocument document, AdviceRequest request)
    {
        var before = context.Evaluate(document);
        var single = Single(context, before);
        var tokens = before.EffectiveTokensPerSecond!.Value;
        var options = new List<AdviceOption>();
        foreach (var trial in LayerChange.All.Append(OpenProtocol).Append(Pluggable).Where(c => request.Weighs(c.Layer)).Select(c => ChangeTrial.Of(context, document, c)).OfType<ChangeTrial>())
        {
            if (trial is not { After: { } after, Refused: "" })
            {
                options.Add(new(trial.Name, trial.Layer, new("single-vendor spending less", 0, "kUSD")) { Refused = trial.Refused });
                continue;
            }
            var now = Single(context, after);
            var gain = (after.EffectiveTokensPerSecond!.Value / tokens) - 1;
            var less = (single.Value.Dollars - now.Value.Dollars) / 1e3;
            if (Math.Abs(less) < 1e-6) less = 0;
            var change = new ChangeDraws(before, after, ChangeDraws.ErrorOfStep(trial.Name, before));
            options.Add(new AdviceOption(trial.Name, trial.Layer, new("single-vendor spending less", less, "kUSD")
            {
                // One price is at its low or at its high end on both sides.
                Low = less <= 0 ? less : (single.Low.Dollars - now.Low.Dollars) / 1e3,
                High = less <= 0 ? less : (single.High.Dollars - now.High.Dollars) / 1e3,
            })
            {
                After = after,
                Capital = CapitalChange.Of(before, after),
                Watts = Growth.Meter(after) - Growth.Meter(before),
                Tokens = gain,
                Refused = less > 0 && gain < Kept ? $"loses {-100 * gain:0.00} % of tokens/s" : "",
                Note = $"{Amounts.Thousands(now)} are left with one vendor",
            }.On(change, inputs =>
            {
                var kept = change.Gain(inputs);
                var fewer = (SingleAt(before, inputs) - SingleAt(after, inputs)) / 1e3;
                return new(Math.Abs(less) < 1e-6 ? 0 : fewer, change.Capital(inputs), kept >= Kept) { Meter = change.Meter(inputs), Gain = kept };
            }));
        }
        var answer = AdviceAnswer.Rank(request.Question, request.Measure, [document.Design.Name], options, "freedom of choice");
        var classes = before.Bill.Lines.Where(l => l.Category != MaterialCategory.Systems).GroupBy(l => l.Supply.Name)
            .Select(g => $"{g.Key} {g.First().Supply.Vendors.Value}").Order(StringComparer.Ordinal);
        return answer with
        {
            Standing = AdviceStanding.Of(before, answer.Best?.After),
            Reason = $"{Amounts.Thousands(single)} of the network can come from one vendor alone (vendors: {string.Join(", ", classes)}). {answer.Reason}",
            Flips = [.. answer.Flips, new("vendors of the class that locks in", 2, "", "with a second one nothing of it is bought from one vendor alone, and there is nothing to buy free")],
            Assumptions = ["vendors of a class by the catalogue's supply classes, all of them recalled; systems with their accelerators are left out; spares counted", "a change may cost half a per cent of tokens/s"],
            Weakest = Grade.Assumption,
        };
    }

    static double SingleAt(Evaluation evaluation, AdviceInputs inputs) => evaluation.Bill.Lines.Where(l => l is { Category: not MaterialCategory.Systems, Supply.Vendors.Value: 1, IncludedInHost: false })
        .Sum(l => (l.Count + l.Spares) * l.Prices.Sum(p => p.Count * inputs.Of(p.Key, p.Price.Value.Dollars) * (p.Factor is { } factor ? inputs.Of("priceFactor", factor.Value) : 1)));

    static CostRange Single(ClaimContext context, Evaluation evaluation) => BillOfMaterials.Of(evaluation.Build, context.Catalog).Lines
        .Where(l => l.Category != MaterialCategory.Systems && l.Supply.Vendors.Value == 1).Aggregate(CostRange.Zero, (sum, l) => CostRange.Linear(sum, l.Total));

    /// <summary>The cheapest Ethernet switch of the same ports or more and rate, where the fabric speaks InfiniBand.</summary>
    internal static LayerChange OpenProtocol { get; } = new("Ethernet with RoCE in the place of InfiniBand", Layer.Loom, (d, c) =>
        d.Fabric.Protocol != FabricProtocol.Infiniband ? null
        : c.All<Switch>().Where(s => s is { CoPackaged: null, Power: not null, Price: not null } && s.Protocols is [LinkProtocol.Ethernet] && s.PortRate.Value >= d.Fabric.Switch.PortRate.Value &&
                s.Ports.Value >= d.Fabric.Switch.Ports.Value)
            .OrderBy(s => s.Price!.Value.Value.Dollars).ThenBy(s => s.Key, StringComparer.Ordinal).FirstOrDefault() is { } box
            ? d with { Fabric = d.Fabric with { Protocol = FabricProtocol.RoCEv2, Switch = box, LeafSwitch = null, SpineSwitch = null, CoreSwitch = null, ManagementLinks = 0, LoadBalancing = null } }
            : null);

    static LayerChange Pluggable { get; } = new("pluggable modules in the place of co-packaged optics", Layer.Light, (d, c) =>
        d.Fabric.Switch is not { CoPackaged: not null } own ? null
        : c.All<Switch>().FirstOrDefault(s => s is { CoPackaged: null, Power: not null, Price: not null } && s.Ports.Value == own.Ports.Value && s.PortRate.Value == own.PortRate.Value && own.Protocols.All(s.Protocols.Contains)) is { } twin
            ? d with { Fabric = d.Fabric with { Switch = twin, LeafSwitch = null, SpineSwitch = null, CoreSwitch = null } }
            : null);
}
