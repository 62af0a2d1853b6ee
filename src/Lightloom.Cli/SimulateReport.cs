using System.Text.Json;
using Lightloom.Fabric;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Simulation.Flows;

namespace Lightloom.Cli;

/// <summary>What became of traffic, for people and for machines.</summary>
static class SimulateReport
{
    const int MostBottlenecks = 8;

    static readonly (string Name, double Share)[] Shares = [("fastest", 0), ("half of them", 0.5), ("90 %", 0.9), ("99 %", 0.99), ("slowest", 1)];

    public static void Write(TextReport report, string name, TrafficSimulation run)
    {
        var (graph, flows) = (run.Graph, run.Run);
        report.Title($"{name}: {run.Request.Sends.Name}{(flows.IsComplete ? "" : ": PARTIAL, it was stopped")}");
        report.Say($"{run.Completions.Count:N0} of {run.Request.Sends.Count:N0} flows among {graph.Cards:N0} cards arrived in {Duration.FromSeconds(flows.Seconds)}, under {run.Request.Routing.Name} routing, " +
            (run.Request.Paths.HashSeed is { } seed ? $"each on one path by a hash (seed {seed}). " : "spread over all paths that it allows. ") +
            $"A card that sends gets {run.MeanRate} over the whole. Played as {flows.Classes:N0} in {flows.Batches:N0} moments.");
        report.Heading("Completion times");
        report.Table(["", ">time"], [.. Shares.Select(s => new[] { s.Name, Duration.FromSeconds(run.Completions.Quantile(s.Share)).ToString() }),
            ["mean", Duration.FromSeconds(run.Completions.Mean).ToString()]]);
        report.Heading("Load of links over the whole time, 1 is full");
        report.Table(["", "direction", ">links", ">mean", ">fullest", ">peak", ">idle"], Loads(run).Select(l => new[]
        {
            l.Name, l.Direction, $"{l.Links:N0}", $"{l.Mean:0.000}", $"{l.Most:0.000}", $"{l.Peak:0.000}", $"{l.Idle:N0}",
        }));
        report.Heading("What limits flows");
        var bottlenecks = run.Links.Bottlenecks;
        report.Table(["from", "to", ">alike", ">flow time", ">of the time", ">flows at once", ">least rate"], bottlenecks.Take(MostBottlenecks).Select(b => new[]
        {
            graph.NameOf(End(graph, b.Link, false)), graph.NameOf(End(graph, b.Link, true)), $"{b.Links:N0}", Percent(b.LimitedFlowSeconds * b.Links / run.Links.FlowSeconds),
            Percent(b.LimitingSeconds / run.Links.Seconds), $"{b.MostLimited:N0}", Bandwidth.FromBytesPerSecond(b.LeastRate).ToString(),
        }));
        if (bottlenecks.Count > MostBottlenecks)
            report.Say($"and {bottlenecks.Count - MostBottlenecks:N0} more, which limit {Percent(bottlenecks.Skip(MostBottlenecks).Sum(b => b.LimitedFlowSeconds * b.Links) / run.Links.FlowSeconds)} of the flow time; --json has all", 2);
        if (bottlenecks.Count > 0) report.Say($"- {Why(run, bottlenecks[0])}", 2);
    }

