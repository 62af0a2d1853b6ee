// Which layer decides: changes of either layer on the same cluster, by what they bring (LayerChange.cs).
//
//   C24   tokens/s gained by a change, and for a dollar; the light's bound beside it: links without delay, failures or bit errors
//   C25   watts saved by changes that cost no more than half a per cent of tokens/s
//   C27   time of an all-reduce over all accelerators with each change of the loom, and with links without delay or errors

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Planning.Claims;

/// <summary>Standing recommendations about which layer decides; see the head of this file.</summary>
static class LayerClaims
{
    const double Kept = -0.005; // tokens/s that a saving may cost
    const double Perfect = 1e-9;

    static string PerDollar(double value) => double.IsInfinity(value) ? "at no cost" : $"{value * 1e6:0.###} for a million USD";

    public static ClaimAnswer LargeCluster(ClaimContext context, Claim claim)
    {
        var document = context.Cluster("llama3-24k-roce");
        var operation = context.Evaluate(document).Operation!;
        var now = context.Evaluate(document).Outcome!.Value.EffectiveTokensPerSecond;
        var worths = ChangeWorth.Of(context, document);
        ChangeWorth? Best(Layer layer) => worths.Where(w => w.Change.Layer == layer && w.Gain > 0).OrderByDescending(w => w.Gain).FirstOrDefault();
        var (loom, light) = (Best(Layer.Loom), Best(Layer.Light));
        double Bound(double failures) => (operation.Run(new() { LinkLatency = Perfect, LinkFailures = Perfect, BitErrors = 0 }).EffectiveTokensPerSecond
            / operation.Run(new() { LinkFailures = failures }).EffectiveTokensPerSecond) - 1;
        var bound = Bound(1);
        var (gain, other) = (loom?.Gain ?? 0, light?.Gain ?? 0);
        var fabric = gain > other;
        return new()
        {
            Claim = claim,
            Verdict = gain > bound ? ClaimVerdict.Holds : fabric ? ClaimVerdict.HoldsIf : ClaimVerdict.DoesNotHold,
            Condition = fabric && gain <= bound ? "only what can be bought is counted: perfect links would bring more" : "",
            Reason = (loom is null ? "No change of the loom gains anything" : $"{Capital(loom.Change.Name)} gains {100 * gain:0.00} % of tokens/s ({PerDollar(loom.TokensPerDollar)})") +
                (light is null ? ", no choice of optics gains any" : $", the best choice of optics ({light.Change.Name}) {100 * other:0.00} % ({PerDollar(light.TokensPerDollar)})") +
                $"; links without any delay, failure or error would gain {100 * bound:0.00} %.",
            Figures =
            [
                .. worths.Select(w => new ClaimFigure($"{w.Change.Name} ({Name(w.Change.Layer)}), tokens/s", 100 * w.Gain, "%")),
                .. worths.Select(w => new ClaimFigure($"{w.Change.Name} ({Name(w.Change.Layer)}), capital", w.Dollars / 1e6, "MUSD")),
                new("perfect links", 100 * bound, "%"),
                new("tokens/s now", now, ""),
            ],
            On = [document.Design.Name],
            Assumptions = ["tokens/s with failures counted; capital at catalogue prices; what neither layer is (compute, memory) is not asked"],
            Flips = [new("failures of links over those assumed", Threshold.Of(1, 1e4, f => Bound(f) <= Math.Max(gain, 1e-9), 1e-2), "x", "from it on perfect links would gain more than the best change of the fabric")],
            Weakest = context.Evaluate(document).Economics.TotalCapital.Weakest,
        };
    }

