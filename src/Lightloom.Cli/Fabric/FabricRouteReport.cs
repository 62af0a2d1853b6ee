using System.Text.Json;
using Lightloom.Fabric;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary>Loads of links for people and for machines.</summary>
static class FabricRouteReport
{
    const int MostLinks = 10;

    public static void Write(TextReport report, FabricInput input, LinkLoads loads, IReadOnlyList<(string Name, LinkLoads? Loads, string? Why)> others, ulong? hash)
    {
        var graph = loads.Graph;
        report.Title($"{input.Build.Document.Design.Name}: {loads.Traffic.Name} under {loads.Routing.Name}");
        report.Say($"{graph.Cards:N0} cards want to send {loads.Offered} together. The fullest link would carry {loads.Max:0.###} of what it can, the mean " +
            $"link {loads.Mean:0.###}; slowed alike until they fit, flows get {Percent(loads.Throughput.Si)} of what they ask for. " +
            (hash is { } seed ? $"Each flow has one path, by a hash (seed {seed})." : "Flows are spread over all paths that the routing allows."));
        report.Heading("Load of links, 1 is full");
        report.Table(["", "direction", ">links", ">mean", ">max", ">idle"], loads.Classes.Select(c => new[]
        {
            c.Name, Direction(graph, c), $"{c.Links:N0}", $"{c.Mean:0.000}", $"{c.Max:0.000}", $"{c.Idle:N0}",
        }));
        report.Say($"Half of all links carry at most {loads.Quantile(0.5):0.###}, 99 % at most {loads.Quantile(0.99):0.###}.");
        var most = loads.MostLoaded(MostLinks);
        if (most.Count > 0 && most[0].Load > most[^1].Load * (1 + 1e-9))
        {
            report.Heading("Fullest links");
            report.Table(["from", ">port", "to", ">port", ">load"], most.Select(l => new[]
            {
                graph.NameOf(l.From), $"{graph.PortOf(l.Link, l.From)}", graph.NameOf(l.To), $"{graph.PortOf(l.Link, l.To)}", $"{l.Load:0.000}",
            }));
        }
        if (others.Count > 1)
        {
            report.Heading("The same pattern under each routing");
            report.Table(["routing", ">fullest link", ">mean", ">throughput", ">without path"], others.Where(o => o.Loads is not null).Select(o => new[]
            {
                o.Name, $"{o.Loads!.Max:0.000}", $"{o.Loads.Mean:0.000}", Percent(o.Loads.Throughput.Si), Percent(o.Loads.Unroutable.Si),
            }));
            foreach (var (name, _, why) in others.Where(o => o.Why is not null)) report.Say($"{name}: {why}.", 2);
        }
        report.Heading("What it means");
        foreach (var sentence in Meaning(loads, others)) report.Say($"- {sentence}", 2);
    }

    public static string Json(FabricInput input, LinkLoads loads, IReadOnlyList<(string Name, LinkLoads? Loads, string? Why)> others) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("name", input.Build.Document.Design.Name);
        json.WriteString("pattern", loads.Traffic.Name);
        json.WriteString("routing", loads.Routing.Name);
        Figures(json, loads);
        json.WriteNumber("offered_Gbps", loads.Offered.GigabitsPerSecond);
        json.WriteNumber("medianLoad", loads.Quantile(0.5));
        json.WriteNumber("p99Load", loads.Quantile(0.99));
        json.WriteStartArray("classes");
        foreach (var c in loads.Classes)
        {
            json.WriteStartObject();
            json.WriteString("name", c.Name);
            json.WriteString("direction", c.Upwards ? "up" : "down");
            json.WriteNumber("links", c.Links);
            json.WriteNumber("meanLoad", c.Mean);
            json.WriteNumber("maxLoad", c.Max);
            json.WriteNumber("idle", c.Idle);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("fullest");
        foreach (var l in loads.MostLoaded(MostLinks))
        {
            json.WriteStartObject();
            json.WriteString("from", loads.Graph.NameOf(l.From));
            json.WriteNumber("fromPort", loads.Graph.PortOf(l.Link, l.From));
            json.WriteString("to", loads.Graph.NameOf(l.To));
            json.WriteNumber("toPort", loads.Graph.PortOf(l.Link, l.To));
            json.WriteNumber("load", l.Load);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("routings");
        foreach (var (name, other, why) in others)
        {
            json.WriteStartObject();
            json.WriteString("routing", name);
            if (other is not null) Figures(json, other);
            if (why is not null) json.WriteString("refused", why);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    static void Figures(Utf8JsonWriter json, LinkLoads loads)
    {
        json.WriteNumber("maxLoad", loads.Max);
        json.WriteNumber("meanLoad", loads.Mean);
        json.WriteNumber("throughput_share", loads.Throughput.Si);
        json.WriteNumber("unroutable_share", loads.Unroutable.Si);
    }

    static IEnumerable<string> Meaning(LinkLoads loads, IReadOnlyList<(string Name, LinkLoads? Loads, string? Why)> others)
    {
        var graph = loads.Graph;
        if (loads.Unroutable.Si > 0)
            yield return $"{Percent(loads.Unroutable.Si)} of the traffic is between cards that this fabric does not join: it has to cross the scale-up domain of a system.";
        if (loads.Classes.Count == 0) yield break;
        var fullest = loads.Classes.MaxBy(c => c.Max)!;
        if (loads.Max <= 1 + 1e-9)
        {
            yield return loads.Max > 1 - 1e-9
                ? "No link is asked for more than it carries: every flow runs at its card's full rate, and communication of this pattern is bound by the cards alone."
                : $"No link is asked for more than it carries; the fullest has {Percent(1 - loads.Max)} to spare.";
            yield break;
        }
        yield return $"Communication of this pattern takes {loads.Max:0.##} times as long as its cards alone would need, for as much of it as computation does not hide; " +
            $"the {fullest.Name} links are where it waits.";
        if (fullest.Name == graph.Plan.Links[0].Name)
        {
            yield return "The links of the cards themselves are what is full: no change to the switches helps, only other receivers, more ports or a hierarchical collective.";
            yield break;
        }
        if (fullest.Max <= fullest.Mean * 1.05)
        {
            yield return $"All {fullest.Name} links are about equally full: this is oversubscription, not the routing. {fullest.Max:0.##} times as many of them, or a placement that keeps traffic below them, would mend it.";
        }
        else
        {
            var best = others.Where(o => o.Loads is not null).MinBy(o => o.Loads!.Max);
            var mend = best.Loads is { } better && better.Max < loads.Max * 0.99 ? $"{best.Name} would bring it to {better.Max:0.##}" : "spreading packets over all paths, or another placement, would mend what the routing leaves";
            yield return $"The fullest {fullest.Name} link carries {fullest.Max / Math.Max(1e-12, fullest.Mean):0.#} times the mean of its class: flows meet there while other links have room; {mend}.";
        }
    }

    static string Direction(FabricGraph graph, ClassLoad c)
    {
        var link = graph.Plan.Links.First(l => l.Name == c.Name);
        return link.Lower.Tier == link.Upper.Tier ? c.Upwards ? "to the higher number" : "to the lower number" : c.Upwards ? $"to {link.Upper.Tier}" : $"to {link.Lower.Tier}";
    }

    internal static string Percent(double share) => share is > 0.9995 and < 1 ? "just under 100 %" : share is > 0 and < 0.0005 ? "below 0.1 %" : $"{100 * share:0.#} %";
}