    public static string Json(string name, TrafficSimulation run) => EvaluationJson.Text(json =>
    {
        var (graph, flows) = (run.Graph, run.Run);
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("name", name);
        json.WriteString("pattern", run.Request.Sends.Name);
        json.WriteString("engine", "flow");
        json.WriteString("routing", run.Request.Routing.Name);
        json.WriteBoolean("complete", flows.IsComplete);
        json.WriteNumber("flows", run.Request.Sends.Count);
        json.WriteNumber("arrived", run.Completions.Count);
        json.WriteNumber("classes", flows.Classes);
        json.WriteNumber("moments", flows.Batches);
        json.WriteNumber("time_s", flows.Seconds);
        json.WriteNumber("meanRatePerSender_Gbps", run.MeanRate.GigabitsPerSecond);
        json.WriteStartObject("completion");
        json.WriteNumber("min_s", run.Completions.Quantile(0));
        json.WriteNumber("mean_s", run.Completions.Mean);
        json.WriteNumber("p50_s", run.Completions.Quantile(0.5));
        json.WriteNumber("p90_s", run.Completions.Quantile(0.9));
        json.WriteNumber("p99_s", run.Completions.Quantile(0.99));
        json.WriteNumber("max_s", run.Completions.Quantile(1));
        json.WriteEndObject();
        json.WriteStartArray("linkClasses");
        foreach (var l in Loads(run))
        {
            json.WriteStartObject();
            json.WriteString("name", l.Name);
            json.WriteString("direction", l.Direction);
            json.WriteNumber("links", l.Links);
            json.WriteNumber("meanLoad", l.Mean);
            json.WriteNumber("maxLoad", l.Most);
            json.WriteNumber("peakLoad", l.Peak);
            json.WriteNumber("idle", l.Idle);
            json.WriteStartArray("meanLoadOverTime");
            foreach (var value in l.OverTime) json.WriteNumberValue(value);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("bottlenecks");
        foreach (var b in run.Links.Bottlenecks) Bottleneck(json, run, graph, b);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    static void Bottleneck(Utf8JsonWriter json, TrafficSimulation run, FabricGraph graph, LinkUse b)
    {
        json.WriteStartObject();
        json.WriteString("from", graph.NameOf(End(graph, b.Link, false)));
        json.WriteString("to", graph.NameOf(End(graph, b.Link, true)));
        json.WriteNumber("link", b.Link / 2);
        json.WriteNumber("linksAlike", b.Links);
        json.WriteNumber("rate_Gbps", b.BytesPerSecond * 8e-9);
        json.WriteNumber("flowTimeShare", b.LimitedFlowSeconds * b.Links / run.Links.FlowSeconds);
        json.WriteNumber("limiting_s", b.LimitingSeconds);
        json.WriteNumber("flowsAtOnce", b.MostLimited);
        json.WriteNumber("leastRate_Gbps", b.LeastRate * 8e-9);
        json.WriteEndObject();
    }

    /// <summary>Loads by class of links and direction.</summary>
    internal static IReadOnlyList<ClassUse> Loads(TrafficSimulation run)
    {
        var graph = run.Graph;
        var classes = graph.Plan.Links.Count;
        var uses = new ClassUse?[2 * classes];
        for (var d = 0; d < 2 * graph.Links; d++)
        {
            var at = 2 * graph.ClassOf[d / 2] + d % 2;
            var link = graph.Plan.Links[at / 2];
            if (link.Lower.Tier == "management") continue;
            (uses[at] ??= new(link.Name, at % 2 == 0 ? $"{link.Lower.Tier} to {link.Upper.Tier}" : $"{link.Upper.Tier} to {link.Lower.Tier}")).Add(run.Links.Of(d));
        }
        return [.. uses.OfType<ClassUse>()];
    }

    // The device at one end of a directed link: where it comes from, or where it leads.
    internal static int End(FabricGraph graph, int directed, bool head) => directed % 2 == 0 == head ? graph.Upper[directed / 2] : graph.Lower[directed / 2];

    static string Why(TrafficSimulation run, LinkUse most)
    {
        var graph = run.Graph;
        var (from, to) = (End(graph, most.Link, false), End(graph, most.Link, true));
        var share = Percent(most.LimitedFlowSeconds * most.Links / run.Links.FlowSeconds);
        var which = most.Links == 1 ? $"The link from {graph.NameOf(from)} to {graph.NameOf(to)} limits" : $"{most.Links:N0} links like that from {graph.NameOf(from)} to {graph.NameOf(to)} limit";
        var rate = Bandwidth.FromBytesPerSecond(most.BytesPerSecond);
        var why = from < graph.Cards && to >= graph.FirstSwitch ? $"a card can't send more than its {rate}"
            : to < graph.Cards && from >= graph.FirstSwitch ? $"a card can't receive more than its {rate}: others send to it at once"
            : $"paths of several flows meet on its {rate}; other routes, or more such links, would spread them";
        return $"{which} {share} of the flow time, {(most.MostLimited == 1 ? "one flow" : $"up to {most.MostLimited:N0} flows")} at once on {(most.Links == 1 ? "it" : "each")}: {why}.";
    }

    static string Percent(double share) => FormattableString.Invariant($"{100 * share:0.#} %");
}

/// <summary>Loads of the links of one class in one direction.</summary>
sealed class ClassUse(string name, string direction)
{
    double sum;
    double[] overTime = [];

    public string Name { get; } = name;

    public string Direction { get; } = direction;

    public int Links { get; private set; }

    /// <summary>Links that carry nothing.</summary>
    public int Idle { get; private set; }

    /// <summary>The load of the fullest link over the whole time.</summary>
    public double Most { get; private set; }

    /// <summary>The largest load of any link in one part of the time.</summary>
    public double Peak { get; private set; }

    /// <summary>The mean over links and time.</summary>
    public double Mean => sum / Links;

    /// <summary>The mean over links in each part of the time.</summary>
    public IReadOnlyList<double> OverTime => [.. overTime.Select(v => v / Links)];

    public void Add(LinkUse use)
    {
        if (overTime.Length == 0) overTime = new double[use.Load.Count];
        Links++;
        if (use.Bytes == 0)
        {
            Idle++;
            return;
        }
        var own = 0.0;
        for (var b = 0; b < overTime.Length; b++)
        {
            overTime[b] += use.Load[b];
            own += use.Load[b];
            Peak = Math.Max(Peak, use.Load[b]);
        }
        own /= overTime.Length;
        sum += own;
        Most = Math.Max(Most, own);
    }
}
