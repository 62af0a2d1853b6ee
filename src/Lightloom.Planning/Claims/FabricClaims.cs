// Claims about fabrics: latency, price, topology.
//
//   C14   software + a card at each end + every switch and link of the way (FabricPath.cs), by level
//   C15   price of a port over price of a port: what a switch costs over its ports at the card's rate; and the whole design with its network
//         at 1.5 and 2.5 times what an Ethernet port costs
//   C16   the same systems and job on a fat-tree, rail-optimised, rail-only and dragonfly: bisection, switches, cables, price of the network, step

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Planning.Claims;

/// <summary>Claims about fabrics; see the head of this file.</summary>
static class FabricClaims
{
    const double LeastLatency = 1, MostLatency = 5; // µs
    const double LeastPremium = 1.5, MostPremium = 2.5;

    public static ClaimAnswer Latency(ClaimContext context, Claim claim)
    {
        var document = context.Cluster("superpod-h100-ndr");
        var build = context.Evaluate(document).Build;
        var path = new FabricPath(build.Plan, build.Links);
        var (software, card) = (build.Protocol.SoftwareLatency, build.Plan.Request.System.Nic.Latency?.Value ?? Duration.Zero);
        Duration Of(int level, Duration says) => says + (2 * card) + path.Latency(level, new());
        var levels = Enumerable.Range(1, build.Plan.Locality.Count - 1).ToList();
        var figures = levels.Select(l => new ClaimFigure($"within {build.Plan.Locality[l].Name}, {build.Plan.Locality[l].SwitchHops} {(build.Plan.Locality[l].SwitchHops == 1 ? "switch" : "switches")}", Of(l, software.Value).Microseconds, "us")
        {
            Low = Of(l, software.Low).Microseconds,
            High = Of(l, software.High).Microseconds,
        }).ToList();
        var inside = figures.Count(f => f.Value is >= LeastLatency and <= MostLatency);
        var farthest = figures[^1].Value;
        var infiniband = build.Protocol.Link == LinkProtocol.Infiniband;
        var more = Math.Max(0, (MostLatency - farthest) * 1e-6 / context.Catalog.Get<Fibre>("os2-1310").Delay.Value.SecondsPerMeter);
        return new()
        {
            Claim = claim,
            Verdict = inside == figures.Count ? ClaimVerdict.Holds : inside == 0 ? ClaimVerdict.DoesNotHold : ClaimVerdict.HoldsIf,
            Condition = inside == figures.Count || inside == 0 ? "" : $"the ways stay within {build.Plan.Locality[figures.FindLastIndex(f => f.Value <= MostLatency) + 1].Name}",
            Reason = $"One way takes {figures[0].Value:0.0} us under one switch and {farthest:0.0} us across the fabric; cards and software take {(software.Value + (2 * card)).Microseconds:0.0} us of it, whatever the fabric is." +
                (infiniband ? "" : " The design is no InfiniBand."),
            Figures = figures,
            On = [document.Design.Name],
            Assumptions = [$"software {software.Value} ({software.Low} to {software.High}), {card} a card, switches and links as engineered; small messages, an idle fabric"],
            Flips = [new("fibre on the way, more than there is", more, "m", "beyond it the farthest pair takes more than 5 us")],
            Weakest = software.Grade,
        };
    }

