using System.Text.Json;
using Lightloom.Fabric;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary>Every class of single failures with what it costs, the worst first.</summary>
sealed record FailureTable(IReadOnlyList<(FailureClass Class, FailureImpact Impact)> Rows, int LeftOut)
{
    // A fabric without symmetry has as many classes as parts; those are tried in order until so many have been.
    const int MostClasses = 48;

    public static FailureTable Of(FailureAnalysis analysis)
    {
        var classes = analysis.Classes;
        // Planes, switches and modules first: they are few, and hold the worst.
        var chosen = classes.OrderBy(c => c.Kind switch { "plane" => 0, "switch" => 1, "module" => 2, _ => 3 }).ThenByDescending(c => c.Count).Take(MostClasses);
        var rows = chosen.Select(c => (c, analysis.Of(c.Failed))).OrderBy(r => r.Item2.ThroughputAfter.Si).ThenByDescending(r => r.Item2.CardsCutOff)
            .ThenByDescending(r => r.Item2.LostBeforeRerouting.Si).ToList();
        return new(rows, classes.Count - rows.Count);
    }
}

/// <summary>What failures cost, for people and for machines.</summary>
static class FabricFailReport
{
    public static void Write(TextReport report, FabricInput input, FailureTable table)
    {
        var graph = input.Graph;
        report.Title($"{input.Build.Document.Design.Name}: what single failures cost");
        var before = table.Rows.Count == 0 ? 1 : table.Rows[0].Impact.ThroughputBefore.Si;
        report.Say($"All-to-all over all shortest paths; with nothing down it gets {Percent(before)} of what the cards inject. One of each class speaks for the class.");
        report.Heading("Single failures, the worst first");
        report.Table(["failure", ">parts", ">cut off", ">lose a port", ">lost at first", ">throughput after", ">worst pair after"], table.Rows.Select(r => new[]
        {
            $"{r.Class.Kind} {(r.Class.Name == r.Class.Kind ? "" : r.Class.Name)}".TrimEnd(), $"{r.Class.Count:N0}", $"{r.Impact.CardsCutOff:N0}", $"{r.Impact.CardsThatLoseAPort:N0}",
            Percent(r.Impact.LostBeforeRerouting.Si), Percent(r.Impact.ThroughputAfter.Si), Percent(r.Impact.WorstPairAfterRerouting.Si),
        }));
        report.Say("Lost at first: the share of all-to-all traffic sent into what is down until routes change. After: what the cards that are not cut off get once they have.");
        if (table.LeftOut > 0) report.Say($"{table.LeftOut:N0} more classes were left out: this fabric has little symmetry. --link and --switch tell of any part.");
        report.Heading("What it means");
        foreach (var sentence in Meaning(graph, table)) report.Say($"- {sentence}", 2);
    }

    public static void Write(TextReport report, FabricInput input, string what, FailureImpact impact)
    {
        report.Title($"{input.Build.Document.Design.Name}: {what} down");
        report.Say($"{impact.Links:N0} {(impact.Links == 1 ? "link is" : "links are")} down.");
        report.Heading("Who feels it");
        report.Table(["", ">cards"], (string[][])[["cut off", $"{impact.CardsCutOff:N0}"], ["lose a port", $"{impact.CardsThatLoseAPort:N0}"],
            ["lose a port, or their switch a link", $"{impact.CardsThatLosePaths:N0}"], ["all", $"{input.Graph.Cards:N0}"]]);
        report.Heading("What is left");
        report.Table(["", ">nothing down", ">until routes change", ">after"], (string[][])
        [
            ["all-to-all, of what cards inject", Percent(impact.ThroughputBefore.Si), $"{Percent(impact.LostBeforeRerouting.Si)} lost", Percent(impact.ThroughputAfter.Si)],
            ["the worst pair of cards", "100 %", Percent(impact.WorstPairBeforeRerouting.Si), Percent(impact.WorstPairAfterRerouting.Si)],
        ]);
        report.Heading("What it means");
        foreach (var sentence in Meaning(impact)) report.Say($"- {sentence}", 2);
    }

