// The network of a small cluster: from InfiniBand on optics, what does each change save that loses no speed.
//
//   base    the same systems and job on InfiniBand with optics, rail-optimised
//   light   copper in the place of optics;  loom: Ethernet with RoCE in the place of InfiniBand;  both: the design as it is, counted for the layer whose
//           own change saves more
//   buys    price of switches, modules, cables and fibre less, where every link closes and both tokens/s of training and requests/s of serving
//           (SmallServing.cs) stay within 2 % of the fastest

using Lightloom.Catalog;
using Lightloom.Planning.Claims;
using Lightloom.Planning.Serving;
using Lightloom.Quantities;

namespace Lightloom.Planning.Advice;

/// <summary>What a small cluster saves on its network; see the head of this file.</summary>
static class SmallNetworkAdvice
{
    const double Close = 0.02;

    public static AdviceAnswer Of(ClaimContext context, DesignDocument document, AdviceRequest request)
    {
        var design = document.Design;
        if (design.Fabric.Protocol == FabricProtocol.Infiniband) throw document.Wrong("fabric.protocol", "the question weighs Ethernet against InfiniBand, and expects a design on Ethernet");
        var rate = design.Fabric.Switch.PortRate.Value;
        var box = context.Catalog.All<Switch>().Where(s => s is { CoPackaged: null, Power: not null, Price: not null } && s.Protocols is [LinkProtocol.Infiniband] && s.PortRate.Value >= design.Accelerators.System.Nic.Rate.Value)
            .OrderBy(s => s.Price!.Value.Value.Dollars).ThenBy(s => s.Key, StringComparer.Ordinal).FirstOrDefault()
            ?? throw document.Wrong("fabric.switch", $"the catalogue has no InfiniBand switch of {rate} or more with a price");
        Design On(bool ethernet, bool copper) => design with
        {
            Site = design.Site with { Links = new() { Media = copper ? MediaChoice.Copper : MediaChoice.Optics } },
            Fabric = ethernet ? design.Fabric : design.Fabric with { Protocol = FabricProtocol.Infiniband, Topology = "rail-optimized", Switch = box, LoadBalancing = null },
        };
        var served = new Dictionary<string, double>(StringComparer.Ordinal);
        ChangeTrial Try(string name, Layer layer, bool ethernet, bool copper)
        {
            var trial = ChangeTrial.Of(context, document, On(ethernet, copper), name, layer);
            if (trial is { After: not null, Refused: "" }) served[name] = SmallServing.Of(document, On(ethernet, copper), context.Catalog).Largest.RequestsPerSecond;
            return trial;
        }
        var @base = Try("InfiniBand on optics", Layer.Loom, false, false);
        if (@base.After is not { } before || @base.Refused.Length > 0) throw document.Wrong("fabric", $"InfiniBand on optics, which the question compares with, can't be built: {@base.Refused}");
        List<ChangeTrial> trials =
        [
            Try("copper in the place of optics", Layer.Light, false, true),
            Try("Ethernet with RoCE in the place of InfiniBand", Layer.Loom, true, false),
            Try("Ethernet with RoCE on copper", Layer.Loom, true, true),
        ];
        var savings = trials.ConvertAll(t => t is { After: { } a, Refused: "" } ? Network(before) - Network(a) : 0);
        if (savings[0] > savings[1]) trials[2] = trials[2] with { Layer = Layer.Light };
        var (fastest, busiest) = (trials.Append(@base).Where(t => t.Refused.Length == 0).Max(t => Tokens(t.After!)), served.Values.Max());
        var options = trials.Where(t => request.Weighs(t.Layer)).Select((t, i) => Worth(t)).ToList();
        var answer = AdviceAnswer.Rank(request.Question, request.Measure, [design.Name], options, "price of the network");
        return answer with
        {
            Standing = AdviceStanding.Of(before, answer.Best?.After),
            Reason = $"On InfiniBand with optics the network costs {Amounts.Thousands(before.Economics.NetworkCapital)}. {answer.Reason}",
            Weakest = before.Economics.TotalCapital.Weakest,
            Assumptions = [$"InfiniBand on {box.Name}, rail-optimised; works: every link closes, tokens/s and requests/s within 2 % of the fastest", $"served: {SmallServing.What}", "what changes both counts for the layer whose own change saves more"],
        };

        AdviceOption Worth(ChangeTrial trial)
        {
            if (trial is not { After: { } after, Refused: "" }) return new(trial.Name, trial.Layer, new("network", 0, "kUSD")) { Refused = trial.Refused };
            var capital = CapitalChange.Of([.. before.Economics.Capital.Where(c => c.IsNetwork)], [.. after.Economics.Capital.Where(c => c.IsNetwork)]);
            double behind = 1 - (Tokens(after) / fastest), fewer = busiest > 0 ? 1 - (served[trial.Name] / busiest) : 0;
            var change = new ChangeDraws(before, after, ChangeDraws.ErrorOfStep(trial.Name, before));
            return new AdviceOption(trial.Name, trial.Layer, new("network", -capital.Dollars / 1e3, "kUSD") { Low = -capital.High / 1e3, High = -capital.Low / 1e3 })
            {
                After = after,
                Watts = Growth.Meter(after) - Growth.Meter(before),
                Tokens = (Tokens(after) / Tokens(before)) - 1,
                Refused = behind > Close ? $"is {100 * behind:0.0} % slower than the fastest" : fewer > Close ? $"serves {100 * fewer:0.0} % fewer requests than the busiest" : "",
                Note = $"serves {served[trial.Name]:0.00} requests/s; " + (after.MillionTokens is { } cost ? $"a million tokens cost {cost.Value.Dollars:0.0000} ({cost.Low.Dollars:0.0000} to {cost.High.Dollars:0.0000}) USD" : "no job is trained"),
            }.On(change, inputs => new((inputs.Point(change.Old).NetworkCapital - inputs.Point(change.New).NetworkCapital).Dollars / 1e3, change.Capital(inputs), behind <= Close && fewer <= Close)
            {
                Meter = change.Meter(inputs),
                Gain = change.Gain(inputs),
            });
        }
    }

    static double Tokens(Evaluation evaluation) => evaluation.Outcome!.Value.EffectiveTokensPerSecond;

    static double Network(Evaluation evaluation) => evaluation.Economics.Capital.Where(c => c.IsNetwork).Sum(c => c.Price.Value.Dollars);
}