    public static ClaimAnswer Premium(ClaimContext context, Claim claim)
    {
        var (infiniband, ethernet) = (context.Catalog.Get<Switch>("qm9700"), context.Catalog.Get<Switch>("sn5600"));
        const double Port = 400; // Gb/s
        double Ports(Switch box) => box.Ports.Value * box.PortRate.Value.GigabitsPerSecond / Port;
        double Each(Switch box, Money price) => price.Dollars / Ports(box);
        var (dear, cheap) = (infiniband.Price!.Value, ethernet.Price!.Value);
        var premium = Each(infiniband, dear.Value) / Each(ethernet, cheap.Value);
        var (low, high) = (Each(infiniband, dear.Low) / Each(ethernet, cheap.High), Each(infiniband, dear.High) / Each(ethernet, cheap.Low));
        var document = context.Cluster("superpod-h100-ndr");
        var design = document.Design;
        // The design's network at a multiple of what it would cost at Ethernet's price of a port.
        Evaluation At(double factor) => context.Evaluator.EvaluateBriefly(document.With(design with { Fabric = design.Fabric with { PriceFactor = Sourced<double>.Of(design.Fabric.PriceFactor.Value * factor / premium, "a claim's premium", Grade.Assumption) } }));
        var (even, some, much) = (At(1), At(LeastPremium), At(MostPremium));
        double Share(Evaluation evaluation) => (evaluation.Economics.Yearly.Value / even.Economics.Yearly.Value) - 1;
        var inside = premium is >= LeastPremium and <= MostPremium;
        return new()
        {
            Claim = claim,
            Verdict = inside ? ClaimVerdict.Holds : high >= LeastPremium && low <= MostPremium ? ClaimVerdict.HoldsIf : ClaimVerdict.DoesNotHold,
            Condition = inside || high < LeastPremium || low > MostPremium ? "" : $"an Ethernet switch costs {Each(infiniband, dear.Value) / MostPremium * Ports(ethernet):N0} to {Each(infiniband, dear.Value) / LeastPremium * Ports(ethernet):N0} USD; prices are recalled, and buyers pay others",
            Reason = $"By recalled list prices a port costs {premium:0.00} times as much, anywhere from {low:0.0} to {high:0.0} times within their ranges. A premium of 1.5 to 2.5 adds {100 * Share(some):0.0} to {100 * Share(much):0.0} % to a year's cost, and as much to a token's.",
            Figures =
            [
                new("InfiniBand over Ethernet, a port of 400 Gb/s", premium, "x") { Low = low, High = high },
                new("InfiniBand port", Each(infiniband, dear.Value), "USD") { Low = Each(infiniband, dear.Low), High = Each(infiniband, dear.High) },
                new("Ethernet port", Each(ethernet, cheap.Value), "USD") { Low = Each(ethernet, cheap.Low), High = Each(ethernet, cheap.High) },
                new("cost of a year, premium of 1.5 over none", 100 * Share(some), "%"),
                new("cost of a year, premium of 2.5 over none", 100 * Share(much), "%"),
                .. Tokens(even, some, much),
            ],
            On = [$"switches {infiniband.Key} and {ethernet.Key}", design.Name],
            Assumptions = ["the same step on both; switches, modules and cables of the network at the premium, cards not", "every price is an assumption: give yours with fabric.priceFactor"],
            Flips =
            [
                new($"price of a {ethernet.Name}", Each(infiniband, dear.Value) / LeastPremium * Ports(ethernet), "USD", "up to it the premium is 1.5 or more"),
                new("premium", Threshold.Of(1, 200, f => Share(At(f)) >= 0.1, 1e-3), "x", "from it on a year costs 10 % more"),
            ],
            Weakest = dear.Grade > cheap.Grade ? dear.Grade : cheap.Grade,
        };

        static IEnumerable<ClaimFigure> Tokens(Evaluation even, Evaluation some, Evaluation much)
        {
            if (even.MillionTokens is not { } none || some.MillionTokens is not { } half || much.MillionTokens is not { } most) yield break;
            yield return new("a million tokens without a premium", none.Value.Dollars, "USD") { Low = none.Low.Dollars, High = none.High.Dollars };
            yield return new("a million tokens at 1.5", half.Value.Dollars, "USD") { Low = half.Low.Dollars, High = half.High.Dollars };
            yield return new("a million tokens at 2.5", most.Value.Dollars, "USD") { Low = most.Low.Dollars, High = most.High.Dollars };
        }
    }

    sealed record Built(string Name, Evaluation Evaluation)
    {
        public double Bisection => Evaluation.Build.Plan.BisectionShare.Si;

        public long Switches => Evaluation.Build.Plan.SwitchCount;

        public long Cables => Evaluation.Build.Plan.LinkCount;

        /// <summary>Switches, modules, cables and fibre.</summary>
        public double Network => Evaluation.Economics.Capital.Where(c => c.IsNetwork).Sum(c => c.Price.Value.Dollars);

        public double Step => Evaluation.Outcome!.Value.Step.Time.Seconds;
    }