    public static string Json(FabricInput input, FailureTable table) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("name", input.Build.Document.Design.Name);
        json.WriteNumber("classesLeftOut", table.LeftOut);
        json.WriteStartArray("classes");
        foreach (var (c, impact) in table.Rows)
        {
            json.WriteStartObject();
            json.WriteString("kind", c.Kind);
            json.WriteString("class", c.Name);
            json.WriteNumber("count", c.Count);
            json.WriteString("example", c.Example);
            Figures(json, impact);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static string Json(FabricInput input, string what, FailureImpact impact) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("name", input.Build.Document.Design.Name);
        json.WriteString("failed", what);
        Figures(json, impact);
        json.WriteEndObject();
    });

    static void Figures(Utf8JsonWriter json, FailureImpact impact)
    {
        json.WriteNumber("links", impact.Links);
        json.WriteNumber("cardsCutOff", impact.CardsCutOff);
        json.WriteNumber("cardsThatLoseAPort", impact.CardsThatLoseAPort);
        json.WriteNumber("cardsThatLosePaths", impact.CardsThatLosePaths);
        json.WriteNumber("lostBeforeRerouting_share", impact.LostBeforeRerouting.Si);
        json.WriteNumber("worstPairBeforeRerouting_share", impact.WorstPairBeforeRerouting.Si);
        json.WriteNumber("throughputBefore_share", impact.ThroughputBefore.Si);
        json.WriteNumber("throughputAfter_share", impact.ThroughputAfter.Si);
        json.WriteNumber("worstPairAfterRerouting_share", impact.WorstPairAfterRerouting.Si);
    }

    static IEnumerable<string> Meaning(FabricGraph graph, FailureTable table)
    {
        var stops = table.Rows.Where(r => r.Impact.CardsCutOff > 0).ToList();
        if (stops.Count > 0)
        {
            var worst = stops.MaxBy(r => r.Impact.CardsCutOff);
            yield return $"{stops.Sum(r => r.Class.Count):N0} parts stop a job that spans the fabric when one of them fails, the worst by taking {worst.Impact.CardsCutOff:N0} cards ({Of(worst.Class)}): " +
                "a synchronous job waits for its slowest rank, so it restarts without them.";
            if (graph.Tiers[0].Ports == 1) yield return "Cards have one port each. A second one on another leaf or plane turns a stop into less bandwidth.";
        }
        else
        {
            yield return "No single failure cuts a card off: a job goes on, slower, until the part is replaced.";
        }
        var slow = table.Rows.Where(r => r.Impact.CardsCutOff == 0 && r.Impact.ThroughputLeft.Si < 1 - 1e-9).ToList();
        if (slow.Count > 0)
        {
            var worst = slow.MinBy(r => r.Impact.ThroughputLeft.Si);
            if (worst.Class.Kind is "link" or "module" && worst.Impact.ThroughputLeft.Si < 0.9)
            {
                yield return $"That {Of(worst.Class)} leaves {Percent(worst.Impact.ThroughputLeft.Si)} of all-to-all is the fault of equal shares: other switches still send as much " +
                    "towards the bundle that lost a link as towards whole ones. Weights by what is left (weighted multipath) or adaptive routing would mend it.";
            }
            yield return $"Of those that cut nothing off, {Of(worst.Class)} costs most: {Percent(worst.Impact.ThroughputLeft.Si)} of all-to-all is left, for every rank, since all wait for the fullest link.";
        }
    }

    static IEnumerable<string> Meaning(FailureImpact impact)
    {
        if (impact.CardsCutOff > 0)
            yield return $"A job with a rank on one of the {impact.CardsCutOff:N0} cards that are cut off stops: it restarts without them, or waits for the repair.";
        if (impact.CardsCutOff == 0 && impact.ThroughputLeft.Si < 1 - 1e-9)
            yield return $"A job goes on: communication that fills the fabric takes {1 / Math.Max(1e-9, impact.ThroughputLeft.Si):0.##} times as long for every rank, since all wait for the fullest link.";
        if (impact.CardsCutOff == 0 && impact.ThroughputLeft.Si >= 1 - 1e-9)
            yield return "Once routes have changed, nothing is lost: the links that are left hold all-to-all as before.";
        if (impact.LostBeforeRerouting.Si > 0)
            yield return $"Until routes change, {Percent(impact.LostBeforeRerouting.Si)} of packets are lost and sent again after a timeout; every rank that waits for one of them stalls. " +
                "Quick local repair at the switch, or spraying that avoids paths that lose, keeps that short.";
    }

    static string Of(FailureClass c) => c.Kind == "plane" ? "a plane" : $"a {c.Kind} of class {c.Name}";

    static string Percent(double share) => FabricRouteReport.Percent(share);
}