    public static ClaimAnswer Power(ClaimContext context, Claim claim)
    {
        var document = context.Cluster("gb200-nvl72-pluggable");
        var evaluation = context.Evaluate(document);
        var energy = OpticalEnergy.Of(evaluation);
        var worths = ChangeWorth.Of(context, document);
        ChangeWorth? Best(Layer layer) => worths.Where(w => w.Change.Layer == layer && w.Watts > 0 && w.Gain >= Kept).OrderByDescending(w => w.Watts).FirstOrDefault();
        var (light, loom) = (Best(Layer.Light), Best(Layer.Loom));
        var (saved, other) = (light?.Watts ?? 0, loom?.Watts ?? 0);
        var total = evaluation.Power.InUse.Watts;
        var modules = evaluation.Build.Links.Sum(l => l.Groups.Sum(g => 2.0 * g.Count));
        var each = energy.Power.Watts / modules;
        return new()
        {
            Claim = claim,
            Verdict = saved > other ? ClaimVerdict.Holds : saved > 0 && other > 0 ? ClaimVerdict.HoldsIf : ClaimVerdict.DoesNotHold,
            Condition = saved > other || saved <= 0 ? "" : "the fabric has to keep all of its bandwidth: what saves more there is switches left out",
            Reason = (light is null ? "No choice of optics saves power" : $"{Capital(light.Change.Name)} saves {saved / 1e3:0.0} kW, {100 * saved / total:0.0} % of the cluster ({Watts(light)})") +
                (loom is null ? "; no change of the fabric saves any without losing half a per cent of tokens/s." : $"; the best change of the fabric that loses none ({loom.Change.Name}) {other / 1e3:0.0} kW ({Watts(loom)}).") +
                $" All optics take {energy.Power.Kilowatts:0.0} kW of {total / 1e3:0} kW.",
            Figures =
            [
                .. worths.Select(w => new ClaimFigure($"{w.Change.Name} ({Name(w.Change.Layer)}), saved", w.Watts / 1e3, "kW")),
                .. worths.Select(w => new ClaimFigure($"{w.Change.Name} ({Name(w.Change.Layer)}), tokens/s", 100 * w.Gain, "%")),
                new("optics of the cluster's power", 100 * energy.ShareOfCluster.Si, "%"),
                new("saved of the cluster's power by the light", 100 * saved / total, "%"),
            ],
            On = [document.Design.Name],
            Assumptions = ["IT power in use; a saving may cost half a per cent of tokens/s"],
            Flips =
            [
                saved > other
                    ? new("mean power of an optical end of a link", each > (saved - other) / modules ? each - ((saved - other) / modules) : null, "W",
                        each > (saved - other) / modules ? $"below it the fabric's best saves more; it is {each:0.0} W" : $"down to nothing, for the switch saves as well; it is {each:0.0} W")
                    : new("mean power of an optical end of a link", each + ((other - saved) / modules), "W", $"from it on optics save more; it is {each:0.0} W"),
                worths.Where(w => w.Change.Layer == Layer.Loom && w.Watts > saved).OrderByDescending(w => w.Gain).FirstOrDefault() is { } cheaper
                    ? new("tokens/s that a saving may cost", -100 * Math.Min(0, cheaper.Gain), "%", $"from it on the fabric saves more: {cheaper.Change.Name}, {cheaper.Watts / 1e3:0.0} kW")
                    : new("tokens/s that a saving may cost", null, "%", "no change of the fabric saves as much at any price in tokens/s"),
                .. Packaged(light, saved - other),
            ],
            Weakest = energy.Links.Count > 0 ? Grade.Assumption : Grade.Standard,
        };

        // Where switches with their optics on the package save most: the power of one at which they no longer do.
        static IEnumerable<ClaimFlip> Packaged(ChangeWorth? light, double ahead)
        {
            if (light?.After.Build.Plan is not { } plan || plan.Tiers.Count == 0 || plan.Tiers[0].Switch is not { CoPackaged: not null, Power: { } power } box || ahead <= 0) yield break;
            yield return new($"power of a {box.Name}", power.Value.Watts + (ahead / plan.SwitchCount), "W", $"from it on it saves no more than the fabric does; {power.Value} is published");
        }

        static string Watts(ChangeWorth w) => w.Dollars <= 0 ? $"and {-w.Dollars / 1e6:0.0} MUSD" : $"{w.WattsPerDollar * 1e3:0.0} W for a thousand USD";
    }

    public static ClaimAnswer AllReduce(ClaimContext context, Claim claim)
    {
        var document = context.Cluster("superpod-h100-ndr");
        var before = context.Evaluate(document);
        var large = DataSize.FromBytes(1 << 30);
        var operation = before.Operation!;
        var now = WholeSum.Time(operation, new(), large);
        var changes = ChangeWorth.Of(context, document).Where(w => w.Change.Layer == Layer.Loom)
            .Select(w => (w.Change.Name, w.After.Operation!, Gain: 1 - (WholeSum.Time(w.After.Operation!, new(), large) / now))).OrderByDescending(w => w.Gain).ToList();
        double Perfectly(DataSize size) => 1 - (WholeSum.Time(operation, new() { LinkLatency = Perfect, BitErrors = 0 }, size) / WholeSum.Time(operation, new(), size));
        var (best, light) = (changes[0], Perfectly(large));
        double Best(DataSize size) => 1 - (changes.Min(c => WholeSum.Time(c.Item2, new(), size).Seconds) / WholeSum.Time(operation, new(), size).Seconds);
        var flip = Threshold.Of(8, 1e11, bytes => Best(DataSize.FromBytes(bytes)) > Perfectly(DataSize.FromBytes(bytes)), 1e-3);
        return new()
        {
            Claim = claim,
            Verdict = best.Gain <= light ? ClaimVerdict.DoesNotHold : flip is null ? ClaimVerdict.Holds : ClaimVerdict.HoldsIf,
            Condition = best.Gain > light && flip is { } at ? $"sums are larger than {DataSize.FromBytes(at).ToString("G2")}: below, delays of links and not the fabric's shape are what there is to gain" : "",
            Reason = $"An all-reduce of 1 GiB takes {now.Milliseconds:0.00} ms: {best.Name} takes {100 * best.Gain:0.0} % off, the worst change of the fabric adds {Math.Max(0, -100 * changes[^1].Gain):0.0} %. Links without delay or errors would take {100 * light:0.00} % off.",
            Figures =
            [
                new("all-reduce of 1 GiB", now.Milliseconds, "ms"),
                .. changes.Select(c => new ClaimFigure($"{c.Name}, time saved", 100 * c.Gain, "%")),
                new("perfect links, time saved", 100 * light, "%"),
                new("best change of the fabric at 8 KiB, time saved", 100 * Best(DataSize.FromBytes(8192)), "%"),
                new("perfect links at 8 KiB, time saved", 100 * Perfectly(DataSize.FromBytes(8192)), "%"),
            ],
            On = [$"{document.Design.Name}: all accelerators in one sum"],
            Assumptions = ["the library's best algorithm at sustained rates, an otherwise idle fabric"],
            Flips = [new("size of the sum", flip, "B", flip is null ? "from 8 B to 100 GB" : "at it both layers have as much to give")],
            Weakest = Grade.Estimate,
        };
    }

    static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    static string Name(Layer layer) => layer == Layer.Light ? "light" : "loom";
}
