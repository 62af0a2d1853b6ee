using System.CommandLine;
using Lightloom.Fabric;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary><c>lightloom fabric analyze DESIGN [--json]</c>: distances, paths, cuts and deadlock.</summary>
static class FabricAnalyzeCommand
{
    const int MostOfCycle = 8;

    public static Command Make()
    {
        var (design, json) = (FabricCommand.Design(), FabricCommand.Json());
        var command = new Command("analyze", "A fabric as a graph: distances, paths, the thinnest cuts, and whether its routings can deadlock.") { design, json };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var input = FabricInput.Load(parsed.GetValue(design)!);
            var structure = FabricStructure.Of(input.Graph);
            if (parsed.GetValue(json)) output.WriteLine(Json(input, structure));
            else Report(new(output), input, structure);
            return CommandRunner.Success;
        }));
        return command;
    }

    static void Report(TextReport report, FabricInput input, FabricStructure s)
    {
        var (graph, hops) = (s.Graph, s.Hops);
        var planes = graph.Plan.Request.Planes;
        report.Title($"{input.Build.Document.Design.Name}: the fabric as a graph");
        report.Say($"{graph.Plan.Topology}: {s.Plane.Routers:N0} {(s.Plane.CardsForward ? "devices that forward" : "switches")} and {graph.Links / planes:N0} links" +
            $"{(planes > 1 ? $" in each of {planes} equal planes; the figures are of one" : "")}.");
        report.Heading("Distances");
        report.Say($"At most {hops.Diameter} links between two {(s.Plane.CardsForward ? "devices that forward" : "switches with cards")}, {hops.MeanBetweenRouters:0.###} on average; " +
            $"{hops.MeanBetweenCards:0.###} on average between those of two cards.");
        report.Table([">links between", ">pairs", ">share"], hops.RouterPairs.Select((pairs, d) => (pairs, d)).Where(p => p.pairs > 0)
            .Select(p => new[] { $"{p.d}", $"{p.pairs / 2:N0}", FabricRouteReport.Percent((double)p.pairs / hops.RouterPairs.Sum()) }));
        if (hops.UnreachablePairs > 0) report.Say($"{hops.UnreachablePairs / 2:N0} pairs are not joined in this plane: they meet in another one, or over the scale-up domain of a system.");
        if (s.Paths is { } paths)
        {
            report.Heading("Ways from one to another");
            report.Say($"Shortest paths: {Count(paths.LeastMinimalPaths)} at least, {Count(paths.MeanMinimalPaths)} on average. Paths without a common link: {paths.LeastDisjointPaths:N0} at least, " +
                $"{paths.MeanDisjointPaths:0.#} on average. {(paths.Exact ? $"Of all {paths.Pairs:N0} pairs" : $"Of {paths.Pairs:N0} pairs drawn at random")}; parallel links count one by one.");
        }
        report.Heading("Cuts, as a share of what the cards of the smaller side inject");
        if (s.Bisection is { } b)
            report.Say($"Halves: {(b.IsExact ? $"{FabricRouteReport.Percent(b.Upper.Si)}, exact" : $"between {FabricRouteReport.Percent(b.Lower.Si)} and {FabricRouteReport.Percent(b.Upper.Si)}")} ({b.Method}).");
        report.Table(["cut", "thinnest", ">cards", ">share"], s.Cuts.Select(c => new[] { c.Name, c.Example, $"{c.Cards:N0}", FabricRouteReport.Percent(c.Share.Si) }));
        report.Say($"All-to-all over all shortest paths gets {FabricRouteReport.Percent(s.UniformThroughput.Si)} of the injection" +
            $"{(s.Uniform.Unroutable.Si > 0 ? $"; {FabricRouteReport.Percent(s.Uniform.Unroutable.Si)} of it has no path here" : "")}.");
        report.Heading("Deadlock, if the fabric is lossless");
        report.Table(["routing", "verdict", ">lanes", "how"], s.Deadlocks.Select(d => new[] { d.Routing, d.IsFree ? "free" : "can deadlock", $"{d.Lanes}", d.Method }));
        foreach (var d in s.Deadlocks.Where(d => !d.IsFree).Take(1))
            report.Say($"For example, under {d.Routing} each of these waits for the next and the last for the first: {Cycle(s, d)}.", 2);
        report.Heading("What it means");
        foreach (var sentence in Meaning(s)) report.Say($"- {sentence}", 2);
    }

    static IEnumerable<string> Meaning(FabricStructure s)
    {
        var upper = s.Bisection?.Upper.Si ?? 1;
        if (upper >= 1 - 1e-9) yield return "No cut into halves holds traffic back: placement of a job hardly matters to its bandwidth.";
        else
        {
            yield return $"When every card talks to a card of the other half, each gets at most {FabricRouteReport.Percent(upper)} of its rate: keep groups that exchange much " +
                "(tensor, expert, context parallel) on one side of the cut and let pipeline stages and data-parallel replicas cross it.";
        }
        if (s.Cuts.Count > 0 && s.Cuts[0].Share.Si < Math.Min(1, upper) - 1e-9)
            yield return $"The thinnest cut here is round {s.Cuts[0].Name} ({s.Cuts[0].Example}): {FabricRouteReport.Percent(s.Cuts[0].Share.Si)} for {s.Cuts[0].Cards:N0} cards; more links out of it would mend that.";
        if (s.Paths is { LeastDisjointPaths: 1 }) yield return "Some switches hang on one link: its loss parts them from the rest until it is repaired.";
        var bound = s.Deadlocks.Where(d => !d.IsFree).ToList();
        if (bound.Count == 0) yield return "Every routing here is free of deadlock on one lane; priority flow control is safe in that respect.";
        else
        {
            var most = bound.MaxBy(d => d.Lanes)!;
            yield return $"{string.Join(", ", bound.Select(d => d.Routing))} can deadlock on a lossless fabric unless packets change lanes: up to {most.Lanes} of them ({most.Method}). " +
                (s.Deadlocks.Any(d => d.IsFree) ? $"{s.Deadlocks.First(d => d.IsFree).Routing} needs none." : "A fabric that may drop packets needs none.");
        }
    }

    static string Count(double paths) => paths < 1e6 ? $"{paths:#,0.#}" : $"{paths:0.##e0}";

    static string Cycle(FabricStructure s, DeadlockVerdict verdict)
    {
        var names = verdict.Cycle.Select(r => s.Graph.NameOf(s.Plane.DeviceOf[r])).ToList();
        return names.Count <= MostOfCycle ? string.Join(" > ", names) : $"{string.Join(" > ", names.Take(MostOfCycle))} > ... ({names.Count:N0} in all)";
    }

    static string Json(FabricInput input, FabricStructure s) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("name", input.Build.Document.Design.Name);
        json.WriteString("topology", s.Graph.Plan.Topology);
        json.WriteNumber("planes", s.Graph.Plan.Request.Planes);
        json.WriteNumber("forwardersPerPlane", s.Plane.Routers);
        json.WriteNumber("diameter_links", s.Hops.Diameter);
        json.WriteNumber("meanBetweenForwarders_links", s.Hops.MeanBetweenRouters);
        json.WriteNumber("meanBetweenCards_links", s.Hops.MeanBetweenCards);
        json.WriteNumber("unreachablePairs", s.Hops.UnreachablePairs);
        json.WriteStartArray("pairsByLinks");
        foreach (var pairs in s.Hops.RouterPairs) json.WriteNumberValue(pairs);
        json.WriteEndArray();
        if (s.Paths is { } paths)
        {
            json.WriteStartObject("paths");
            json.WriteNumber("pairs", paths.Pairs);
            json.WriteBoolean("exact", paths.Exact);
            json.WriteNumber("leastMinimal", paths.LeastMinimalPaths);
            json.WriteNumber("meanMinimal", paths.MeanMinimalPaths);
            json.WriteNumber("leastDisjoint", paths.LeastDisjointPaths);
            json.WriteNumber("meanDisjoint", paths.MeanDisjointPaths);
            json.WriteEndObject();
        }
        if (s.Bisection is { } b)
        {
            json.WriteStartObject("bisection");
            json.WriteNumber("lower_share", b.Lower.Si);
            json.WriteNumber("upper_share", b.Upper.Si);
            json.WriteBoolean("exact", b.IsExact);
            json.WriteString("method", b.Method);
            json.WriteEndObject();
        }
        json.WriteStartArray("cuts");
        foreach (var cut in s.Cuts)
        {
            json.WriteStartObject();
            json.WriteString("cut", cut.Name);
            json.WriteString("example", cut.Example);
            json.WriteNumber("cards", cut.Cards);
            json.WriteNumber("share", cut.Share.Si);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("allToAllThroughput_share", s.UniformThroughput.Si);
        json.WriteNumber("unroutable_share", s.Uniform.Unroutable.Si);
        json.WriteStartArray("deadlock");
        foreach (var d in s.Deadlocks)
        {
            json.WriteStartObject();
            json.WriteString("routing", d.Routing);
            json.WriteBoolean("free", d.IsFree);
            json.WriteNumber("lanes", d.Lanes);
            json.WriteString("method", d.Method);
            json.WriteStartArray("cycle");
            foreach (var r in d.Cycle) json.WriteStringValue(s.Graph.NameOf(s.Plane.DeviceOf[r]));
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