    public static ClaimAnswer Topologies(ClaimContext context, Claim claim)
    {
        var document = context.Example("dragonfly-1k-h100");
        var design = document.Design;
        Built Of(string topology, double taper = 1) => new(topology, context.Evaluator.EvaluateBriefly(document.With(design with
        {
            Fabric = design.Fabric with { Topology = topology, Parameters = null, Oversubscription = new() { Leaf = taper } },
        })));
        var (tree, rails, only, dragonfly) = (Of("fat-tree"), Of("rail-optimized"), Of("rail-only"), Of("dragonfly"));
        List<Built> all = [tree, rails, only, dragonfly];
        // The same without a job, which would not fit every size.
        Built? At(string topology, int systems)
        {
            try
            {
                return new(topology, context.Evaluator.EvaluateBriefly(document.With(design with
                {
                    Job = null,
                    Accelerators = design.Accelerators with { Systems = systems },
                    Fabric = design.Fabric with { Topology = topology, Parameters = null },
                })));
            }
            catch (InputException)
            {
                return null;
            }
        }
        var sizes = Sizes.Select(n => (Systems: n, Tree: At("fat-tree", n), Fly: At("dragonfly", n))).Where(s => s.Tree is not null && s.Fly is not null).ToList();
        static bool Trades(Built tree, Built other) => other.Bisection < tree.Bisection - 0.01 && other.Network < tree.Network;
        var trading = sizes.Where(s => Trades(s.Tree!, s.Fly!)).ToList();
        var railsTrade = Trades(tree, rails);
        var each = design.Accelerators.System.Accelerators.Value;
        string Counts(IEnumerable<(int Systems, Built? Tree, Built? Fly)> of) => string.Join(", ", of.Select(s => $"{s.Systems * each:N0}"));
        bool Cheaper(double taper)
        {
            try
            {
                return Of("fat-tree", taper).Network <= dragonfly.Network;
            }
            catch (InputException)
            {
                // A taper that leaves no whole number of links.
                return false;
            }
        }
        return new()
        {
            Claim = claim,
            Verdict = tree.Bisection < 0.99 || trading.Count == 0 ? ClaimVerdict.DoesNotHold : railsTrade && trading.Count == sizes.Count ? ClaimVerdict.Holds : ClaimVerdict.HoldsIf,
            Condition = trading.Count == 0 || (railsTrade && trading.Count == sizes.Count) ? ""
                : (trading.Count < sizes.Count ? $"a dragonfly of the size fills its switches: it costs less at {Counts(trading)} accelerators and more at {Counts(sizes.Except(trading))}" : "a dragonfly is meant") +
                    (railsTrade ? "" : "; rail-optimised leaves with full spines are a fat-tree with other cables and trade nothing"),
            Reason = $"At {tree.Evaluation.Build.Plan.AcceleratorCount:N0} accelerators the fat-tree has {100 * tree.Bisection:0} % of bisection with {tree.Switches} switches and {tree.Cables:N0} cables; " +
                string.Join(", ", all.Skip(1).Select(b => $"{b.Name} {100 * b.Bisection:0} % with {b.Switches} and {b.Cables:N0}")) +
                $". Steps differ by {100 * ((all.Max(b => b.Step) / all.Min(b => b.Step)) - 1):0.0} %, networks cost {tree.Network / 1e6:0.0}, {rails.Network / 1e6:0.0}, {only.Network / 1e6:0.0} and {dragonfly.Network / 1e6:0.0} MUSD.",
            Figures =
            [
                .. all.Select(b => new ClaimFigure($"{b.Name}, bisection", 100 * b.Bisection, "%")),
                .. all.Select(b => new ClaimFigure($"{b.Name}, switches", b.Switches, "")),
                .. all.Select(b => new ClaimFigure($"{b.Name}, cables", b.Cables, "")),
                .. all.Select(b => new ClaimFigure($"{b.Name}, network", b.Network / 1e6, "MUSD")),
                .. all.Select(b => new ClaimFigure($"{b.Name}, step", b.Step, "s")),
                .. sizes.Select(s => new ClaimFigure($"dragonfly over fat-tree at {s.Systems * each:N0}, price of the network", s.Fly!.Network / s.Tree!.Network, "x")),
            ],
            On = [$"{design.Accelerators.Systems} of {design.Accelerators.System.Key}, {design.Job!.Model.Name}, on four fabrics of {design.Fabric.Switch.Key}; fat-tree and dragonfly at {string.Join(", ", sizes.Select(s => $"{s.Systems * each:N0}"))} accelerators"],
            Assumptions = ["the job's parallelism stays; network: switches, modules, cables and fibre at catalogue prices; dragonflies of other sizes as the builder shapes them"],
            Flips =
            [
                new("oversubscription of the fat-tree's leaves", Tapers.Where(t => Cheaper(t)).Select(t => (double?)t).FirstOrDefault(), "",
                    $"of those tried, the first at which the fat-tree costs no more than the dragonfly at {tree.Evaluation.Build.Plan.AcceleratorCount:N0} accelerators"),
                .. sizes.Where(s => !trading.Contains(s)).Take(1).Select(s => new ClaimFlip("accelerators", s.Systems * each, "", "there the dragonfly costs more than the fat-tree")),
            ],
            Weakest = tree.Evaluation.Economics.TotalCapital.Weakest,
        };
    }

    static readonly int[] Sizes = [128, 512, 1024, 2048, 4096];
    static readonly double[] Tapers = [1, 1.5, 2, 3, 4, 5, 6, 7, 8];
}
